"""The closed workload: what it records of a scripted client, and whole runs with Locust's own users."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contracts.run import parse
from contracts.spec import load
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.http.connection import Pool
from load.http.target import parse as target
from load.journeys import ALL
from load.journeys.data_pool import AccountCredentials, DataPool, LoginSession
from load.runs.closed_workload import ClosedUsers

SPEC = load()
Locust = Callable[..., tuple[int, str, str]]


@dataclass
class Response:
    status_code: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    error: Exception | None = None
    told: list[str] = field(default_factory=list)

    def success(self) -> None:
        self.told.append("success")

    def failure(self, reason: str) -> None:
        self.told.append(reason)


class Client:
    """What a FastHttpUser's client looks like to us."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.asked: list[tuple[str, str, Any]] = []

    @contextmanager
    def request(self, method: str, path: str, **more: Any) -> Iterator[Response]:
        self.asked.append((method, path, more))
        yield self.response


def step(response: Response, journey: str = "verifyToken") -> tuple[LoadRecorder, Client]:
    data_pool = DataPool(random.Random(1), name="w0", account=AccountCredentials("", ""))
    data_pool.callers = [LoginSession("s", "token", "r", expires=1 << 62)]
    recorder = LoadRecorder({op.id: 200_000_000 for op in SPEC})
    pool = Pool(target("http://127.0.0.1:1", prefix="/api"))
    executor = RequestExecutor(
        spec=SPEC, pool=pool, data_pool=data_pool, recorder=recorder, report=lambda *_: None
    )
    client = Client(response)
    ClosedUsers(executor, iter([ALL[journey]])).step(client)
    return recorder, client


@pytest.mark.parametrize(
    ("response", "wire", "told"),
    [
        pytest.param(
            Response(401, b'{"code": "X"}'), "verifyToken 401", "401 instead of 200", id="a refusal"
        ),
        pytest.param(
            Response(0, error=ConnectionResetError("gone")), "verifyToken lost", "no answer", id="no answer"
        ),
    ],
)
def test_errors_are_counted_as_such(response: Response, wire: str, told: str) -> None:
    found, client = step(response)
    assert (found.planned, found.requests, found.errors) == (1, 1, 1)
    assert found.wire[wire] >= 1
    assert response.told[0] == told
    method, path, more = client.asked[0]
    assert (method, path) == ("GET", "/api/auth/verify")
    assert more["headers"]["Authorization"] == "Bearer token"


def test_nothing_to_send_with_is_not_sent() -> None:
    found, client = step(Response(200), "getContentItem")
    assert (found.planned, found.requests, found.dropped.total()) == (1, 0, 1)
    assert not client.asked


@pytest.mark.parametrize(
    "processes", [pytest.param((), id="one"), pytest.param(("--processes", "2"), id="two")]
)
def test_a_closed_run_counts_everything_and_judges_nothing(
    processes: tuple[str, ...], server: int, locust: Locust, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    code, _, err = locust(
        "--host", f"http://127.0.0.1:{server}", "--closed", "-u", "20", "--scenario", "steady", "--rate", "80",
        "--duration", "3", "--run-out", str(out), *processes,
    )  # fmt: skip
    assert (code, err) == (0, "")
    (loaded,) = parse(out.read_bytes(), name="run").loads
    grades = {verdict.check: verdict.grade for verdict in loaded.verdicts}
    assert "objective" not in grades
    assert (grades["closed"], grades["ledger"]) == ("ADVISORY", "PASS")
    assert "20 closed users" in loaded.plan
    # Paced by Locust to 80 a second in all; a busy machine may make it fewer.
    assert 20 <= loaded.generator.sent <= 300
