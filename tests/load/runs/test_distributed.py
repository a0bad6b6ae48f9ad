"""Runs of several load processes: their totals add up, one that is lost is no fault of the target, one that comes late takes its share."""

from __future__ import annotations

import os
import re
import signal
import socket
from importlib.metadata import version
from pathlib import Path

import msgpack
import zmq

from load.runs.run_config import RunConfig
from tests.fork_server import ForkedCommand
from tests.load.conftest import free_port
from tests.load.relay import Relay
from tests.load.runs.test_locust_run import IN_RUN, Locust, Start, operations, result
from tests.waiting import HANG, until


def test_two_runs_with_processes_do_not_meet(server: int, start: Start, tmp_path: Path) -> None:
    """Locust's master has one port by default, whoever else is on the machine."""
    outs = [tmp_path / f"{n}.json" for n in range(2)]
    with Relay(server) as one, Relay(server) as other:
        relays = (one, other)
        runs = [
            start(
                "--headless", "--host", relay.url, "--scenario", "smoke", "--rate", "85", "--duration", "2",
                "--processes", "2", "--run-out", str(out),
            )
            for relay, out in zip(relays, outs, strict=True)
        ]  # fmt: skip
        errors = [run.communicate(timeout=HANG)[1] for run in runs]
    assert ([run.returncode for run in runs], errors) == ([0, 0], ["", ""])
    for out, relay in zip(outs, relays, strict=True):
        (loaded,) = result(out).loads
        (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
        assert loaded.generator.sent == 170
        assert loaded.generator.sent + ledger.evidence["upkeep"] == relay.requests.total()


def test_a_master_port_that_is_taken_is_one_line(locust: Locust) -> None:
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = ("--master-port", port, "--master-bind-port", port)
        code, _, err = locust("--host", "http://127.0.0.1:1", "--processes", "2", *ports)
    assert (code, err.count("\n")) == (64, 1)
    assert f"port {port}" in err


def coordinator(start: Start, relay: Relay, port: str, out: Path, *words: str) -> ForkedCommand:
    """A master that waits for workers of their own."""
    place = ("--master", "--master-bind-port", port)
    return start("--headless", "--host", relay.url, *place, "--run-out", str(out), *words)


def test_a_master_and_two_workers_of_their_own(server: int, start: Start, tmp_path: Path) -> None:
    """Three command lines, as on three machines; the totals are the server's to the request."""
    out, port = tmp_path / "run.json", str(free_port())
    with Relay(server) as relay:
        words = ("--scenario", "smoke", "--rate", "170", "--duration", "2", "--expect-workers", "2")
        master = coordinator(start, relay, port, out, *words)
        workers = [start("--worker", "--master-port", port) for _ in range(2)]
        error = master.communicate(timeout=HANG)[1]
        left = [worker.communicate(timeout=HANG)[1] for worker in workers]
        served = operations(relay.requests)
    assert (master.returncode, error, left) == (0, "", ["", ""])
    assert [worker.returncode for worker in workers] == [0, 0]
    (loaded,) = result(out).loads
    (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
    assert loaded.generator.sent == 340
    assert loaded.generator.sent + ledger.evidence["upkeep"] == served.total()


def test_a_load_process_is_told_nothing_before_it_listens(server: int, start: Start, tmp_path: Path) -> None:
    """A worker that is short of processor time handles Locust's first messages before it listens to ours: one of them would be lost,
    and the run would wait for its answer for ever. The worker here is this test."""
    port, name = free_port(), "late"
    master = start(
        "--headless", "--host", f"http://127.0.0.1:{server}", "--scenario", "smoke", "--rate", "5", "--duration", "1",
        "--master", "--master-bind-port", str(port), "--expect-workers", "1", "--run-out", str(tmp_path / "run.json"),
    )  # fmt: skip
    with zmq.Context() as context, context.socket(zmq.DEALER) as worker:
        worker.setsockopt(zmq.IDENTITY, name.encode())
        worker.setsockopt(zmq.LINGER, 0)
        worker.setsockopt(zmq.RCVTIMEO, round(HANG * 1000))
        worker.connect(f"tcp://127.0.0.1:{port}")

        def say(kind: str, data: object) -> None:
            worker.send(msgpack.dumps((kind, data, name)))

        def told(last: str) -> list[str]:
            kinds: list[str] = []
            while last not in kinds:
                kinds.append(msgpack.loads(worker.recv(), strict_map_key=False)[0])
            return kinds

        say("client_ready", version("locust"))
        before = told("spawn")
        say("heartbeat", {"state": "spawning", "current_cpu_usage": 0, "current_memory_usage": 0})
        before += told("heartbeat")
        assert [kind for kind in before if kind.startswith("tchat-")] == []
        say("tchat-here", {})
        told("tchat-prepare")
        say("tchat-refused", {"line": "this worker cannot", "code": 70})
        error = master.communicate(timeout=HANG)[1]
    assert (master.returncode, error) == (70, "this worker cannot\n")


def test_a_worker_that_is_killed_is_no_fault_of_the_target(server: int, start: Start, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = start(
            "--headless", "--host", relay.url, "--scenario", "steady", "--rate", "30", "--duration", "8",
            "--processes", "2", "--run-out", str(out),
        )  # fmt: skip
        until(lambda: relay.requests[IN_RUN] >= 2)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        os.kill(int(children[-1]), signal.SIGKILL)
        process.communicate(timeout=HANG)
    assert process.returncode == 2
    found = result(out).all_verdicts()
    assert re.match(r"load process \d of 2 was lost \d+ s after the start", found[0].reason)
    assert {verdict.grade.name for verdict in found} <= {"UNKNOWN", "ADVISORY", "PASS"}


def test_a_worker_that_comes_late_takes_its_share_and_it_is_said(
    server: int, start: Start, tmp_path: Path
) -> None:
    """Every arrival of the plan is sent, by two processes and then by three; a killed one is replaced by the next to come."""
    out, port = tmp_path / "run.json", str(free_port())
    with Relay(server) as relay:
        words = ("--scenario", "steady", "--rate", "40", "--duration", "17", "--expect-workers", "1")
        master = coordinator(start, relay, port, out, *words)
        workers = [start("--worker", "--master-port", port)]
        until(lambda: relay.requests[IN_RUN] >= 2)
        workers.append(start("--worker", "--master-port", port))
        error = master.communicate(timeout=HANG)[1]
        left = [worker.communicate(timeout=HANG)[1] for worker in workers]
    assert (error, left) == ("", ["", ""])
    run = result(out)
    (loaded,) = run.loads
    (told,) = [verdict.reason for verdict in run.verdicts if verdict.check == "run.workers"]
    assert re.fullmatch(r"load process 2 joined \d+ s after the start, and sends one in 2 arrivals", told)
    planned = RunConfig(scenario="steady", seed=1, host="", rate=40, seconds=17).plan()
    assert loaded.generator.planned == sum(1 for _ in planned.arrivals())
    (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
    assert ledger.grade == "PASS", ledger.reason


def test_a_lost_share_is_sent_by_the_next_to_come(server: int, start: Start, tmp_path: Path) -> None:
    out, port = tmp_path / "run.json", str(free_port())
    with Relay(server) as relay:
        words = ("--scenario", "steady", "--rate", "40", "--duration", "18", "--expect-workers", "2")
        master = coordinator(start, relay, port, out, *words)
        workers = [start("--worker", "--master-port", port) for _ in range(2)]
        until(lambda: relay.requests[IN_RUN] >= 2)
        workers[0].kill()
        workers.append(start("--worker", "--master-port", port))
        master.communicate(timeout=HANG)
        for worker in workers:
            worker.communicate(timeout=HANG)
    run = result(out)
    assert run.grade.name == "UNKNOWN"
    (told,) = [verdict.reason for verdict in run.verdicts if verdict.check == "run.workers"]
    assert re.fullmatch(r"load process 3 joined \d+ s after the start, in place of load process [12]", told)
    rates = [window.planned for window in run.loads[0].windows]
    assert sum(rates[-4:]) > 4 * 40 * 0.7, rates
