"""The part of a run that one process plays: warm up, send its share of the plan, drain, report. Told by the conductor.

It speaks through one function, `say(kind, data)`: `ready`, `refused`, `report` and `done`. Whether that is a call in the
same process or a message to a master somewhere else, it does not know.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any

import gevent
from gevent.event import Event

from contracts.spec import Operation, Spec
from load.closed import Round
from load.connection import Pool
from load.courier import Courier, Report
from load.dispatcher import PATIENCE, Dispatcher
from load.journeys import Journey, catalogue
from load.order import Order, account
from load.plan import deck, share
from load.pulse import Pulse
from load.recorder import Recorder, pack
from load.scenarios import stock
from load.target import parse
from load.warmup import Refused, warm_up
from load.world import World

DRAIN = PATIENCE / 1e9
HURRIED = 2.0
"""Seconds for the answers still to come when somebody stops the run."""


def _silent(operation: Operation, ms: float, length: int, wrong: str) -> None:
    """No report."""


class Player:
    def __init__(
        self, spec: Spec, order: Order, *, say: Callable[[str, dict[str, Any]], None], report: Report
    ) -> None:
        self.spec = spec
        self.order = order
        self.say = say
        self.journeys: Mapping[str, Journey] = catalogue(spec)
        target = parse(order.host, prefix=spec.prefixes[0])
        thresholds = {op.id: round(op.objective.threshold_ms * 1e6) for op in spec}
        self.recorder = Recorder(thresholds)
        world = World(random.Random(f"{order.seed} {order.index}"), name=f"w{order.index}", account=account())
        self.pool = Pool(target)
        if order.users:
            report = _silent  # Locust's own users report to its statistics
        self.courier = Courier(spec=spec, pool=self.pool, world=world, recorder=self.recorder, report=report)
        self.dispatcher = Dispatcher(self.courier, self.journeys)
        self.pulse = Pulse(self.recorder)
        self.over = Event()
        self.hurried = False
        self._playing = False
        self.pace = order.plan().rate / order.users if order.users else 0.0
        """Requests a second of one closed user."""
        self.round: Round | None = None
        """What closed users take turns at, while there are any."""

    def prepare(self) -> None:
        """Warm up, then say `ready` or `refused`. Blocks."""
        plan = self.order.plan()
        needed = stock(share(plan.arrivals(), self.order.index, self.order.of), plan.seconds)
        used = set(plan.mix) | {name for _, name, _ in plan.bursts}
        self.courier.conformity.prepare((self.journeys[n].operation, self.journeys[n].expects) for n in used)
        try:
            warm_up(self.courier, self.journeys, needed)
        except Refused as refused:
            self.over.set()
            self.ship()
            self.say("refused", {"line": str(refused), "reached": refused.reached})
            return
        self.say("ready", {})

    def play(self, lead: float) -> None:
        """Begin `lead` seconds from now; ends with `done`. Blocks."""
        self._playing = True
        courier = self.courier
        courier.start = perf_counter_ns() + round(lead * 1e9)
        gc.collect()
        gc.freeze()  # what exists now lives as long as the run: collections need not walk it
        self.pulse.start()
        try:
            self._send()
            sending = perf_counter_ns() - courier.start
            cpu = self.pulse.stop()
            self.dispatcher.drain(HURRIED if self.hurried else DRAIN)
        finally:
            gc.unfreeze()
            self.pool.close()
        self.ship()
        self.say("done", {"cpu": cpu, "seconds": sending / 1e9, "stopped": self.dispatcher.stopped})
        self.over.set()

    def _send(self) -> None:
        plan = self.order.plan()
        if not self.order.users:
            self.dispatcher.run(share(plan.arrivals(), self.order.index, self.order.of))
            return
        names = deck(plan.mix, random.Random(f"{self.order.seed} deck {self.order.index}"))
        gevent.sleep(max(0, self.courier.start - perf_counter_ns()) / 1e9)
        self.round = Round(self.courier, (self.journeys[name] for name in names))
        try:
            self.dispatcher.keep(plan.seconds)
        finally:
            self.round = None

    def ship(self) -> None:
        self.say("report", self.counted())

    def counted(self) -> dict[str, Any]:
        """All that was counted and remembered since the last report."""
        history, self.courier.history = self.courier.history, []
        return {"counts": pack(self.recorder.take()), "history": b"\n".join(history)}

    def finish(self) -> None:
        """Stop the arrivals, wait for the answers that come soon, and return when the last report is out."""
        self.hurried = True
        self.dispatcher.stop()
        if self._playing:
            self.over.wait(HURRIED + 3)

    def progress(self) -> None:
        """Ship once a second for as long as the run lasts: for a conductor in the same process."""
        while not self.over.is_set():
            gevent.sleep(1)
            if not self.over.is_set():
                self.ship()
