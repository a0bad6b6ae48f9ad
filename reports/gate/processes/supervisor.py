"""One process from start to end: watched, interrupted, and never left behind.

It runs in a process group of its own, so that a Ctrl-C reaches it only through here, and so that what it started ends with it;
under a guard (contracts.command.child_guard), so that it ends too if the gate itself is killed. Its output goes to a file: no
pipe can fill, and the last words survive.
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
    """How a process ended; `died` is an end by a signal that was not ours."""

    how: How
    exit_code: int
    seconds: float
    told: str = ""
    """The signal's name, or how the target vanished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWatch:
    """What the supervisor looks at while the process runs."""

    interrupt: GateInterrupt
    limit: float
    grace: float
    vanished: Callable[[], str]
    """Empty while the target is there; else how it ended."""
    progress: Callable[[float], None]
    """Called with the seconds so far."""


def run_process(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path, watch: ProcessWatch
) -> ProcessEnd:
    """OSError if the process cannot be started or its log not be opened."""
    started = time.monotonic()
    process = start(argv, cwd, log, env)
    try:
        how, told = _until(process, started, watch)
        if how != "finished":
            stop(process, signal.SIGINT, watch.grace, watch.interrupt)
    finally:
        _clear(process)
    code = process.returncode
    if how == "finished" and code < 0:
        how, told = "died", signal_name(-code)
    return ProcessEnd(how=how, exit_code=code, seconds=time.monotonic() - started, told=told)


def start(
    argv: Sequence[str], cwd: Path, log: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Under a guard, in a group of its own, with all that it says in a log that only its owner can read."""
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
            # An end that coincides with a signal or a lost target is that signal's or that loss's.
            told = watch.vanished()
            if watch.interrupt.name:
                return "interrupted", watch.interrupt.name
            return ("vanished", told) if told else ("finished", "")
        elapsed = time.monotonic() - started
        watch.progress(elapsed)
        if watch.interrupt.name:
            return "interrupted", watch.interrupt.name
        if elapsed > watch.limit:
            return "overran", f"{watch.limit:.0f} s"
        tick += 1
        told = watch.vanished() if tick % HEALTH_TICKS == 0 else ""
        if told:
            return "vanished", told


def stop(
    process: subprocess.Popen[bytes], first: signal.Signals, grace: float, interrupt: GateInterrupt
) -> None:
    """Ask the process with `first`, wait `grace` seconds (not at all after a second Ctrl-C), then kill it."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, first)
    deadline = time.monotonic() + grace
    while process.poll() is None and time.monotonic() < deadline and not interrupt.hurry:
        with suppress(subprocess.TimeoutExpired):
            process.wait(TICK)
    _clear(process)


def _clear(process: subprocess.Popen[bytes]) -> None:
    """Nothing of its group survives: not the process, and nothing that it started."""
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
