"""Ready tokens: where they may come from, what is refused before the first request, and that they are told to nobody."""

import base64
import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.history import read as calls_of
from contracts.run import parse
from load.scenarios.arrival_plan import PlanError
from load.scenarios.data_files import VARIABLE, accounts, ready_tokens
from tests.fork_server import ForkedCommand
from tests.load.conftest import free_port
from tests.load.scenarios.test_scenario_file import small, written
from tests.waiting import HANG

Locust = Callable[..., tuple[int, str, str]]
OF_SESSIONS = {"login", "refreshTokens", "logout"}


def jwt(**claims: Any) -> str:
    return f"{'e30'}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "accessToken,of\none-1,ada\ntwo-2,bob\n"),
        ("t.csv", "\ufeffaccessToken\r\none-1\r\ntwo-2\r\n"),
        ("t.ndjson", '{"accessToken": "one-1"}\n\n{"accessToken": "two-2", "expiresIn": 900}\n'),
    ],
)
def test_ready_tokens_of_a_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    found = ready_tokens(str(tmp_path / name))
    assert [token.access for token in found] == ["one-1", "two-2"]
    assert [token.place for token in found] == [f"{name}:2", f"{name}:3"] if name == "t.csv" else True
    assert "one-1" not in repr(found)


def test_ready_tokens_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"one-1\n two-2 {jwt(exp=5)} {jwt(exp=10**400)}")
    assert [(token.place, token.ends) for token in ready_tokens(VARIABLE)] == [
        ("TCHAT_TOKENS, token 1", None), ("TCHAT_TOKENS, token 2", None), ("TCHAT_TOKENS, token 3", 5.0),
        ("TCHAT_TOKENS, token 4", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("t.csv", "token\nsecret-1\n", "t.csv:2: a token needs the column accessToken"),
        ("t.csv", "accessToken,of\n,ada\n", "t.csv:2: a token needs the column accessToken"),
        ("t.csv", "accessToken\nBearer secret-1\n", "t.csv:2: accessToken is no bearer token"),
        ("t.csv", 'accessToken\n"secret\r\nX: y"\n', "accessToken is no bearer token"),
        ("t.csv", "accessToken\n", "there is no token in it"),
        ("t.ndjson", "secret-1\n", "t.ndjson:1: not JSON"),
        ("t.ndjson", '["secret-1"]\n', "t.ndjson:1: not an object"),
    ],
)
def test_a_file_of_tokens_that_is_none(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text, newline="")
    with pytest.raises(PlanError) as refused:
        ready_tokens(str(tmp_path / name))
    assert told in str(refused.value) and "secret" not in str(refused.value)


def test_accounts_come_as_ndjson_too(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"email": "a@b.example", "password": "x"}\n')
    assert [one.email for one in accounts(str(tmp_path / "a.ndjson"))] == ["a@b.example"]


def logged_in(server: int) -> str:
    body = json.dumps({"email": "demo@tchat.com", "password": "demo-password"}).encode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server}/api/auth/login", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=HANG) as answer:
        return str(json.loads(answer.read())["tokens"]["accessToken"])


@pytest.mark.parametrize("given", ["scenario file", "option", "environment", "two processes", "own users"])
def test_a_run_speaks_for_ready_tokens_and_tells_them_to_nobody(
    server: int, start: Callable[..., ForkedCommand], tmp_path: Path, given: str
) -> None:
    tokens = [logged_in(server) for _ in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(("accessToken", *tokens)))
    document, words, environment = small(), [], {}
    match given:
        case "scenario file" | "two processes":
            document["tokens"] = "t.csv"
            words = ["--processes", "2"] if given == "two processes" else []
        case "environment":
            environment = {VARIABLE: " ".join(tokens)}
        case _:
            words = ["--tokens", str(tmp_path / "t.csv")]
    if given == "own users":
        mine = tmp_path / "mine.py"
        mine.write_text(
            "from load import locustfile as load\nfrom locust import constant, task\n"
            "class Reader(load.ApiUser):\n    wait_time = constant(0.1)\n    @task\n"
            "    def look(self): self.call('getContentItems')\n"
        )
        words += ["-f", str(mine), "-u", "3", "-t", "1"]
    else:
        words += ["--scenario-file", str(written(tmp_path, document))]
    outputs = [tmp_path / name for name in ("run.json", "calls.ndjson", "samples.csv.gz")]
    process = start(
        "--headless", "--host", f"http://127.0.0.1:{server}", *words, "--run-out", str(outputs[0]),
        "--history-out", str(outputs[1]), "--samples", str(outputs[2]), "--report", str(tmp_path / "report"), "-L", "DEBUG", **environment,
    )  # fmt: skip
    out, err = process.communicate(timeout=HANG)
    assert process.returncode in (0, 2), err
    (made,) = parse(outputs[0].read_bytes(), name="run.json").loads
    ledger = next(verdict for verdict in made.verdicts if verdict.check == "ledger")
    assert ledger.grade == "PASS" and not any(row.errors for row in made.operations)
    calls = list(calls_of(outputs[1].read_bytes().splitlines()))
    assert not {call.operation for call in calls} & OF_SESSIONS
    speakers = {call.facts["session"].partition(" ")[2] for call in calls}
    assert len(speakers) == 3, speakers
    told = [
        out,
        err,
        *(
            path.read_text("latin-1")
            for path in tmp_path.rglob("*")
            if path.is_file() and path.name != "t.csv"
        ),
    ]
    for token in tokens:
        assert not any(token in text or token.split(".")[2] in text for text in told)


@pytest.mark.parametrize(
    ("token", "code", "told"),
    [
        pytest.param("no-such-token", 2, "TCHAT_TOKENS, token 1: the target does not take this token (401)", id="not the target's"),
        pytest.param(jwt(exp=time.time() - 60), 64, "s ago (its exp), and the run", id="it has ended"),
        pytest.param(jwt(exp=time.time() + 900), 64, "and the run takes 1800 s", id="it ends before the run does"),
    ],
)  # fmt: skip
def test_a_token_that_is_not_good_is_refused_before_the_run(
    server: int, locust: Locust, token: str, code: int, told: str
) -> None:
    found, _, err = locust("--host", f"http://127.0.0.1:{server}", "--scenario", "soak", **{VARIABLE: token})
    assert (found, err.count("\n")) == (code, 1), err
    assert told in err and token not in err


def test_a_worker_without_the_tokens_ends_the_run_with_its_line(
    server: int, start: Callable[..., ForkedCommand]
) -> None:
    """The coordinator's machine has them, the worker's has not."""
    host, port = ("--host", f"http://127.0.0.1:{server}"), str(free_port())
    master = start(
        "--headless", *host, "--scenario", "smoke", "--master", "--expect-workers", "1", "--master-bind-port", port,
        TCHAT_TOKENS=logged_in(server),
    )  # fmt: skip
    worker = start(*host, "--worker", "--master-port", port)
    try:
        _, err = master.communicate(timeout=HANG)
        assert (master.returncode, err) == (64, "TCHAT_TOKENS: there is no token in it\n")
    finally:
        worker.kill()
        worker.communicate()
