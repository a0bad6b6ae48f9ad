"""The whole of a run: tells the players what to do, adds up what they count, judges, and writes the result down.

It speaks to players through one function, `tell(worker, kind, data)`: `prepare`, `go` and `finish`. In one process that is a
call, with workers a Locust message. A player that is never heard of again costs a verdict, not a hang.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event

from contracts.command.collector_pause import uncollected
from contracts.run import Run
from contracts.run.lanes import of_load
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.in_flight import thresholds
from load.engine.recorder import LoadRecorder
from load.http.target import Target, parse
from load.results import run_builder, terminal
from load.results.history_file import HistoryFile
from load.results.judging import health, verdicts
from load.results.reconciliation import Served, reconciled
from load.results.reconciliation import read as read_journal
from load.runs.closed_workload import REMARK
from load.runs.load_worker import DRAIN, HURRIED
from load.runs.run_config import ENDLESS, RunConfig
from load.runs.scenario_run import OURS, UNREACHABLE, Tell
from load.virtual_users import user_verdicts as people

LEAD = 0.3
"""Seconds from `go` to the first arrival, so that all players begin together."""
GRACE = 15.0
"""Seconds after the end in which players may still report: Locust's own reports come every 3 s."""
WARM_UP = 300.0


class Coordinator:
    """One run. `over` is set when the result is written; `code` is the exit code then."""

    def __init__(
        self, spec: Spec, order: RunConfig, *, tell: Tell, gone: Callable[[str], bool],
        run_out: Path | None, history_out: Path | None, journal: Callable[[Target], Served | None] = read_journal,
        quiet: bool = False,
    ) -> None:  # fmt: skip
        """`quiet` leaves the telling to somebody else, who conducts several runs."""
        self.spec = spec = order.objectives(spec)
        self.order = order
        self.plan = order.plan()
        self.target = parse(order.host, prefix=spec.prefixes[0])
        self.tell = tell
        self.gone = gone
        self.run_out = run_out
        self.history_out = history_out
        self.total = LoadRecorder(thresholds(spec))
        self.history_file = HistoryFile()
        self.over = Event()
        self.code: int | None = None
        self.result: Run | None = None
        self.began = time.time()
        self.quiet = quiet
        self._journal = journal
        self._served: Served | None = None
        self._moved = Event()
        self._waiting: set[str] = set()
        self._running_workers: dict[str, int] = {}
        self.lost: set[int] = set()
        self.cpu: list[float] = []
        self.told: list[Mapping[str, Any]] = []
        """What players have to say beside their counts."""
        self._seconds = 0.0
        self.refused: tuple[str, bool] | None = None
        """(one line, whether the target was reached) where the run could not begin."""
        self.stopped = False
        self._concluding = False
        self._started: float | None = None

    @property
    def counted(self) -> LoadRecorder:
        return self.total

    # The course of the run

    def execute(self, workers: Sequence[str]) -> None:
        """From the first order to the written result. Blocks."""
        self._waiting = set(workers)
        self._running_workers = {name: index for index, name in enumerate(workers)}
        line = terminal.ProgressLine()
        line.show(f"preparing {self.target.url} …")
        self._served = self._journal(self.target)
        for index, name in enumerate(workers):
            order = replace(self.order, index=index, of=len(workers))
            self.tell(name, "prepare", order.message())
        self._await(lambda: not self._waiting, WARM_UP)
        if not (self.refused or self.stopped or self._waiting or self.lost):
            self._started = time.monotonic()
            for name in workers:
                self.tell(name, "go", {"lead": LEAD})
            self._watch(line)
        line.clear()
        self.conclude()

    def _await(self, condition: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not (condition() or self.refused or self.stopped or self.lost or self.over.is_set()):
            left = until - time.monotonic()
            if left <= 0:
                return
            self._moved.clear()
            self._moved.wait(min(left, 1.0))
            self._count_out()

    def _watch(self, line: terminal.ProgressLine) -> None:
        """A line a second until every player is done, or can no longer be waited for."""
        assert self._started is not None
        end = self._started + LEAD + self.plan.seconds
        shown = time.monotonic()
        before = (0, 0, 0)
        while self._running_workers and time.monotonic() < self._deadline(end):
            self._moved.clear()
            self._moved.wait(1.0)
            self._count_out()
            now = time.monotonic()
            if now - shown >= 1:
                line.show(terminal.progress(self.total, before, now - shown, max(0.0, end - now)))
                before = (self.total.planned, self.total.requests, self.total.done)
                shown = now
                self.total.seal(round((now - self._started - DRAIN - GRACE) * 1e9))

    def _count_out(self) -> None:
        """A player that is gone is not waited for."""
        for name in [name for name in self._running_workers if self.gone(name)]:
            self.lost.add(self._running_workers.pop(name))

    def _deadline(self, end: float) -> float:
        return time.monotonic() + 1 if self.refused else end + DRAIN + GRACE

    # What players say

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "ready":
                self._waiting.discard(worker)
            case "refused":
                self.refused = self.refused or (data["line"], data["reached"])
            case "report":
                self.total.merge(data["counts"])
                self.history_file.add(data["history"])
            case "done":
                self._running_workers.pop(worker, None)
                self.cpu.append(data["cpu"])
                self.told.append(data.get("told", {}))
                self._seconds = max(self._seconds, data["seconds"])
                self.stopped = self.stopped or data["stopped"]
        self._moved.set()

    # The end

    def finish(self) -> None:
        """Somebody stops the run: let the players end it and write down what is known. Returns when that is done."""
        if self.over.is_set() or self._concluding:
            return
        self.stopped = True
        for name in tuple(self._running_workers):
            self.tell(name, "finish", {})
        until = time.monotonic() + HURRIED + GRACE / 3
        while self._started is not None and self._running_workers and time.monotonic() < until:
            gevent.sleep(0.02)
        self._moved.set()
        self.conclude()

    def conclude(self) -> None:
        """Judge, print, write. Only the first call does anything."""
        if self._concluding:
            return
        self._concluding = True
        try:
            self.result = self._judged()
            self.code = run_builder.EXIT[self.result.grade]
            if self.refused is not None:
                self.code = 1 if self.refused[1] else UNREACHABLE
            if not self.quiet:
                self._tell_person(self.result)
            if self.run_out is not None:
                run_builder.save(self.run_out, self.result)
            if self.history_out is not None:
                self.history_file.save(self.history_out)
        except OSError as error:
            print(f"cannot write the result: {error}", file=sys.stderr)
            self.code = OURS
        finally:
            self.history_file.close()
            self.over.set()

    def _tell_person(self, result: Run) -> None:
        if self.refused is not None:
            print(self.refused[0], file=sys.stderr)
        else:
            terminal.summary(result, self.spec, terminal.console())

    def _operations(self) -> list[str]:
        """What the plan asks for, or what people did ask for, in the order of the document."""
        if self.order.population is not None:
            return [operation.id for operation in self.spec if operation.id in self.total.tallies]
        asked = self.order.operations(self.plan)
        return [operation.id for operation in self.spec if operation.id in asked]

    def _judged(self) -> Run:
        loads, races = [], []
        operations = self._operations()
        if self._started is not None:
            with uncollected():
                history, whole = self.history_file.closed()
            cpu = max(self.cpu, default=None)
            missing = [f"load process {n + 1}" for n in sorted(self.lost | {*self._running_workers.values()})]
            found = verdicts(
                self.spec, self.total, operations=operations, claim=self.order.claim, cpu=cpu,
                history=history, whole=whole, missing=missing,
            )  # fmt: skip
            if self.order.users:
                found.append(REMARK)
            if self.order.population is not None:
                found += people.verdicts(self.told, self.total, health(self.total, cpu))
            after = self._journal(self.target) if self._served is not None else None
            found.append(reconciled(self._served, after, self.total.wire, missing))
            races = of_load(self.order.scenario, history, found)
            loads.append(
                run_builder.result(
                    scenario=self.order.scenario,
                    plan=self.order.words,
                    seed=self.order.seed,
                    seconds=self._seconds or self.plan.seconds,
                    operations=operations,
                    recorder=self.total,
                    cpu=cpu,
                    verdicts=found,
                )
            )
        return run_builder.run(
            self.spec, began=self.began, ended=time.time(), target=self.target.url, seed=self.order.seed,
            command=f"load {self.order.scenario}", loads=loads, verdicts=self._own_verdicts(), races=races,
        )  # fmt: skip

    def _own_verdicts(self) -> list[Verdict]:
        if self.refused is not None:
            line, reached = self.refused
            return [Verdict(check="warm-up", grade=Grade.FAIL if reached else Grade.UNKNOWN, reason=line)]
        if self._started is None:
            reason = f"not all load processes were ready after {WARM_UP:g} s"
            if self.stopped:
                reason = "stopped"
            elif self.lost:
                reason = f"{len(self.lost)} of the load processes went away"
            return [
                Verdict(check="warm-up", grade=Grade.UNKNOWN, reason=f"{reason} before the first arrival")
            ]
        if self.stopped and self.order.seconds != ENDLESS:
            reason = f"stopped after {self._seconds:.0f} of {self.plan.seconds:.0f} s"
            return [Verdict(check="run", grade=Grade.ADVISORY, reason=reason)]
        return []
