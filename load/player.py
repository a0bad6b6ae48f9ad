"""The part of a run that one process plays: warm up, send its share of the plan, drain, report. Told by the conductor.

It speaks through one function, `say(kind, data)`: `ready`, `refused`, `report` and `done`. Whether that is a call in the
same process or a message to a master somewhere else, it does not know; nor what its act consists of.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import gevent
from gevent.event import Event

from contracts.spec import Spec
from load.act import Act, Arrivals, Turns
from load.books import Report, thresholds
from load.order import Order
from load.people.act import People
from load.pulse import Pulse
from load.recorder import Recorder
from load.shift import PATIENCE
from load.warmup import Refused

DRAIN = PATIENCE / 1e9
SHIPPED = 0.25
HURRIED = 2.0
"""Seconds for the answers still to come when somebody stops the run."""


class Player:
    def __init__(
        self, spec: Spec, order: Order, *, say: Callable[[str, dict[str, Any]], None], report: Report
    ) -> None:
        self.say = say
        self.recorder = Recorder(thresholds(spec))
        self.act = _act(spec, order, self.recorder, report)
        self.pulse = Pulse(self.recorder, self.act.books.pauses)
        self.over = Event()
        self.hurried = False
        self._playing = False

    def prepare(self) -> None:
        """Warm up, then say `ready` or `refused`. Blocks."""
        try:
            self.act.prepare()
        except Refused as refused:
            self.over.set()
            self.ship()
            self.say("refused", {"line": str(refused), "reached": refused.reached})
            return
        self.say("ready", {})

    def play(self, lead: float) -> None:
        """Begin `lead` seconds from now; ends with `done`. Blocks."""
        self._playing = True
        books, shift = self.act.books, self.act.shift
        books.start = perf_counter_ns() + round(lead * 1e9)
        gc.collect()
        gc.freeze()  # what exists now lives as long as the run: collections need not walk it
        self.pulse.start()
        try:
            self.act.perform()
            sending = perf_counter_ns() - books.start
            cpu = self.pulse.stop()
            shift.drain(HURRIED if self.hurried else DRAIN)
        finally:
            gc.unfreeze()
            self.act.close()
        self.ship()
        self.say(
            "done", {"cpu": cpu, "seconds": sending / 1e9, "stopped": shift.stopped, "told": self.act.told()}
        )
        self.over.set()

    def ship(self) -> None:
        self.say("report", self.counted())

    def counted(self) -> dict[str, Any]:
        """All that was counted and remembered since the last report."""
        books = self.act.books
        history, books.history = books.history, []
        return {"counts": self.recorder.take(), "history": b"\n".join(history)}

    def finish(self) -> None:
        """Stop the sending, wait for the answers that come soon, and return when the last report is out."""
        self.hurried = True
        self.act.shift.stop()
        if self._playing:
            self.over.wait(HURRIED + 3)

    def progress(self) -> None:
        """Ship for as long as the run lasts: for a conductor in the same process. Often, because nothing is sent meanwhile."""
        while not self.over.is_set():
            gevent.sleep(SHIPPED)
            if not self.over.is_set():
                self.ship()


def _act(spec: Spec, order: Order, recorder: Recorder, report: Report) -> Act:
    if order.cast is not None:
        return People(spec, order, order.cast, recorder, report)
    if order.users:
        return Turns(spec, order, recorder)
    return Arrivals(spec, order, recorder, report)
