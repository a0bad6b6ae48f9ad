"""What one load process does: a plan's arrivals, or Locust's users who take turns at the same journeys.

workload.prepare()   blocks; warm_up.Refused where the run cannot begin
workload.perform()   from the start of the run to the end of the sending, or until `workload.send_window.stop()`
workload.clean_up()  archives what it has made
workload.close()
"""

import random
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

import gevent

from contracts.spec import Spec, oauth_clients
from load.engine.clean_up import archive
from load.engine.dispatcher import Dispatcher, JourneySequence
from load.engine.in_flight import Report, StatisticsRow
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.engine.warm_up import warm_up
from load.http.connection import Pool
from load.http.target import parse
from load.journeys import Journey, catalogue
from load.journeys.amended_journey import amended
from load.journeys.data_pool import DataPool
from load.results.own_measures import watched
from load.runs.closed_workload import ClosedUsers
from load.runs.run_config import BY_CODE, RunConfig, account
from load.scenarios.arrival_plan import deck
from load.scenarios.scenario_file import SEQUENCE
from load.scenarios.scenario_reader import accounts
from load.scenarios.shared_arrivals import PlanShare, SharedArrivals
from load.scenarios.stock import stock


def _silent(what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
    """No report."""


class ArrivalWorkload:
    """The open workload: the plan says when each request is due."""

    def __init__(self, spec: Spec, order: RunConfig, recorder: LoadRecorder, report: Report) -> None:
        self.order = order
        self.plan_share = PlanShare(since=0, index=order.index, of=order.of)
        self.left = 0
        """Items of its own that it could not archive."""
        self.journeys = _journeys(spec, order, recorder)
        data_pool = DataPool(
            random.Random(f"{order.seed} {order.index}"), name=f"w{order.index}", account=account()
        )
        if order.file is not None:
            data_pool.accounts = accounts(order.file) or data_pool.accounts
        data_pool.oauth_clients = oauth_clients(spec)
        pool = Pool(parse(order.host, prefix=spec.prefixes[0]))
        self.tracker = RequestExecutor(
            spec=spec, pool=pool, data_pool=data_pool, recorder=recorder, report=report
        )
        self.send_window = Dispatcher(
            self.tracker,
            self.journeys,
            sequences=_sequences(order, self.journeys),
            chance=order.random("think"),
        )

    def prepare(self) -> None:
        plan = self.order.plan()
        needed = stock(plan, self.order.index, self.order.of)
        asked = self.order.operations(plan)
        self.tracker.schema_sample.prepare(
            (journey.operation, self.tracker.their_status(journey.operation, journey.expects))
            for journey in self.journeys.values()
            if journey.operation in asked
        )
        read_only = self.order.file is not None and self.order.file.read_only
        warm_up(self.tracker, self.journeys, needed, read_only=read_only)

    def perform(self) -> None:
        self.send_window.run(SharedArrivals(self.order.plan().arrivals(), self.plan_share))

    def take_share(self, share: PlanShare) -> None:
        """Before the first arrival, or in the middle of the plan."""
        self.plan_share = share
        self.send_window.change(share)

    def clean_up(self, seconds: float) -> None:
        """Archive what it has made, for so long at most."""
        self.left = archive(self.tracker, tuple(self.tracker.data_pool.made), seconds=seconds)

    def close(self) -> None:
        self.tracker.pool.close()

    def told(self) -> dict[str, Any]:
        """What it has to say at the end beside the counts."""
        return {"left": self.left}


def _journeys(spec: Spec, order: RunConfig, recorder: LoadRecorder) -> Mapping[str, Journey]:
    """All journeys, with the headers and data of the user's own scenario."""
    known = catalogue(spec)
    file = order.file
    if file is None:
        return known
    return {
        name: watched(
            amended(journey, headers=file.headers, rows=file.rows.get(name, ())),
            file.watched.get(name, ()),
            recorder,
        )
        for name, journey in known.items()
    }


def _sequences(order: RunConfig, journeys: Mapping[str, Journey]) -> Mapping[str, JourneySequence]:
    if order.file is None:
        steps = tuple(journeys[name] for name in BY_CODE) if order.flow == "pkce" else ()
        return {"login": JourneySequence(steps, 0)} if steps else {}
    return {
        f"{SEQUENCE}{name}": JourneySequence(tuple(journeys[step] for step in one.steps), one.think)
        for name, one in order.file.sequences.items()
    }


class ClosedWorkload(ArrivalWorkload):
    """The closed workload: so many users share the plan's rate; `round` is what they take turns at, while there is one."""

    def __init__(self, spec: Spec, order: RunConfig, recorder: LoadRecorder) -> None:
        super().__init__(spec, order, recorder, _silent)  # Locust's own users report to its statistics
        self.round: ClosedUsers | None = None

    @property
    def pace(self) -> float:
        """Requests a second of one user."""
        return self.order.plan().rate / self.order.users

    def perform(self) -> None:
        plan = self.order.plan()
        names = deck(plan.mix, random.Random(f"{self.order.seed} deck {self.order.index}"))
        gevent.sleep(max(0, self.tracker.start - perf_counter_ns()) / 1e9)
        self.round = ClosedUsers(self.tracker, (self.journeys[name] for name in names))
        try:
            self.send_window.keep(plan.seconds)
        finally:
            self.round = None
