"""Programs that are stopped, whoever stops them: 2, no traceback, and a file that says what is not known."""

import os
import signal
from pathlib import Path

import pytest

from contracts.run import parse
from contracts.verdict import Grade
from tests.fork_server import fork_server
from tests.load.relay import Relay
from tests.waiting import HANG, until

PROGRAMS = {
    "load.realtime": (
        "load.realtime.__main__",
        "--clients",
        "3",
        "--time-scale",
        "1",
        "--outage",
        "kill=600",
    ),
    "load.client": ("load.client", "--persona", "web", "--profile", "guide-exact"),
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_stopped_program_leaves_what_it_knows(
    program: str, number: signal.Signals, server: int, tmp_path: Path
) -> None:
    module, *words = PROGRAMS[program]
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = fork_server(module).start(
            program, "--host", relay.url, "--run-out", str(out), *words, environment=dict(os.environ)
        )
        until(lambda: any(line.startswith("PUT ") for line in relay.requests))
        process.send_signal(number)
        _, told = process.communicate(timeout=HANG)
    run = parse(out.read_bytes(), name="run.json")
    assert (process.returncode, told, run.grade) == (2, "", Grade.UNKNOWN)
    assert any("nothing is known of the others" in verdict.reason for verdict in run.verdicts)


def test_a_long_computation_hears_a_signal_too() -> None:
    simulator = fork_server("load.realtime.__main__").start("load.realtime", "--simulate", "3000000")
    simulator.line()  # the head of its table
    simulator.send_signal(signal.SIGTERM)
    _, told = simulator.communicate(timeout=HANG)
    assert (simulator.returncode, told) == (2, "load.realtime: interrupted before it had a result\n")
