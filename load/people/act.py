"""The act of a population: the people of this process come, do as they are wont for so long, and go.

Locust's users are the people's legs: each of its greenlets takes one person from step to step, at that person's own pace.
"""

from __future__ import annotations

from secrets import token_hex
from time import perf_counter_ns
from typing import Any

import gevent

from contracts.spec import Spec
from load.books import Report
from load.connection import Pool
from load.courier import Courier
from load.journeys import catalogue
from load.order import Order, account
from load.people.crew import Crew
from load.people.line import OVERDUE
from load.people.roles import Cast
from load.recorder import Recorder
from load.shift import Shift
from load.target import parse
from load.warmup import greet
from load.world import World

TICK = 0.25


class People:
    def __init__(self, spec: Spec, order: Order, cast: Cast, recorder: Recorder, report: Report) -> None:
        self.order = order
        self.journeys = catalogue(spec)
        target = parse(order.host, prefix=spec.prefixes[0])
        world = World(order.random("people"), name=f"w{order.index}", account=account())
        self.books = Courier(spec=spec, pool=Pool(target), world=world, recorder=recorder, report=report)
        self.shift = Shift(self.books)
        self.crew = Crew(
            spec=spec, books=self.books, target=target, cast=cast, account=account(), index=order.index,
            seed=order.seed, mark=f"load-{token_hex(4)}",
        )  # fmt: skip

    def prepare(self) -> None:
        """One login says whether the target is there and takes these credentials."""
        operations = self.books.spec
        self.books.conformity.prepare((op.id, op.success.status) for op in operations)
        greet(self.books, self.journeys)

    def perform(self) -> None:
        gevent.sleep(max(0, self.books.start - perf_counter_ns()) / 1e9)
        self.crew.open = True
        watch = gevent.spawn(self._watch)
        try:
            self.shift.keep(self.order.plan().seconds)
        finally:
            self.crew.open = False
            watch.kill(block=False)
        for line in self.crew.connected:
            line.hush()
        until = perf_counter_ns() + OVERDUE
        while any(line.waiting for line in self.crew.connected) and perf_counter_ns() < until:
            gevent.sleep(TICK)
            self._overdue()

    def close(self) -> None:
        for person in tuple(self.crew.people):
            person.leave()
        self.books.pool.close()

    def told(self) -> dict[str, Any]:
        return self.crew.told()

    def _watch(self) -> None:
        while True:
            gevent.sleep(TICK)
            self._overdue()

    def _overdue(self) -> None:
        for line in self.crew.connected:
            line.overdue(perf_counter_ns())
