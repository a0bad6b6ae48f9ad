"""The scenario `reconnect`: as the gate starts it, and its course alone with storms that are functions."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.command.exit_code import ExitCode
from contracts.run import Run, parse
from contracts.spec import load
from load.http.target import parse as target
from load.proxy.process import ProxyError
from load.realtime.storm.storm_api import ApiError
from load.realtime.storm.storm_scenario import StopStorms, StormOptions
from load.results.run_outputs import Outputs
from load.runs.sockets.reconnect import ReconnectRun
from tests.fork_server import ForkedCommand
from tests.load.relay import Relay
from tests.waiting import HANG, until

SPEC = load()
Locust = Callable[..., tuple[int, str, str]]
QUICK = ("--scenario", "reconnect", "--clients", "6", "--time-scale", "0.02")


def result(path: Path) -> Run:
    return parse(path.read_bytes(), name=path.name)


def checks(run: Run) -> dict[str, str]:
    return {verdict.check: verdict.grade.name for verdict in run.all_verdicts()}


def test_every_policy_goes_through_every_outage(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "parts" / "reconnect.json"
    host = f"http://127.0.0.1:{server}"
    code, printed, err = locust(
        "--host", host, *QUICK, "--run-out", str(out), "--seed", "7", "--run-time", "60s"
    )
    assert (code, err) == (0, "")
    run = result(out)
    assert {(r.policy, r.fault.partition(",")[0]) for r in run.reconnects} == {
        (policy, fault)
        for policy in ("guide-documented", "guide-as-written", "guide-fixed")
        for fault in ("kill", "graceful")
    }
    assert (run.seed, run.target) == (7, f"{host}/api")
    assert run.spec is not None and run.spec.digest == SPEC.digest
    assert "verdict: PASS" in printed


def test_policies_and_outages_can_be_chosen(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    chosen = ("--policies", "guide-fixed", "--outages", "graceful=2")
    assert locust("--host", f"http://127.0.0.1:{server}", *QUICK, *chosen, "--run-out", str(out))[0] == 0
    assert [(r.policy, r.clients) for r in result(out).reconnects] == [("guide-fixed", 6)]


def test_storms_without_time_are_not_passed_over(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    code = locust(
        "--host", f"http://127.0.0.1:{server}", *QUICK, "--duration", "0.01", "--run-out", str(out)
    )[0]
    assert code == 2
    run = result(out)
    assert len(run.reconnects) < 6
    assert checks(run)["reconnect.run"] == "UNKNOWN"


def test_refused_credentials_are_nobodys_known_mistake(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    host = f"http://127.0.0.1:{server}"
    code, _, err = locust("--host", host, *QUICK, "--run-out", str(out), TCHAT_EMAIL="nobody@tchat.com")
    assert (code, err.count("\n")) == (2, 1)
    assert checks(result(out)) == {"reconnect.run": "UNKNOWN"}


def test_an_interrupted_run_says_what_it_knows(
    server: int, start: Callable[..., ForkedCommand], tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    # An outage of 600 client seconds at full scale: it ends by the interrupt or not at all.
    slow = ("--scenario", "reconnect", "--clients", "3", "--time-scale", "1", "--outages", "kill=600")
    with Relay(server) as relay:
        process = start("--headless", "--host", relay.url, *slow, "--run-out", str(out))
        until(lambda: any(line.startswith("PUT ") for line in relay.requests))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=HANG)
    run = result(out)
    assert process.returncode == 2
    assert checks(run)["realtime.invalid-token"] == "PASS"
    (cut,) = [verdict for verdict in run.verdicts if verdict.check == "reconnect.run"]
    assert (cut.grade, cut.evidence) == ("UNKNOWN", {"done": 0, "planned": 3})


# The course alone


def course(storms: Callable[..., Run], tmp_path: Path) -> ReconnectRun:
    options = StormOptions(email="a@b.example", password="secret")
    where = target("http://127.0.0.1:1", prefix="/api")
    return ReconnectRun(SPEC, where, options, outputs=Outputs(run=tmp_path / "run.json"), storms=storms)


@pytest.mark.parametrize(
    ("error", "code", "grade"),
    [
        pytest.param(ApiError("no", ExitCode.UNREACHABLE), 69, "UNKNOWN", id="nobody answers"),
        pytest.param(ApiError("no", ExitCode.UNKNOWN), 2, "UNKNOWN", id="nobody knows whose mistake"),
        pytest.param(ApiError("no"), 1, "FAIL", id="a wrong answer"),
        pytest.param(ProxyError("no"), 70, "UNKNOWN", id="our own proxy"),
    ],
)
def test_who_is_at_fault_decides_the_code(
    error: Exception, code: int, grade: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def storms(*_: Any, **__: Any) -> Run:
        raise error

    made = course(storms, tmp_path)
    made.execute(["local"])
    assert (made.code, checks(result(tmp_path / "run.json"))) == (code, {"reconnect.run": grade})
    assert capsys.readouterr().err == "no\n"


def test_a_stop_before_the_first_step_is_written_too(tmp_path: Path) -> None:
    def storms(*_: Any, **__: Any) -> Run:
        raise StopStorms

    made = course(storms, tmp_path)
    made.execute(["local"])
    assert (made.code, checks(result(tmp_path / "run.json"))) == (2, {"reconnect.run": "UNKNOWN"})
