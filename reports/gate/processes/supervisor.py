"""The supervisor of one process: it starts it, watches it, interrupts it, and leaves nothing of it running.

The process has a process group of its own, so that Ctrl-C reaches it only through the gate and all that it started ends with
it. It runs under a guard (contracts.command.child_guard), so that it ends even if the gate is killed. Its output goes to a
file, so no pipe can fill up.
"""

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contracts.command.child_guard import guarded
from reports.gate.processes.interrupt import GateInterrupt

TICK = 0.1
HEALTH_TICKS = 5

How = Literal["finished", "died", "overran", "interrupted", "vanished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """The end of a process; `died` is an end by a signal that the gate did not send."""

    how: How
    exit_code: int
    seconds: float
    detail: str = ""
    """The signal's name, the time limit, or how the target vanished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWatch:
    """The conditions that the supervisor checks while a process runs. `limit` and `grace` are in seconds."""

    interrupt: GateInterrupt
    limit: float
    grace: float
    vanished: Callable[[], str]
    """How the target ended; empty while it runs."""
    progress: Callable[[float], None]
    """Called with the seconds so far."""


def run_process(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path, watch: ProcessWatch
) -> ProcessEnd:
    """Run a process to its end. OSError if it cannot be started or its log cannot be opened."""
    started = time.monotonic()
    process = start(argv, cwd, log, env)
    try:
        how, detail = _until(process, started, watch)
        if how != "finished":
            stop(process, signal.SIGINT, watch.grace, watch.interrupt)
    finally:
        _clear(process)
    code = process.returncode
    if how == "finished" and code < 0:
        how, detail = "died", signal_name(-code)
    return ProcessEnd(how=how, exit_code=code, seconds=time.monotonic() - started, detail=detail)


def start(
    argv: Sequence[str], cwd: Path, log: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process under a guard, in a group of its own; its output goes to a log that only its owner can read."""
    if shutil.which(argv[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])

    with log.open("wb") as output:
        log.chmod(0o600)
        return subprocess.Popen(
            guarded(list(argv)),
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _until(process: subprocess.Popen[bytes], started: float, watch: ProcessWatch) -> tuple[How, str]:
    tick = 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(TICK)
            # An end together with a signal or with a lost target counts as caused by it.
            lost = watch.vanished()
            if watch.interrupt.name:
                return "interrupted", watch.interrupt.name
            return ("vanished", lost) if lost else ("finished", "")
        elapsed = time.monotonic() - started
        watch.progress(elapsed)
        if watch.interrupt.name:
            return "interrupted", watch.interrupt.name
        if elapsed > watch.limit:
            return "overran", f"{watch.limit:.0f} s"
        tick += 1
        lost = watch.vanished() if tick % HEALTH_TICKS == 0 else ""
        if lost:
            return "vanished", lost


def stop(
    process: subprocess.Popen[bytes], first: signal.Signals, grace: float, interrupt: GateInterrupt
) -> None:
    """Send `first`, wait at most `grace` seconds (not at all after a second Ctrl-C), then kill the process group."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, first)
    deadline = time.monotonic() + grace
    while process.poll() is None and time.monotonic() < deadline and not interrupt.hurry:
        with suppress(subprocess.TimeoutExpired):
            process.wait(TICK)
    _clear(process)


def _clear(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole process group, so that nothing that the process started survives."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
