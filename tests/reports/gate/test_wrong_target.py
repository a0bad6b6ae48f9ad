"""What answers at the URL may not be this API, or may not know the account: one reason, at once, and never a FAIL."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from reports.bounded_http import HttpBounds
from reports.commands.gate_command import decide
from reports.gate import target_probe
from tests.reports.gate.gate_harness import GateHarness, only_run, reasons
from tests.suite.foreign.foreign_document import document

PROBLEM = "application/problem+json"


@contextmanager
def answering(status: int, kind: str, **headers: str) -> Iterator[str]:
    """A server that gives one answer to everything; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            for name, value in {"content-type": kind, "content-length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "kind", "check"),
    [
        pytest.param(200, "application/json", "", id="let in"),
        pytest.param(401, PROBLEM, "run.account", id="wrong password"),
        pytest.param(401, "text/html", "run.account", id="wrong password, in a proxy's words"),
        pytest.param(404, "text/html; charset=utf-8", "run.target", id="a file server"),
        pytest.param(501, "text/html", "run.target", id="takes no POST"),
        pytest.param(500, "text/html", "", id="may be its own fault"),
        pytest.param(200, "text/html", "run.target", id="a page"),
        pytest.param(404, PROBLEM, "run.target", id="this API without its login, or a wrong path"),
        pytest.param(400, "application/json", "", id="this API, wrong"),
        pytest.param(429, "text/plain", "", id="limited, for which the parts wait"),
        pytest.param(503, "text/html", "", id="down"),
    ],
)
def test_a_wrong_target_is_found_by_one_login(status: int, kind: str, check: str) -> None:
    with answering(status, kind) as url:
        found = target_probe.wrong_target(url, "me@example.org", "x", HttpBounds())
    assert (found[0] if found else "") == check


@pytest.mark.parametrize(
    ("paths", "target", "login"),
    [
        pytest.param("/api{}/", "", "/api/auth/login/", id="a slash at the end"),
        pytest.param("/v1{}", "", "/v1/auth/login", id="a prefix"),
        pytest.param("/v1{}", "/here", "/here/auth/login", id="a prefix, and a path of the target's own"),
    ],
)
def test_the_login_is_that_of_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: str, target: str, login: str
) -> None:
    theirs = document()
    theirs["paths"] = {paths.format(path.removeprefix("/v1")): item for path, item in theirs["paths"].items()}
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(theirs))
    monkeypatch.setenv("TCHAT_SPEC", str(file))
    with answering(404, "text/html") as url:
        found = target_probe.wrong_target(f"{url}{target}", "me@example.org", "x", HttpBounds())
    assert found is not None and f"POST {login} is 404 text/html" in found[2]


def test_a_redirect_says_where_to() -> None:
    with answering(308, "text/plain", location="https://tchat.example/api/auth/login") as url:
        found = target_probe.wrong_target(url, target_probe.DEMO_EMAIL, "x", HttpBounds())
    assert found is not None and found[2] == (
        "the target answers, but not as this API: POST /api/auth/login is 308 text/plain "
        "to https://tchat.example/api/auth/login; is its URL, with its path, the right one?"
    )


def test_nobody_there_is_for_others_to_tell() -> None:
    assert target_probe.wrong_target("http://127.0.0.1:1", "a@b.c", "x", HttpBounds()) is None


@pytest.mark.parametrize("target", ["http://127.0.0.1:1", ""])
def test_a_round_trip_is_measured_where_there_is_an_answer(target: str) -> None:
    with answering(405, PROBLEM) as url:
        trip = target_probe.round_trip(target or url, HttpBounds())
    assert trip == 0 if target else 0 < trip < target_probe.FARTHEST


def test_a_stranger_ends_the_gate_before_any_part(tmp_path: Path) -> None:
    stage = GateHarness(tmp_path)
    with answering(401, PROBLEM) as url:
        plan = stage.plan(stage.part("contracts", "sys.exit(3)"), stage.part("load", "sys.exit(3)"))
        assert decide(replace(plan, target=url)) is ExitCode.UNKNOWN
    assert reasons(only_run(plan.out)) == {
        "run.account": f"the target refuses to log in demo@tchat.com (401 {PROBLEM}): "
        "TCHAT_EMAIL and TCHAT_PASSWORD name an account with every permission",
        "part.contracts": "never started: see run.account",
        "part.load": "never started: see run.account",
    }
