"""The embedded server: a process that prints its URL in one line and ends when the gate ends.

The way it ended decides the grade: a server that exits or crashes under test has failed; one that was killed from outside
has not been judged.
"""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from contracts.verdict import Grade
from reports.gate.process_output import last_words, tail
from reports.gate.processes.interrupt import GateInterrupt
from reports.gate.processes.supervisor import TICK, signal_name, start, stop

START_SECONDS = 30.0
FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

_URL = re.compile(r"https?://[\w.\-:\[\]]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetServer:
    """The server under test: its URL, and whether it still runs."""

    url: str
    ended: Callable[[], tuple[Grade, str]]
    """(PASS, empty) while it runs; then the grade and a description of its end."""
    log: Path | None = None
    """Its log; None if it runs elsewhere."""


def remote(url: str) -> TargetServer:
    """A server that the gate did not start; whether it still answers is checked between parts only."""
    return TargetServer(url=url, ended=lambda: (Grade.PASS, ""))


@contextmanager
def embedded(
    argv: Sequence[str], cwd: Path, log: Path, interrupt: GateInterrupt, grace: float
) -> Iterator[TargetServer]:
    """The server that the gate starts, for the time of the context. Stop(INTERNAL) if it does not start."""
    try:
        process = start(argv, cwd, log)
    except OSError as error:
        raise Stop(ExitCode.INTERNAL, f"the embedded server did not start: {error}") from None
    try:
        url = _wait(process, log, interrupt)
        yield TargetServer(url=url, ended=lambda: _ended(process, log), log=log)
    finally:
        stop(process, signal.SIGTERM, grace, interrupt)


def _wait(process: subprocess.Popen[bytes], log: Path, interrupt: GateInterrupt) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not interrupt.name:
        for line in tail(log).splitlines(keepends=True):
            found = _URL.search(line)
            # Half a line may be half a port.
            if found and line.endswith("\n"):
                return found.group().rstrip(".")
        if process.poll() is not None:
            break
        time.sleep(TICK / 2)
    if interrupt.name:
        return ""
    output = last_words(tail(log), ()) or "nothing"
    raise Stop(ExitCode.INTERNAL, f"the embedded server did not start; it said: {output}")


def _ended(process: subprocess.Popen[bytes], log: Path) -> tuple[Grade, str]:
    code = process.poll()
    if code is None:
        return Grade.PASS, ""
    if -code in FROM_OUTSIDE:
        return Grade.UNKNOWN, f"the embedded server was ended from outside by {signal_name(-code)}"
    how = f"by {signal_name(-code)}" if code < 0 else f"with exit code {code}"
    return Grade.FAIL, f"the embedded server ended {how}; it said: {last_words(tail(log), ()) or 'nothing'}"
