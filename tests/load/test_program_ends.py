"""Programs that are stopped, whoever stops them: 2, no traceback, and a file that says what is not known."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.run import parse
from contracts.verdict import Grade
from tests.fork_server import command
from tests.load.relay import Relay
from tests.waiting import HANG, until

ROOT = Path(__file__).resolve().parents[2]

PROGRAMS = {
    "load.realtime": (
        "--clients",
        "3",
        "--time-scale",
        "1",
        "--outage",
        "kill=600",
    ),
    "load.client": ("--persona", "web", "--profile", "guide-exact"),
}
BEGUN = 20
"""Requests: more than a program sends before its first experiment, and far fewer than it sends in all."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_stopped_program_leaves_what_it_knows(
    program: str, number: signal.Signals, server: int, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = command(program, "--host", relay.url, "--run-out", str(out), *PROGRAMS[program])
        until(
            lambda: relay.requests.total() >= BEGUN or any(line.startswith("PUT ") for line in relay.requests)
        )
        process.send_signal(number)
        _, told = process.communicate(timeout=HANG)
    run = parse(out.read_bytes(), name="run.json")
    assert (process.returncode, told, run.grade) == (2, "", Grade.UNKNOWN)
    assert any("nothing is known of the others" in verdict.reason for verdict in run.verdicts)


def test_a_long_computation_hears_a_signal_too() -> None:
    simulator = command("load.realtime", "--simulate", "3000000")
    simulator.line()  # the head of its table
    simulator.send_signal(signal.SIGTERM)
    _, told = simulator.communicate(timeout=HANG)
    assert (simulator.returncode, told) == (2, "load.realtime: interrupted before it had a result\n")


@pytest.mark.parametrize("output", ["| true", "> /dev/full", ">&-"])
def test_an_output_that_takes_no_words_changes_no_exit_code(output: str) -> None:
    """rich ends with 1 where nobody reads any more, which is FAIL here."""
    words = "from load.results import terminal as t; from contracts.command.outermost import say; say('x' * 99999); t.console().print('y'); print('z', file=__import__('sys').stderr)"
    code = f"from contracts.command.outermost import tolerant_output as o; o(); {words}"
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$0" -c "$1" {output}', sys.executable, code],
        cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "z\n")


@pytest.mark.parametrize(
    "words", [("load", "--list-scenarios"), ("mock_server", "faults"), ("mock_server", "faults", "--json")]
)
def test_a_list_that_nobody_reads_to_its_end_is_no_error(words: tuple[str, ...]) -> None:
    """`… | head`"""
    end, begin = os.pipe()
    os.close(end)
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, cwd=ROOT, stdout=begin, stderr=subprocess.PIPE, text=True, timeout=HANG, check=False
    )
    os.close(begin)
    assert (done.returncode, done.stderr) == (0, "")
