"""The coordinator's state of its workers: which are ready, running or lost, and their final reports."""

import time
from collections.abc import Mapping, Sequence
from time import perf_counter_ns
from typing import Any

from load.results.history_file import Alignment
from load.runs.clock_alignment import ClockBounds, clock_identity


class WorkerStates:
    """The states of all workers. `hear` handles their messages except reports of counts."""

    def __init__(self, workers: Sequence[str]) -> None:
        self.all = {name: number for number, name in enumerate(workers, 1)}
        self.preparing = set(workers)
        self.running = dict.fromkeys(workers)
        self.joining: set[str] = set()
        """Late workers, which came when the run was under way, until they are ready."""
        self.arrived: dict[str, float] = {}
        """Late worker that is ready -> since when, by time.monotonic."""
        self.lost: dict[str, float | None] = {}
        """Worker -> seconds from the start of the run until it was missed; None where that was in the warm-up."""
        self.died: dict[str, str] = {}
        """Worker -> the error of its first task that died."""
        self.cpu: list[float] = []
        self.reports: list[Mapping[str, Any]] = []
        """Facts of workers at the end beside their counts (`ArrivalWorkload.report`)."""
        self.seconds = 0.0
        self.refused: tuple[str, int] | None = None
        """(one line, exit code) where the run could not begin."""
        self.stopped = False
        self.silent = ""
        """When the target stopped answering, in words; empty where it did not."""
        self.clocks: dict[str, ClockBounds] = {}
        """Of those workers whose clock is not ours."""

    def join(self, worker: str) -> int:
        """Note a late load process and return its number."""
        self.joining.add(worker)
        return self.all.setdefault(worker, len(self.all) + 1)

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "ready":
                self.preparing.discard(worker)
                if worker in self.joining:
                    self.joining.discard(worker)
                    self.arrived[worker] = time.monotonic()
                if data.get("clock", clock_identity()) != clock_identity():
                    self.clocks.setdefault(worker, ClockBounds())
            case "clock":
                self.clocks[worker].learn(
                    asked=data["asked"], answered=perf_counter_ns(), theirs=data["theirs"]
                )
            case "refused" if worker in self.joining:
                self.joining.discard(worker)  # the run goes on without it
            case "refused":
                self.refused = self.refused or (data["line"], data["code"])
            case "done":
                self.running.pop(worker, None)
                self.cpu.append(data["cpu"])
                self.reports.append(data.get("report", {}))
                self.seconds = max(self.seconds, data["seconds"])
                self.silent = self.silent or data.get("silent", "")
                self.stopped = self.stopped or (data["stopped"] and not self.silent)

    def note_died(self, worker: str, what: Mapping[str, int]) -> None:
        for cause in what:
            self.died.setdefault(worker, cause)

    def note_lost(self, worker: str, seconds: float | None) -> None:
        """Note that a worker is not waited for any more."""
        self.running.pop(worker, None)
        self.lost[worker] = seconds

    @property
    def incomplete(self) -> frozenset[str]:
        """The workers whose record has a hole."""
        return frozenset({*self.lost, *self.running, *self.died})

    @property
    def holes(self) -> list[str]:
        """Why the record is not complete, one reason for each worker."""
        found = []
        for name, number in self.all.items():
            if name in self.lost or name in self.running:
                after = self.lost.get(name)
                when = "" if after is None else f" {after:.0f} s after the start"
                found.append(f"load process {number} of {len(self.all)} was lost{when}")
            elif name in self.died:
                found.append(
                    f"a task of load process {number} died ({self.died[name]}; its traceback is in the log)"
                )
        return found

    def alignments(self) -> dict[str, Alignment]:
        """The alignments of the workers with a clock of their own; one that never answered has none."""
        known = {name: bounds.alignment() for name, bounds in self.clocks.items()}
        return {name: alignment for name, alignment in known.items() if alignment is not None}
