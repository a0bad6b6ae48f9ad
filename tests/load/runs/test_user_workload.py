"""Whole runs with Locust's own users: counts that agree with the server's, and faults that turn the right check red."""

import json
import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from contracts.history import read
from contracts.run import Run, parse
from contracts.spec import load
from tests.fork_server import ForkedCommand, reference_server
from tests.load.conftest import free_port
from tests.load.relay import Relay
from tests.load.runs.test_locust_run import operations
from tests.waiting import HANG, until

Locust = Callable[..., tuple[int, str, str]]
Start = Callable[..., ForkedCommand]
SPEC = load()
CROWD = ("--keep-data", "-u", "6", "-r", "50", "--think", "0.1")
SHORT = (*CROWD, "-t", "2")
LENGTHS = (2, 8, 32)
"""Seconds. In two, six people take about 150 steps; on a machine that is busy they may not come to the one that matters."""


def result(path: Path) -> Run:
    return parse(path.read_bytes(), name=path.name)


def counted(relay: Relay) -> Counter[str]:
    """Requests by operation, handshakes left out."""
    return operations(Counter({line: n for line, n in relay.requests.items() if not line.endswith("/ws")}))


def reds(run: Run) -> set[str]:
    """The checks without a good verdict, but for the latency objective: a server on a busy machine is slow."""
    bad = {verdict.check for verdict in run.all_verdicts() if verdict.grade.name in ("FAIL", "UNKNOWN")}
    return bad - {"objective"}


@pytest.mark.parametrize(
    ("words", "scenario", "people"),
    [
        pytest.param(("--scenario", "web"), "web", {"web / guide-exact": 3, "web / guide-intended": 3}, id="web"),
        pytest.param(
            ("--client-profile", "guide-exact", "IosUser", "AndroidUser"), "ios+android",
            {"ios / guide-exact": 3, "android / guide-exact": 3}, id="two classes by name",
        ),
        pytest.param(
            ("--scenario", "web", "--processes", "2", "--client-profile", "guide-intended"), "web",
            {"web / guide-intended": 6}, id="two processes",
        ),
    ],
)  # fmt: skip
def test_client_and_server_count_the_same(
    words: tuple[str, ...], scenario: str, people: dict[str, int], server: int, locust: Locust, tmp_path: Path
) -> None:
    out, calls = tmp_path / "run.json", tmp_path / "history.ndjson"
    words = ("--run-out", str(out), "--history-out", str(calls), *CROWD, *words)
    for seconds in LENGTHS:
        with Relay(server) as relay:
            code, told, err = locust("--host", relay.url, "-t", str(seconds), *words)
            served = counted(relay)
        run = result(out)
        if not reds(run):
            break
    (loaded,) = run.loads
    assert (err, loaded.scenario, reds(run)) == ("", scenario, set()), f"exit code {code}"
    assert Counter(call.operation for call in read(calls.read_bytes().splitlines())) == served
    greetings = 2 if "--processes" in words else 1
    rows = {row.operation: row.answered + row.errors for row in loaded.operations}
    assert rows == served - Counter(login=greetings)
    found = {v.subject: v.evidence["people"] for v in loaded.verdicts if v.check == "people"}
    assert found == people
    assert all(f"{name}: " in told for name in people)


def test_sockets_of_two_processes(server: int, locust: Locust, tmp_path: Path) -> None:
    out, calls = tmp_path / "run.json", tmp_path / "history.ndjson"
    for seconds in LENGTHS:
        with Relay(server) as relay:
            _, _, err = locust(
                "--host", relay.url, "--scenario", "realtime", "--processes", "2", "--run-out", str(out),
                "--history-out", str(calls), *CROWD, "-t", str(seconds),
            )  # fmt: skip
            handshakes = sum(n for line, n in relay.requests.items() if line.endswith("/ws"))
            served = counted(relay)
        (loaded,) = result(out).loads
        rows = {row.operation: row for row in loaded.operations}
        if not reds(result(out)) and rows.keys() >= {"ws.connect", "ws.event", "ws.heartbeat"}:
            break
    assert (err, reds(result(out))) == ("", set())
    # One that is still on its way when its user leaves is nobody's failure and not counted.
    assert 6 <= rows["ws.connect"].answered <= handshakes
    assert rows["ws.event"].answered and rows["ws.heartbeat"].answered
    history = Counter(call.operation for call in read(calls.read_bytes().splitlines()))
    sockets = {name: history.pop(name) for name in ("socket.open", "socket.event", "socket.close")}
    assert history == served
    assert sockets["socket.open"] == sockets["socket.close"] == rows["ws.connect"].answered
    checks = {verdict.check: verdict for verdict in loaded.verdicts}
    assert checks["events"].grade == checks["realtime.heartbeat"].grade == "PASS"
    assert {v.subject for v in loaded.verdicts if v.check == "people.sockets"} == {
        "guide-documented", "guide-as-written", "guide-fixed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "scenario", "check"),
    [
        pytest.param("ws-event-lost:every=3", "realtime", "events", id="an event is lost"),
        pytest.param("ws-heartbeat-dead", "realtime", "realtime.heartbeat", id="nobody answers heartbeats"),
        pytest.param("za-02-required-missing", "web", "answers", id="an answer lacks a member"),
    ],
)
def test_a_fault_turns_its_check_red(
    fault: str, scenario: str, check: str, locust: Locust, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    words = ("--scenario", scenario, "--run-out", str(out), *CROWD)
    for seconds in LENGTHS:
        with reference_server("--items", "20", "--fault", fault) as faulty:
            code, _, err = locust("--host", faulty.url, *words, "-t", str(seconds))
        if code == 1:
            break
    assert (code, err) == (1, "")
    assert check in {verdict.check for verdict in result(out).all_verdicts() if verdict.grade.name == "FAIL"}


def test_tags_choose_what_people_do(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    host = f"http://127.0.0.1:{server}"
    _, _, err = locust("--host", host, "--run-out", str(out), *SHORT, "WebUser", "--tags", "read")
    assert (err, reds(result(out))) == ("", set())
    methods = {
        SPEC[row.operation].method for row in result(out).loads[0].operations if row.operation != "login"
    }
    assert methods == {"GET"}


def test_people_who_are_interrupted_say_what_they_know(server: int, start: Start, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = start(
            "--headless", "--host", relay.url, "--scenario", "realtime", "--run-out", str(out), "-u", "6", "-r", "50",
            "--think", "0.1", "--keep-data",
        )  # fmt: skip
        until(lambda: relay.requests.total() >= 40)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=HANG)
        served = counted(relay)
    run = result(out)
    (loaded,) = run.loads
    assert [verdict.check for verdict in run.verdicts] == ["run"]
    (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
    assert ledger.grade == "PASS", ledger.reason
    sockets = sum(row.answered + row.errors for row in loaded.operations if row.operation.startswith("ws."))
    assert loaded.generator.sent - sockets + 1 == served.total()


class Page:
    """Locust's web page, as a browser uses it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, form: Sequence[tuple[str, str]] | None = None) -> Any:
        data = None if form is None else urlencode(form).encode()
        with urllib.request.urlopen(f"{self.url}{path}", data=data, timeout=HANG) as response:
            return json.loads(response.read())

    def wait(self, path: str, holds: Callable[[Any], bool]) -> Any:
        """What it shows when it has come so far."""
        found: Any = None

        def shown() -> bool:
            nonlocal found
            with suppress(OSError):  # it is not up yet
                found = self.ask(path)
                return holds(found)
            return False

        until(shown)
        return found


def busy(found: Any) -> bool:
    return found["state"] == "running" and found["stats"][-1]["num_requests"] > 30


@pytest.mark.parametrize(
    "processes",
    [
        pytest.param((), id="one"),
        pytest.param(
            ("--processes", "2", "--master-port", "PORT", "--master-bind-port", "PORT"), id="two, on a port"
        ),
    ],
)
def test_people_picked_in_the_web_page(
    processes: tuple[str, ...], server: int, start: Start, tmp_path: Path
) -> None:
    out, port, meeting = tmp_path / "run.json", free_port(), str(free_port())
    process = start(
        "--web-host", "127.0.0.1", "--web-port", str(port), "--class-picker", "--think", "0.1", "--run-out", str(out),
        "--host", f"http://127.0.0.1:{server}", *(word.replace("PORT", meeting) for word in processes),
    )  # fmt: skip
    page = Page(port)
    form = [("user_count", "4"), ("spawn_rate", "50"), ("host", f"http://127.0.0.1:{server}")]
    try:
        ready = len(processes) and 2
        page.wait("/stats/requests", lambda found: len(found.get("workers", ())) >= ready)
        for picked, scenario in ((("WebUser", "IosUser"), "web+ios"), (("RealtimeUser",), "realtime")):
            out.unlink(missing_ok=True)
            assert page.ask("/swarm", [*form, *(("user_classes", name) for name in picked)])["success"]
            shown = page.wait("/stats/requests", busy)
            page.ask("/stop", [])
            run = result(out)
            assert run.loads[0].scenario == scenario
            assert [f"{v.check}: {v.reason}" for v in run.all_verdicts() if v.check in reds(run)] == []
            names = {row["name"] for row in shown["stats"]}
            assert {"/auth/login", "POST /auth/login"} & names
            assert ("connect" in names) is (scenario == "realtime")
            page.wait("/stats/requests", lambda found: found["state"] in ("stopped", "ready"))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=HANG)
