"""The pool of worker processes, in the controlling process: it hands out checks, collects their reports and keeps the time budget.

pytest and its plugins see the reports of one check after another, as if the checks had run in this process.
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
from contracts.suite.judging.foreign_form import BEHIND_IS_DOWN
from contracts.suite.judging.recorder import Counted, RecordedFinding
from contracts.suite.plugin.workers.concurrency import Concurrency, Done
from contracts.suite.plugin.workers.suite_worker import SuiteWorker, WorkerEnd
from contracts.suite.plugin.workers.work_order import WorkOrder
from contracts.suite.plugin.workers.worker_world import WORLD, Alone
from contracts.verdict import Grade

FAILED_ONCE = "it failed beside other checks and passed alone: "
"""The prefix of the reason of a check that failed in parallel and passed alone."""
GRACE = 60.0
"""Seconds that the workers have to stop their servers or to archive the items that they made. A Django server that computes 1,000,000 rounds of
PBKDF2 for each of their logins needed more than 15, for 16 workers that ended together."""
HURRY = 1.5
"""The same after a signal, when somebody waits for the end."""


class WorkerHandle:
    """One worker as the controlling process sees it: its pipe, the check that it runs, and the reports of that check so far."""

    def __init__(self, session: pytest.Session, others: Sequence[WorkerHandle], name: str) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, far_end = context.Pipe()
        ours = [*(other.pipe for other in others), self.pipe]
        self.process = context.Process(target=_work, args=(session, far_end, name, ours), daemon=True)
        self.process.start()
        far_end.close()
        self.place: int | None = None
        self.reports: list[Any] = []

    def give(self, place: int) -> None:
        self.place, self.reports = place, []
        self.pipe.send(place)


def _work(session: pytest.Session, pipe: Connection, name: str, ours: Sequence[Connection]) -> None:
    for end in ours:
        end.close()  # otherwise no worker would notice that the controlling process is gone
    SuiteWorker(session, pipe, session.config.stash[WORLD], name).run()


class WorkerPool:
    """The workers of one run.

    `merge` adds a worker's counts to the run, `findings` returns what all have found so far, and `lost` makes the report of a check
    whose worker died. `fits` says whether a check can end within a number of seconds. `disturbed` says whether a report may be due to
    other checks on the same target; that check runs once more, alone, and is ADVISORY if it passes then. It does not if another check
    has failed alone for the same cause: being alone does not make that one go away.
    """

    def __init__(
        self,
        session: pytest.Session,
        concurrency: Concurrency,
        *,
        merge: Callable[[Counted | None], None],
        findings: Callable[[], list[RecordedFinding]],
        lost: Callable[[pytest.Item, str], pytest.TestReport],
        fits: Callable[[int, float], bool],
        until: float,
        disturbed: Callable[[Any], bool],
    ) -> None:
        self._session = session
        self._concurrency = concurrency
        self._merge = merge
        self._findings = findings
        self._lost = lost
        self._fits = fits
        self._until = until
        self._disturbed = disturbed
        self._confirming = True
        self._again: list[int] = []
        self._failed: dict[int, list[Any]] = {}
        """The reports of checks that were disturbed in parallel, by place."""
        self._confirmed: set[str] = set()
        """The causes of failures that came again alone."""
        self._workers: list[WorkerHandle] = []
        self._started = 0
        self.cut_off = False
        """Whether the time budget ended before all checks had run."""
        self.uncounted = 0
        """The number of workers that ended without their counts."""

    def run(self, order: WorkOrder) -> None:
        grace = GRACE
        gc.collect()
        gc.freeze()  # so that the collector does not touch, and thereby copy, the memory shared with the workers
        try:
            self._grow(self._concurrency.most)
            self._run_all(order.together)
            last = [*self._again, *order.alone]
            self._confirming = False
            if last and self._workers and time.monotonic() < self._until:
                self._end(self._workers[1:], grace)
                with suppress(OSError):
                    self._workers[0].pipe.send(Alone(self._findings()))
                self._run_all(last)
        except KeyboardInterrupt:
            grace = HURRY
            raise
        finally:
            gc.unfreeze()
            self._end(list(self._workers), grace)

    def unconfirmed(self) -> dict[int, CheckResult]:
        """Place -> result of each check that was disturbed in parallel and did not run again, because the run ended."""
        return {
            place: max(_rows(reports), key=lambda row: Grade[row.grade])
            for place, reports in self._failed.items()
        }

    def _run_all(self, places: Sequence[int]) -> None:
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
                self._receive(busy[pipe])  # type: ignore[index]
        self.cut_off = self.cut_off or bool(queue)

    def _grow(self, count: int) -> None:
        """Start workers until so many have been started; none while the last checks run alone."""
        while self._confirming and self._started < count:
            self._workers.append(WorkerHandle(self._session, self._workers, f"w{self._started}"))
            self._started += 1

    def _hand_out(self, queue: list[int]) -> None:
        for known in [each for each in queue if self._confirmed & _causes(self._failed.get(each, ()))]:
            queue.remove(known)
            self._show(known, self._failed.pop(known))
        left = self._until - time.monotonic()
        free = [worker for worker in self._workers if worker.place is None]
        for worker in free[: max(0, self._concurrency.most - len(self._workers) + len(free))]:
            place = next((place for place in queue if self._fits(place, left)), None)
            if place is None:
                return
            queue.remove(place)
            worker.give(place)

    def _receive(self, worker: WorkerHandle) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            message = None
        if isinstance(message, Done):
            self._grow(self._concurrency.after(message))
            self._report(worker)
        elif isinstance(message, WorkerEnd):
            self._workers.remove(worker)
            self._merge(message.counted)
            pytest.exit(message.reason, returncode=message.code)
        elif message is None:
            self._died(worker)
        else:
            worker.reports.append(message)

    def _report(self, worker: WorkerHandle) -> None:
        """Show the reports of a check that has ended, or keep them until it has run alone."""
        assert worker.place is not None
        if self._confirming and any(self._disturbed(report) for report in worker.reports):
            self._again.append(worker.place)
            self._failed[worker.place] = worker.reports
            worker.place = None
            return
        place, worker.place = worker.place, None
        first = self._failed.pop(place, ())
        before = next((row.reason for row in _rows(first) if row.grade == "FAIL"), "")
        for report in worker.reports if before else ():
            again = _row(report)
            if again is not None and again.grade == "PASS":
                result = {"grade": "ADVISORY", "reason": f"{FAILED_ONCE}{before}"}
                report["check"] = again.model_copy(update=result)
        if first:
            self._confirmed |= _causes(worker.reports)
        self._show(place, worker.reports)

    def _show(self, place: int, reports: Sequence[Any]) -> None:
        """Pass a check's reports to pytest and its plugins, with the hooks that they would see had it run in this process."""
        session, item = self._session, self._session.items[place]
        hook = item.config.hook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for data in reports:
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
        self.uncounted += 1
        worker.process.join(GRACE)
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if worker.place is not None:
            item = self._session.items[worker.place]
            worker.reports = [self._lost(item, f"the process that ran this check ended ({how})")]
            self._report(worker)

    def _end(self, workers: Sequence[WorkerHandle], grace: float) -> None:
        """Stop workers and merge their counts, within `grace` seconds. A worker that is running a check is interrupted."""
        for worker in workers:
            self._workers.remove(worker)
            with suppress(OSError):
                worker.pipe.send(None)
            if worker.place is not None:
                worker.process.terminate()
        until = time.monotonic() + grace
        try:
            for worker in workers:
                self._await_end(worker, until)
        finally:
            for worker in workers:
                worker.process.join(max(0.1, until - time.monotonic()))
                if worker.process.is_alive():
                    worker.process.kill()

    def _await_end(self, worker: WorkerHandle, until: float) -> None:
        with suppress(EOFError, OSError):
            while worker.pipe.poll(max(0, until - time.monotonic())):
                message = worker.pipe.recv()
                if isinstance(message, WorkerEnd):
                    self._merge(message.counted)
                    return
        self.uncounted += 1


def _row(report: Any) -> CheckResult | None:
    """The check result in a report that a worker sent."""
    return report.get("check") if isinstance(report, dict) else None


def _rows(reports: Sequence[Any]) -> list[CheckResult]:
    return [row for row in map(_row, reports) if row is not None]


def _causes(reports: Sequence[Any]) -> set[str]:
    """The causes for which a check failed, or could not be checked, as texts that are equal for one cause."""
    rows = _rows(reports)
    return {row.reason for row in rows if BEHIND_IS_DOWN.search(row.reason)} | {
        row.offence.model_dump_json(exclude={"text", "used"})
        for row in rows
        if row.grade == "FAIL" and row.offence is not None
    }
