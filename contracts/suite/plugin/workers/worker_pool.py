"""The pytest process of a run with several workers: it hands the checks out, takes the reports in, and keeps the time budget.

pytest and its plugins see the reports of one check after another, as if they had run here.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

from contracts.run import CheckResult
from contracts.suite.judging.recorder import Counted, RecordedFinding
from contracts.suite.plugin.workers.suite_worker import Done, SuiteWorker, WorkerEnd
from contracts.suite.plugin.workers.work_order import WorkOrder
from contracts.suite.plugin.workers.worker_world import WORLD, Alone

FAILED_ONCE = "it failed beside other checks and passed alone: "
"""How the reason of a check begins whose failure did not come again."""
GRACE = 15.0
"""Seconds in which a worker that is to stop ends its server or archives what it made."""
CALM = 10
"""Checks without a wait for the rate limit, after which one more may run at once."""


class WorkerHandle:
    """One worker as the pytest process sees it: its pipe, the check that it runs, and the reports of that so far."""

    def __init__(self, session: pytest.Session, others: Sequence[WorkerHandle]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, told = context.Pipe()
        ours = [*(other.pipe for other in others), self.pipe]
        self.process = context.Process(
            target=_work, args=(session, told, f"w{len(others)}", ours), daemon=True
        )
        self.process.start()
        told.close()
        self.place: int | None = None
        self.reports: list[Any] = []

    def give(self, place: int) -> None:
        self.place, self.reports = place, []
        self.pipe.send(place)


def _work(session: pytest.Session, told: Connection, name: str, ours: Sequence[Connection]) -> None:
    for end in ours:
        end.close()  # else no worker would see that the pytest process is gone
    SuiteWorker(session, told, session.config.stash[WORLD], name).run()


class WorkerPool:
    """`merge` takes what a worker has counted, `findings` gives what all have found so far, `lost` makes the report of a check whose
    worker died. `fits`: whether a check may end within so many seconds. `disturbed`: whether a report may tell what the other checks did, so
    that its check runs once more, alone. If it passes then, it is told as what it is: ADVISORY, a failure that did not come again."""

    def __init__(
        self,
        session: pytest.Session,
        *,
        merge: Callable[[Counted | None], None],
        findings: Callable[[], list[RecordedFinding]],
        lost: Callable[[pytest.Item, str], pytest.TestReport],
        fits: Callable[[int, float], bool],
        until: float,
        disturbed: Callable[[Any], bool],
    ) -> None:
        self._session = session
        self._merge = merge
        self._findings = findings
        self._lost = lost
        self._fits = fits
        self._until = until
        self._disturbed = disturbed
        self._confirming = True
        self._again: list[int] = []
        self._failed: dict[int, str] = {}
        self._workers: list[WorkerHandle] = []
        self._most = self._calm = 0
        self.cut_off = False
        """The budget was over before all checks had run."""

    def run(self, order: WorkOrder, count: int) -> None:
        gc.collect()
        gc.freeze()  # what is shared now stays shared
        try:
            for _ in range(count):
                self._workers.append(WorkerHandle(self._session, self._workers))
            self._most = count
            self._play(order.together)
            last = [*self._again, *order.alone]
            self._confirming = False
            if last and self._workers and not self.cut_off:
                self._end(self._workers[1:])
                with suppress(OSError):
                    self._workers[0].pipe.send(Alone(self._findings()))
                self._play(last)
        finally:
            gc.unfreeze()
            self._end(list(self._workers))

    def _play(self, places: Sequence[int]) -> None:
        queue = list(places)
        while self._workers:
            self._hand_out(queue)
            busy = {worker.pipe: worker for worker in self._workers if worker.place is not None}
            if not busy:
                break
            left = self._until - time.monotonic()
            ready = wait(list(busy), timeout=None if left == float("inf") else max(left, 0))
            if not ready:
                self.cut_off = True
                return
            for pipe in ready:
                self._hear(busy[pipe])  # type: ignore[index]
        self.cut_off = self.cut_off or bool(queue)

    def _hand_out(self, queue: list[int]) -> None:
        left = self._until - time.monotonic()
        free = [worker for worker in self._workers if worker.place is None]
        for worker in free[: max(0, self._most - len(self._workers) + len(free))]:
            place = next((place for place in queue if self._fits(place, left)), None)
            if place is None:
                return
            queue.remove(place)
            worker.give(place)

    def _hear(self, worker: WorkerHandle) -> None:
        try:
            word = worker.pipe.recv()
        except (EOFError, OSError):
            word = None
        if isinstance(word, Done):
            self._slow_down(word.waited)
            self._tell(worker)
        elif isinstance(word, WorkerEnd):
            self._workers.remove(worker)
            self._merge(word.counted)
            pytest.exit(word.reason, returncode=word.code)
        elif word is None:
            self._died(worker)
        else:
            worker.reports.append(word)

    def _slow_down(self, waited: float) -> None:
        """Half as many at once after each check that the target's rate limit held up, and one more again after a while."""
        self._calm = 0 if waited else self._calm + 1
        if waited:
            self._most = max(1, self._most // 2)
        elif self._calm % CALM == 0:
            self._most = min(self._most + 1, len(self._workers))

    def _tell(self, worker: WorkerHandle) -> None:
        """To pytest and its plugins, all that they would have heard had the check run here."""
        assert worker.place is not None
        session, item = self._session, self._session.items[worker.place]
        hook = item.config.hook
        if self._confirming and any(self._disturbed(report) for report in worker.reports):
            self._again.append(worker.place)
            for row in filter(None, map(_row, worker.reports)):
                if row.grade == "FAIL":
                    self._failed[worker.place] = row.reason
            worker.place = None
            return
        for report in worker.reports if worker.place in self._failed else ():
            again = _row(report)
            if again is not None and again.grade == "PASS":
                told = {"grade": "ADVISORY", "reason": f"{FAILED_ONCE}{self._failed[worker.place]}"}
                report["check"] = again.model_copy(update=told)
        worker.place = None
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for data in worker.reports:
            report = data
            if not isinstance(data, pytest.TestReport):
                report = hook.pytest_report_from_serializable(config=item.config, data=data)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)

    def _died(self, worker: WorkerHandle) -> None:
        self._workers.remove(worker)
        worker.process.join(GRACE)
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if worker.place is not None:
            item = self._session.items[worker.place]
            worker.reports = [self._lost(item, f"the process that ran this check ended ({how})")]
            self._tell(worker)

    def _end(self, workers: Sequence[WorkerHandle]) -> None:
        """Merge what they have counted. One in the middle of a check breaks it off."""
        for worker in workers:
            self._workers.remove(worker)
            with suppress(OSError):
                worker.pipe.send(None)
            if worker.place is not None:
                worker.process.terminate()
        until = time.monotonic() + GRACE
        try:
            for worker in workers:
                self._last_word(worker, until)
        finally:
            for worker in workers:
                worker.process.join(1)
                if worker.process.is_alive():
                    worker.process.kill()

    def _last_word(self, worker: WorkerHandle, until: float) -> None:
        with suppress(EOFError, OSError):
            while worker.pipe.poll(max(0, until - time.monotonic())):
                word = worker.pipe.recv()
                if isinstance(word, WorkerEnd):
                    self._merge(word.counted)
                    return


def _row(report: Any) -> CheckResult | None:
    """The row of the run in a report that a worker sent."""
    return report.get("check") if isinstance(report, dict) else None
