"""`Coordinator`, which tells the workers of a run what to do, adds up their counts, has them judged, and writes the result.

It speaks to workers through one function, `tell(worker, kind, data)`: `prepare`, `clock`, `go` and `finish`. In one process that is a
call, with workers a Locust message. A worker that is lost costs a verdict, not a hang.
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter_ns
from typing import Any

import gevent
from gevent.event import Event

from contracts.run import LoadResult, Run
from contracts.run.lanes import LaneRecord
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.in_flight import thresholds
from load.engine.recorder import LoadRecorder
from load.http.target import parse
from load.results import run_builder, terminal
from load.results.history_file import HistoryFile
from load.results.judging import by_operation, health
from load.results.reconciliation import Served
from load.results.reconciliation import read as read_journal
from load.results.run_outputs import Outputs
from load.runs import run_result
from load.runs.clock_alignment import EXCHANGES
from load.runs.load_worker import DRAIN, HURRIED
from load.runs.run_config import ENDLESS, RunConfig
from load.runs.scenario_run import ScenarioRun, Tell
from load.runs.worker_states import WorkerStates

LEAD = 0.3
"""Seconds from `go` to the first arrival, so that all workers begin together."""
GRACE = 15.0
"""Seconds after the end in which workers may still report: Locust's own reports come every 3 s, and what was made is archived."""
LAST_REPORTS = 1.0
"""Seconds in which the others may report when one worker has failed in the middle of the run."""
WARM_UP = 300.0
REPORTED = 3
"""Seconds in which each load process reports once: rates are shown over so many, or they would be none and threefold by turns."""
NOTICED = 4.0
"""Seconds after which Locust has noticed that a process is lost: a new one may be there to replace it."""
WORTH_JOINING = 10.0
"""Seconds of the plan that have to be left for a process that wants to join."""
AHEAD = 2.0
"""Seconds until everybody has heard that another process takes its share."""
CLOCK_PATIENCE = 0.25
"""Seconds for the answer to one question about a clock."""
ABORT_LEAST = 20
"""Answers and errors before a share of them ends a run."""


class Coordinator(ScenarioRun):
    """Coordinates one run of a plan or of users."""

    def __init__(
        self, spec: Spec, config: RunConfig, *, tell: Tell, gone: Callable[[str], bool], outputs: Outputs
    ) -> None:
        super().__init__(spec := config.objectives(spec), outputs)
        self.config, self.plan = config, config.plan()
        self.target = parse(config.host, prefix=spec.prefixes[0])
        self.workers = WorkerStates(())
        self.joined: list[str] = []
        """A sentence for each late process: since when it sends, and which part of the plan."""
        self._holders: list[str] = []
        """The workers in the order of the parts of the plan: the first sends the part of index 0."""
        self.total = LoadRecorder(thresholds(spec))
        self.stopped = False
        self._tell, self._gone = tell, gone
        self._served: Served | None = None
        self._history_file = HistoryFile()
        self._began = run_builder.now()
        self._moved = Event()
        self._aborted = ""
        self._concluding = False
        self._started: float | None = None

    @property
    def counted(self) -> LoadRecorder:
        return self.total

    def judged_so_far(self) -> list[Verdict]:
        """The verdicts on what is counted now, by the function that judges at the end."""
        asked = run_result.operations(self.spec, self.config, self.plan, self.total)
        state = health(self.total, None)
        return by_operation(self.spec, self.total, operations=asked, claim=self.config.claim, state=state)

    # From the first message to the last report

    def execute(self, workers: Sequence[str]) -> None:
        """Run from the first message to the written result. Blocks."""
        self.workers = WorkerStates(workers)
        self._holders = list(workers)
        line = self.line
        line.show(f"preparing {self.target.url} …")
        self._served = read_journal(self.target)
        for index, name in enumerate(workers):
            config = replace(self.config, index=index, of=len(workers))
            self._tell(name, "prepare", config.message())
        self._wait_until(lambda: not self.workers.preparing, WARM_UP)
        if not (self.workers.preparing or self._must_end()):
            self._ask_clocks()
            self._started = time.monotonic()
            for name in workers:
                self._tell(name, "go", {"lead": LEAD})
            self._watch()
            self._ask_clocks()
        line.clear()
        self.conclude()

    def _must_end(self) -> bool:
        return bool(self.workers.refused or self.stopped or self.workers.lost or self.over.is_set())

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not (condition() or self._must_end()):
            left = until - time.monotonic()
            if left <= 0:
                return
            self._moved.clear()
            self._moved.wait(min(left, 1.0))
            self._note_lost_workers()

    def _ask_clocks(self) -> None:
        """A few exchanges with each worker whose clock is not ours."""
        for name, bounds in self.workers.clocks.items():
            for _ in range(EXCHANGES):
                self._moved.clear()
                self._tell(name, "clock", {"asked": perf_counter_ns()})
                self._moved.wait(CLOCK_PATIENCE)
            if self._started is None:
                bounds.settle()

    def _watch(self) -> None:
        """A line a second until every worker is done, or can no longer be waited for."""
        assert self._started is not None
        end = self._started + LEAD + self.plan.seconds
        seen = deque([(time.monotonic(), (0, 0, 0))], maxlen=REPORTED)
        until = end + DRAIN + GRACE
        while self.workers.running and time.monotonic() < until:
            if self.workers.refused is not None:
                until = min(until, time.monotonic() + LAST_REPORTS)
            self._moved.clear()
            self._moved.wait(1.0)
            self._note_lost_workers()
            self._start_late_workers()
            self._abort_on_fail()
            now = time.monotonic()
            if now - seen[-1][0] >= 1:
                since, before = seen[0]
                self.line.show(terminal.progress(self.total, before, now - since, max(0.0, end - now)))
                seen.append((now, (self.total.planned, self.total.requests, self.total.done)))
                self.total.seal(round((now - self._started - DRAIN - GRACE) * 1e9))

    def _note_lost_workers(self) -> None:
        """Wait no longer for workers that are gone."""
        passed = None if self._started is None else time.monotonic() - self._started
        for name in [name for name in self.workers.running if self._gone(name)]:
            self.workers.note_lost(name, passed)

    def _start_late_workers(self) -> None:
        """Give late processes that are ready their share, from a moment on of which all workers hear before it comes."""
        assert self._started is not None
        now = time.monotonic()
        for name in [name for name, since in self.workers.arrived.items() if now - since > NOTICED]:
            del self.workers.arrived[name]
            passed = now - self._started - LEAD
            since = round((passed + AHEAD) * 1e9)
            place = next((n for n, holder in enumerate(self._holders) if holder in self.workers.lost), None)
            number = self.workers.all[name]
            if place is None:
                place = len(self._holders)
                self._holders.append(name)
                role = f"and sends one in {len(self._holders)} arrivals"
                for index, other in enumerate(self._holders[:-1]):
                    self._tell(other, "share", {"share": (since, index, len(self._holders))})
            else:
                role = f"in place of load process {self.workers.all[self._holders[place]]}"
                self._holders[place] = name
            self.workers.running[name] = None
            self._tell(name, "go", {"lead": -passed, "share": (since, place, len(self._holders))})
            self.joined.append(f"load process {number} joined {since / 1e9:.0f} s after the start, {role}")

    def _abort_on_fail(self) -> None:
        share, done = self.config.abort_share, self.total.done
        if share is None or self._aborted or done < ABORT_LEAST or self.total.errors <= share * done:
            return
        self._aborted = (
            f"aborted: {self.total.errors} of {done} requests failed, and --abort-on-fail allows {share:.2%}"
        )
        for name in tuple(self.workers.running):
            self._tell(name, "finish", {})

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:
        """Handle a message of a worker."""
        if kind == "here":
            self._prepare_late_worker(worker)
        elif self._concluding:
            return  # a message of a process that is not waited for any longer
        elif kind == "report":
            self.workers.note_died(worker, data["counts"].died)
            self.total.merge(data["counts"])
            self._history_file.add(data["history"], worker)
        elif worker in self.workers.all:
            self.workers.hear(worker, kind, data)
        self._moved.set()

    def _prepare_late_worker(self, worker: str) -> None:
        """Let a load process prepare that came when the run was under way, if enough of the plan is left."""
        if self._started is None or self._concluding or worker in self.workers.all:
            return
        if self._started + self.plan.seconds - time.monotonic() < WORTH_JOINING:
            return
        number = self.workers.join(worker)
        config = replace(self.config, index=number - 1, of=number)
        self._tell(worker, "prepare", config.message())

    # The end

    def finish(self) -> None:
        """End the run early, because somebody stops it: let the workers end it and write down what is known. Blocks."""
        if self.over.is_set() or self._concluding:
            return
        self._note_lost_workers()
        # Where none is left, nobody stopped the run: Locust ends a test whose last worker went missing.
        self.stopped = bool(self.workers.running) or not self.workers.all
        for name in tuple(self.workers.running):
            self._tell(name, "finish", {})
        until = time.monotonic() + HURRIED + GRACE / 3
        while self._started is not None and self.workers.running and time.monotonic() < until:
            gevent.sleep(0.02)
        self._moved.set()
        self.conclude()

    def conclude(self) -> None:
        """Judge, print and write the result. Only the first call does anything."""
        if self._concluding:
            return
        self._concluding = True
        try:
            result, refused = self._judged(), self.workers.refused
            if not self.outputs.quiet:
                self._show(result)
            code = run_builder.EXIT[result.grade] if refused is None else refused[1]
            self.save(result, code, self._history_file)
        finally:
            self._history_file.close()
            self.over.set()

    def _show(self, result: Run) -> None:
        if self.workers.refused is not None:
            print(self.workers.refused[0], file=sys.stderr)
        else:
            terminal.summary(result, self.spec, terminal.console())

    def _judged(self) -> Run:
        loads: list[LoadResult] = []
        races: list[LaneRecord] = []
        if self._started is None:
            verdicts = [run_result.not_begun(self.workers, stopped=self.stopped, patience=WARM_UP)]
        else:
            after = read_journal(self.target) if self._served is not None else None
            load, races = run_result.loaded(
                self.spec, self.config, self.plan, total=self.total, history_file=self._history_file,
                workers=self.workers, served=(self._served, after),
            )  # fmt: skip
            loads.append(load)
            verdicts = run_result.ended_early(
                self.workers, self.plan, aborted=self._aborted, stopped=self.stopped or self.workers.stopped,
                endless=self.config.seconds == ENDLESS,
            )  # fmt: skip
            verdicts += [
                Verdict(check="run.workers", grade=Grade.ADVISORY, reason=line) for line in self.joined
            ]
        return run_builder.run(
            self.spec, began=self._began, ended=run_builder.now(), target=self.target.url, seed=self.config.seed,
            command=f"load {self.config.scenario}", loads=loads, verdicts=verdicts, races=races,
        )  # fmt: skip
