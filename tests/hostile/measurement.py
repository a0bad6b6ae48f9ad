"""One command against one behaviour: how long it took, how much memory all its processes held, and how it ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.hostile.behaviours import HostileBehaviour
from tests.hostile.entry_points import ENTRY_POINTS, ENVIRONMENT
from tests.hostile.hostile_server import serving

SECONDS = 30.0
BUDGETS = {"load.realtime": 60.0, "suite.realtime": 60.0}
"""The storm waits half a minute for its sockets to open."""
OF_A_RUN = {"gate": 140.0}
"""Where a target is hostile in one place and well in all others, every check runs: for as long as on an honest target (110 s beside other work), and four deadlines."""
MEBIBYTES = 300
"""Beyond what the command needs on an honest target; the gate has a process for each of two checks at a time."""
NEEDED = {"gate": 400}
NEEDED_BY_OTHERS = 250
GIVEN_UP = 60.0
"""Beyond the bound; then the command is killed."""
REPOSITORY = Path(__file__).resolve().parents[2]
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]|\x1b\]|\x1b\[2J|\xc2\x9b")
_TRACEBACK = re.compile(rb"^(E   )?Traceback \(most recent call last\)|INTERNALERROR", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileOutcome:
    entry: str
    behaviour: str
    seconds: float
    """Without those in which one of its processes was ready and had no processor: that is the machine's affair."""
    mebibytes: int
    """The most at one time of all its processes together."""
    largest: int
    """The most of one process, in MiB."""
    code: int | None
    """None where it had to be killed."""
    output: bytes
    budget: float
    """The bound of its seconds."""

    @property
    def broken(self) -> list[str]:
        """Which bounds do not hold."""
        found = []
        if self.code is None or self.seconds > self.budget:
            found.append("time")
        if self.mebibytes > NEEDED.get(self.entry, NEEDED_BY_OTHERS) + MEBIBYTES:
            found.append("memory")
        if self.code in (0, 70) or (self.code is not None and self.code < 0):
            found.append(f"exit {self.code}")
        if _TRACEBACK.search(self.output):
            found.append("traceback")
        if _CONTROL.search(self.output):
            found.append("control characters")
        return found


def measured(entry: str, behaviour: HostileBehaviour, upstream: tuple[str, int], pem: Path) -> HostileOutcome:
    with tempfile.TemporaryDirectory() as out, serving(behaviour, upstream, pem) as url:
        command = ENTRY_POINTS[entry](url, Path(out))
        whole = behaviour.kind == "socket" or bool(behaviour.only)
        budget = OF_A_RUN.get(entry, 0.0) if whole else 0.0
        budget = budget or BUDGETS.get(entry, SECONDS)
        return run(entry, behaviour.name, command, ENVIRONMENT.get(entry, {}), budget)


def run(entry: str, name: str, command: list[str], more: Mapping[str, str], budget: float) -> HostileOutcome:
    environment = {**os.environ, **more, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as told:
        before = time.monotonic()
        started = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=told, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env=environment, start_new_session=True,
        )  # fmt: skip
        peak, largest, code, seconds, queued = 0, 0, None, 0.0, dict[int, float]()
        while seconds < budget + GIVEN_UP and code is None:
            held, waiting = _costs(started.pid)
            peak, largest = max(peak, sum(held)), max(largest, *held, 0)
            lost = max((each - queued.get(pid, 0.0) for pid, each in waiting.items()), default=0.0)
            queued |= waiting
            try:
                code = started.wait(0.1)
            except subprocess.TimeoutExpired:
                if peak > 2048:
                    break
            now = time.monotonic()
            seconds, before = seconds + max(0.0, now - before - lost), now
        _end(started)
        told.seek(0)
        return HostileOutcome(
            entry=entry, behaviour=name, seconds=seconds, mebibytes=peak, largest=largest, code=code,
            output=told.read(4 << 20), budget=budget,
        )  # fmt: skip


def _costs(pid: int) -> tuple[list[int], dict[int, float]]:
    """Of the process and all below it: MiB of each, what they share divided among them, and the seconds that each has been ready to run and had no processor."""
    held, queued = [], {}
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(
                psutil.Error, OSError, IndexError
            ):  # it has ended, or this kernel does not tell
                held.append(process.memory_full_info().pss >> 20)
                queued[process.pid] = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[1]) / 1e9
    return held, queued


def _end(started: subprocess.Popen[bytes]) -> None:
    """Ends the process and all of its session, which is its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
