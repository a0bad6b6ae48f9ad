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
from load.engine.in_flight import Report, thresholds
from load.engine.recorder import LoadRecorder
from load.engine.send_window import PATIENCE
from load.engine.timing.loop_monitor import LoopMonitor
from load.engine.warm_up import Refused
from load.runs.run_config import RunConfig
from load.runs.workload import ArrivalWorkload, ClosedWorkload, Workload
from load.virtual_users.user_workload import UserWorkload

DRAIN = PATIENCE / 1e9
SHIPPED = 0.25
HURRIED = 2.0
"""Seconds for the answers still to come when somebody stops the run."""


class LoadWorker:
    def __init__(
        self, spec: Spec, order: RunConfig, *, say: Callable[[str, dict[str, Any]], None], report: Report
    ) -> None:
        self.say = say
        spec = order.objectives(spec)
        self.recorder = LoadRecorder(thresholds(spec))
        self.act = _act(spec, order, self.recorder, report)
        self.loop_monitor = LoopMonitor(self.recorder, self.act.tracker.stalls)
        self.over = Event()
        self.hurried = False
        self._running_workers = False

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

    def run_share(self, lead: float) -> None:
        """Begin `lead` seconds from now; ends with `done`. Blocks."""
        self._running_workers = True
        tracker, send_window = self.act.tracker, self.act.send_window
        tracker.start = perf_counter_ns() + round(lead * 1e9)
        gc.collect()
        gc.freeze()  # what exists now lives as long as the run: collections need not walk it
        self.loop_monitor.start()
        try:
            self.act.perform()
            sending = perf_counter_ns() - tracker.start
            cpu = self.loop_monitor.stop()
            send_window.drain(HURRIED if self.hurried else DRAIN)
        finally:
            gc.unfreeze()
            self.act.close()
        self.ship()
        self.say(
            "done",
            {"cpu": cpu, "seconds": sending / 1e9, "stopped": send_window.stopped, "told": self.act.told()},
        )
        self.over.set()

    def ship(self) -> None:
        self.say("report", self.counted())

    def counted(self) -> dict[str, Any]:
        """All that was counted and remembered since the last report."""
        tracker = self.act.tracker
        history, tracker.history = tracker.history, []
        return {"counts": self.recorder.take(), "history": b"\n".join(history)}

    def finish(self) -> None:
        """Stop the sending, wait for the answers that come soon, and return when the last report is out."""
        self.hurried = True
        self.act.send_window.stop()
        if self._running_workers:
            self.over.wait(HURRIED + 3)

    def progress(self) -> None:
        """Ship for as long as the run lasts: for a conductor in the same process. Often, because nothing is sent meanwhile."""
        while not self.over.is_set():
            gevent.sleep(SHIPPED)
            if not self.over.is_set():
                self.ship()


def _act(spec: Spec, order: RunConfig, recorder: LoadRecorder, report: Report) -> Workload:
    if order.population is not None:
        return UserWorkload(spec, order, order.population, recorder, report)
    if order.users:
        return ClosedWorkload(spec, order, recorder)
    return ArrivalWorkload(spec, order, recorder, report)
