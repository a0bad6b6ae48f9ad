"""The closed workload of virtual users: the users of one process do their tasks for the time of the run.

Each Locust user's greenlet drives one of them from step to step, at that user's own pace.
"""

from secrets import token_hex
from time import perf_counter_ns
from typing import Any

import gevent

from contracts.spec import Spec
from load.engine.clean_up import archive
from load.engine.in_flight import Report
from load.engine.recorder import LoadRecorder
from load.engine.warm_up import greet
from load.runs.run_config import RunConfig, account
from load.runs.workload import ArrivalWorkload
from load.virtual_users.realtime_session import OVERDUE
from load.virtual_users.roles import Population
from load.virtual_users.user_pool import UserPool

TICK = 0.25


class UserWorkload(ArrivalWorkload):
    """The virtual users of one process as a workload; no arrival is planned."""

    def __init__(
        self, spec: Spec, config: RunConfig, population: Population, recorder: LoadRecorder, report: Report
    ) -> None:
        super().__init__(spec, config, recorder, report)
        self.user_pool = UserPool(
            spec=spec, tracker=self.tracker, target=self.tracker.pool.target, population=population, account=account(),
            index=config.index, seed=config.seed, mark=f"load-{token_hex(4)}",
        )  # fmt: skip

    def prepare(self) -> None:
        """Check by one login that the target answers and accepts the credentials."""
        operations = self.tracker.spec
        self.tracker.schema_sample.prepare((op.id, op.success.status) for op in operations)
        greet(self.tracker, self.journeys)

    def perform(self) -> None:
        gevent.sleep(max(0, self.tracker.start - perf_counter_ns()) / 1e9)
        self.user_pool.open = True
        watch = gevent.spawn(self._watch)
        try:
            self.send_window.keep(self.config.plan().seconds)
        finally:
            self.user_pool.open = False
            watch.kill(block=False)
        for realtime_session in self.user_pool.connected:
            realtime_session.hush()
        until = perf_counter_ns() + OVERDUE + 1_000_000_000  # what began last is decided too
        while (
            any(realtime_session.waiting for realtime_session in self.user_pool.connected)
            and perf_counter_ns() < until
        ):
            gevent.sleep(TICK)
            self._overdue()

    def clean_up(self, seconds: float) -> None:
        for user in tuple(self.user_pool.users):
            user.leave()
        self.left = archive(self.tracker, self.user_pool.made, seconds=seconds)

    def close(self) -> None:
        for user in tuple(self.user_pool.users):
            user.leave()
        super().close()

    def report(self) -> dict[str, Any]:
        return {**self.user_pool.report(), **super().report()}

    def _watch(self) -> None:
        while True:
            gevent.sleep(TICK)
            self._overdue()

    def _overdue(self) -> None:
        for realtime_session in self.user_pool.connected:
            realtime_session.overdue(perf_counter_ns())
