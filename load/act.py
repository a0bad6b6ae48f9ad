"""What a player plays: a plan's arrivals, or Locust's users who take turns at the same journeys.

act.prepare()       blocks; warmup.Refused where the run cannot begin
act.perform()       from the start of the books to the end of the sending, or until `act.shift.stop()`
act.close()
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any, Protocol

import gevent

from contracts.spec import Spec
from load.books import Books, Named, Report
from load.closed import Round
from load.connection import Pool
from load.courier import Courier
from load.dispatcher import Dispatcher
from load.journeys import Journey, catalogue
from load.order import Order, account
from load.plan import deck, share
from load.recorder import Recorder
from load.scenarios import stock
from load.shift import Shift
from load.target import parse
from load.warmup import warm_up
from load.world import World


class Act(Protocol):
    @property
    def books(self) -> Books: ...
    @property
    def shift(self) -> Shift: ...

    def prepare(self) -> None: ...
    def perform(self) -> None: ...
    def close(self) -> None: ...
    def told(self) -> dict[str, Any]:
        """What it has to say at the end beside the counts."""


def _silent(what: Named, ms: float, length: int, wrong: str) -> None:
    """No report."""


class Arrivals:
    """The open workload: the plan says when each request is due."""

    def __init__(self, spec: Spec, order: Order, recorder: Recorder, report: Report) -> None:
        self.order = order
        self.journeys: Mapping[str, Journey] = catalogue(spec)
        world = World(random.Random(f"{order.seed} {order.index}"), name=f"w{order.index}", account=account())
        pool = Pool(parse(order.host, prefix=spec.prefixes[0]))
        self.books = Courier(spec=spec, pool=pool, world=world, recorder=recorder, report=report)
        self.shift = Dispatcher(self.books, self.journeys)

    def prepare(self) -> None:
        plan = self.order.plan()
        needed = stock(share(plan.arrivals(), self.order.index, self.order.of), plan.seconds)
        used = set(plan.mix) | {name for _, name, _ in plan.bursts}
        self.books.conformity.prepare((self.journeys[n].operation, self.journeys[n].expects) for n in used)
        warm_up(self.books, self.journeys, needed)

    def perform(self) -> None:
        self.shift.run(share(self.order.plan().arrivals(), self.order.index, self.order.of))

    def close(self) -> None:
        self.books.pool.close()

    def told(self) -> dict[str, Any]:
        return {}


class Turns(Arrivals):
    """The closed workload: so many users share the plan's rate; `round` is what they take turns at, while there is one."""

    def __init__(self, spec: Spec, order: Order, recorder: Recorder) -> None:
        super().__init__(spec, order, recorder, _silent)  # Locust's own users report to its statistics
        self.round: Round | None = None

    @property
    def pace(self) -> float:
        """Requests a second of one user."""
        return self.order.plan().rate / self.order.users

    def perform(self) -> None:
        plan = self.order.plan()
        names = deck(plan.mix, random.Random(f"{self.order.seed} deck {self.order.index}"))
        gevent.sleep(max(0, self.books.start - perf_counter_ns()) / 1e9)
        self.round = Round(self.books, (self.journeys[name] for name in names))
        try:
            self.shift.keep(plan.seconds)
        finally:
            self.round = None
