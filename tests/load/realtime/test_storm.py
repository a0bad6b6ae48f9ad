"""The storm end to end: on a good server it passes, and each planted defect turns exactly its check red.

Everything runs as a user runs it, in processes: the storm patches its standard library for gevent, and the
proxy and the server must not share its thread.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.run import Run, parse
from contracts.verdict import Grade, Verdict
from load.results.run_builder import EXIT
from tests.fork_server import command


@contextmanager
def server(defect: str = "") -> Iterator[str]:
    process = command("tests.load.realtime.api_server", defect)
    try:
        yield f"http://127.0.0.1:{process.line().strip()}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def storm(*arguments: str, password: str = "demo-password") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TCHAT_PASSWORD": password}
    return command("load.realtime", *arguments, environment=environment).completed()


def report(host: str, out: Path, *arguments: str, scale: str = "0.02") -> Run:
    done = storm("--host", host, "--run-out", str(out), "--clients", "8", "--time-scale", scale, *arguments)
    assert done.stderr == ""
    run = parse(out.read_bytes(), name=out.name)
    assert done.returncode == EXIT[run.grade]
    return run


def red(run: Run) -> set[str]:
    """What is wrong, but for mere slowness: server, proxy and clients share this machine with whoever else uses it. That
    slowness is judged is for `test_measure` to show, which knows how late everything is. A heartbeat that has no answer after 1 s
    of such a machine is slow too."""
    return {verdict.check for verdict in run.all_verdicts() if verdict.grade and not slow(verdict)}


def slow(verdict: Verdict) -> bool:
    if verdict.check == "realtime.heartbeat":
        return not any(verdict.evidence[wrong] for wrong in ("duplicated", "reordered"))
    return verdict.check == "reconnect.handshake"


@pytest.fixture(scope="module")
def good() -> Iterator[str]:
    with server() as host:
        yield host


def test_every_policy_through_a_kill_and_a_graceful_stop(good: str, tmp_path: Path) -> None:
    # No attempt is within 2 s of the return; at this scale a machine may dawdle for 200 ms and change nothing.
    run = report(good, tmp_path / "run.json", scale="0.1")
    assert red(run) == set()
    fates = {
        (r.policy, r.fault.split(",")[0]): (r.recovered, r.given_up, r.never_tried) for r in run.reconnects
    }
    assert fates == {
        ("guide-documented", "kill"): (8, 0, 0),
        ("guide-as-written", "kill"): (8, 0, 0),
        ("guide-fixed", "kill"): (8, 0, 0),
        ("guide-documented", "graceful"): (0, 0, 8),
        ("guide-as-written", "graceful"): (0, 0, 8),
        ("guide-fixed", "graceful"): (8, 0, 0),
    }
    kill = {r.policy: r for r in run.reconnects if r.fault.startswith("kill")}
    assert kill["guide-documented"].attempts == {"4": 8} and kill["guide-documented"].sockets_per_client == {
        "1": 8
    }
    assert kill["guide-as-written"].attempts == {"9": 8} and kill["guide-as-written"].sockets_per_client == {
        "5": 8
    }
    assert kill["guide-fixed"].sockets_per_client == {"1": 8}
    assert {p: (r.events_missed, r.events_recovered_by_sync) for p, r in kill.items()} == {
        "guide-documented": (24, 0),
        "guide-as-written": (24, 0),
        "guide-fixed": (24, 24),
    }
    assert {finding.id: finding.number for finding in run.findings} == {
        "CF-1": "8/8 never tried",
        "CF-2": "5.0 sockets per client",
        "CF-8": "100% in 100 ms",
        "CF-9": "24 events missed, 0 recovered",
    }
    assert all(r.timeline and r.timeline[-1][1] == sum(int(s) * n for s, n in r.sockets_per_client.items())
               for r in run.reconnects)  # fmt: skip
    assert "good-token" not in run.model_dump_json() and "demo-password" not in run.model_dump_json()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(
            "half-open=5", {"guide-as-written": (0, 0, 8), "guide-fixed": (8, 0, 0)}, id="half-open"
        ),
        pytest.param(
            "blackhole=12", {"guide-documented": (8, 0, 0), "guide-fixed": (8, 0, 0)}, id="blackhole"
        ),
        pytest.param("hang=12", {"guide-documented": (8, 0, 0), "guide-fixed": (8, 0, 0)}, id="hang"),
        pytest.param("flap=20", {"guide-documented": (8, 0, 0), "guide-fixed": (8, 0, 0)}, id="flap"),
        pytest.param(
            "refuse=60", {"guide-as-written": (0, 8, 0), "guide-fixed": (8, 0, 0)}, id="refuse for 60 s"
        ),
    ],
)
def test_faults(good: str, tmp_path: Path, fault: str, expected: dict[str, tuple[int, int, int]]) -> None:
    policies = [part for policy in expected for part in ("--policy", policy)]
    run = report(good, tmp_path / "run.json", "--outage", fault, *policies)
    assert {r.policy: (r.recovered, r.given_up, r.never_tried) for r in run.reconnects} == expected
    assert red(run) == set()


CONSEQUENCES = {
    "mute-heartbeat": {"reconnect.recovers"},
    "refuses-reconnect": {"reconnect.recovers", "reconnect.sync"},
}
"""What a defect may turn red beside its own check, by how busy the machine is: a client that waits for answers leaves a
server that gives none, and one that was refused may be on its way at the end, with its events still unread."""


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        ("accepts-any-token", "realtime.invalid-token"),
        ("mute-heartbeat", "realtime.heartbeat"),
        ("echo-twice", "realtime.heartbeat"),
        ("loses-in-sync", "reconnect.sync"),
        ("sync-fails", "reconnect.sync"),
        ("refuses-reconnect", "reconnect.accepted"),
        ("skips-a-socket", "realtime.delivery"),
    ],
)
def test_a_planted_defect_turns_its_check_red(tmp_path: Path, defect: str, check: str) -> None:
    with server(defect) as host:
        run = report(host, tmp_path / "run.json", "--policy", "guide-fixed", "--outage", "kill=5")
    assert run.grade is Grade.FAIL and check in {
        verdict.check for verdict in run.all_verdicts() if verdict.grade
    }
    assert red(run) <= {check, *CONSEQUENCES.get(defect, ())}


def test_a_version_that_does_not_increase_is_out_of_order(tmp_path: Path) -> None:
    with server("old-version-again") as host:
        run = report(host, tmp_path / "run.json", "--policy", "guide-fixed", "--outage", "kill=5")
    assert run.grade is Grade.FAIL and {"realtime.delivery"} <= red(run)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param([], 64, "no target", id="no host"),
        pytest.param(["--host", "ftp://x"], 64, "is not an http(s) URL", id="not a URL"),
        pytest.param(
            ["--host", "http://api.example"], 64, "is not this machine", id="somebody else's machine"
        ),
        pytest.param(
            ["--host", "http://127.0.0.1:1"],
            69,
            "does not answer: Connection refused; start it",
            id="nobody there",
        ),
        pytest.param(
            ["--host", "http://127.0.0.1:1", "--outage", "flood"], 64, "'flood' is none of", id="fault"
        ),
        pytest.param(["--host", "http://127.0.0.1:1", "--clients", "0"], 64, "at least 1", id="no clients"),
        pytest.param(
            ["--host", "http://127.0.0.1:1", "--run-out", "load"], 64, "--run-out load cannot", id="a folder"
        ),
        pytest.param(
            ["--simulate", "5", "--run-out", "run.json"], 64, "--simulate asks no target", id="no result"
        ),
    ],
)
def test_errors_are_one_line(arguments: list[str], code: int, message: str) -> None:
    done = storm(*arguments)
    assert done.returncode == code and message in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_refused_login_is_nobodys_known_mistake(good: str) -> None:
    done = storm("--host", good, password="wrong")
    assert done.returncode == 2 and "refuses to log in" in done.stderr and "wrong" not in done.stderr


def test_the_simulator_on_the_command_line() -> None:
    done = storm("--simulate", "50", "--outage", "kill=60")
    head, outage, *rows = done.stdout.splitlines()
    assert (done.returncode, outage) == (0, "kill for 60 s, 50 clients:")
    assert max(map(len, (head, *rows))) <= 80
    assert {name: fates[:3] for name, *fates in map(str.split, rows)} == {
        "guide-documented": ["50", "0", "0"],
        "guide-as-written": ["0", "50", "0"],
        "guide-fixed": ["50", "0", "0"],
    }
