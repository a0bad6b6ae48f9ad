"""The part of a run that one process has: warm up, send its share of the plan, drain, report. The coordinator tells it when.

It speaks through one function, `say(kind, data)`: `ready`, `refused`, `clock`, `report` and `done`. Whether that is a call in the
same process or a message to a master somewhere else, it does not know; nor what its workload consists of.
"""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import gevent
from gevent.event import Event

from contracts.command.collector_pause import frozen, settle
from contracts.command.exit_code import ExitCode
from contracts.spec import Spec
from load.engine import task_failures
from load.engine.clean_up import CLEAN_UP
from load.engine.in_flight import Report, thresholds
from load.engine.recorder import LoadRecorder
from load.engine.send_window import PATIENCE
from load.engine.timing.loop_monitor import LoopMonitor
from load.engine.warm_up import Refused
from load.runs.clock_alignment import clock_identity
from load.runs.own_users import OwnUsersWorkload
from load.runs.run_config import RunConfig
from load.runs.sockets.held_workload import HeldSocketsWorkload
from load.runs.workload import ArrivalWorkload
from load.scenarios.shared_arrivals import PlanShare
from load.virtual_users.user_workload import UserWorkload

DRAIN = PATIENCE / 1e9
SHIPPED = 0.25
HURRIED = 2.0
"""Seconds for the answers still to come when somebody stops the run."""


class LoadWorker:
    """One load process's part of a run. `say(kind, data)` reaches the coordinator."""

    def __init__(
        self, spec: Spec, config: RunConfig, *, say: Callable[[str, dict[str, Any]], None], report: Report
    ) -> None:
        self.say = say
        spec = config.objectives(spec)
        self.recorder = LoadRecorder(thresholds(spec))
        self.workload = _workload(spec, config, self.recorder, report)
        self.over = Event()
        self._loop_monitor = LoopMonitor(self.recorder, self.workload.tracker.stalls)
        self._keep_data = config.keep_data
        self._hurried = False
        self._sending = False

    def prepare(self) -> None:
        """Warm up, then say `ready` or `refused`. Blocks."""
        try:
            with task_failures.counted(self.recorder):
                self.workload.prepare()
        except Refused as refused:
            if refused.code is not ExitCode.UNREACHABLE:
                self._clean_up(HURRIED)
            self.workload.close()
            self.over.set()
            self.ship()
            self.say("refused", {"line": str(refused), "code": int(refused.code)})
            return
        settle()
        self.say("ready", {"clock": clock_identity()})

    def tell_clock(self, asked: int) -> None:
        self.say("clock", {"asked": asked, "theirs": perf_counter_ns()})

    def run_share(self, lead: float, share: PlanShare | None = None) -> None:
        """Begin `lead` seconds from now, or that long ago where a run is joined: then `share` is what is taken over. Ends with
        `done`. Blocks."""
        if share is not None:
            self.workload.take_share(share)
        self._sending = True
        tracker, send_window = self.workload.tracker, self.workload.send_window
        tracker.start = perf_counter_ns() + round(lead * 1e9)
        try:
            with frozen(), task_failures.counted(self.recorder):
                self._loop_monitor.start()
                self.workload.perform()
                sending = perf_counter_ns() - tracker.start
                cpu = self._loop_monitor.stop()
                send_window.drain(HURRIED if self._hurried else DRAIN)
                if not send_window.silent:
                    self._clean_up(HURRIED / 2 if self._hurried else CLEAN_UP)
        finally:
            self.workload.close()
        if tracker.outstanding:
            send_window.drain(HURRIED)  # what a user sent by a timer, before it was told to leave
        self.ship()
        self.say(
            "done",
            {
                "cpu": cpu,
                "seconds": sending / 1e9,
                "stopped": send_window.stopped,
                "silent": send_window.silent,
                "report": self.workload.report(),
            },
        )
        self.over.set()

    def change_share(self, share: PlanShare) -> None:
        """Another process has joined."""
        if self._sending:
            self.workload.take_share(share)

    def _clean_up(self, seconds: float) -> None:
        if not self._keep_data:
            self.workload.clean_up(seconds)

    def ship(self) -> None:
        self.say("report", self.counted())

    def counted(self) -> dict[str, Any]:
        """All that was counted and remembered since the last report."""
        tracker = self.workload.tracker
        history, tracker.history = tracker.history, []
        return {"counts": self.recorder.take(), "history": b"\n".join(history)}

    def finish(self) -> None:
        """Stop the sending, wait for the answers that come soon, and return when the last report is out."""
        self._hurried = True
        self.workload.send_window.stop()
        if self._sending:
            self.over.wait(HURRIED + 3)

    def progress(self) -> None:
        """Ship for as long as the run lasts: for a coordinator in the same process. Often, because nothing is sent meanwhile."""
        while not self.over.is_set():
            gevent.sleep(SHIPPED)
            if not self.over.is_set():
                self.ship()


def _workload(spec: Spec, config: RunConfig, recorder: LoadRecorder, report: Report) -> ArrivalWorkload:
    if config.population is not None and config.population.own:
        return OwnUsersWorkload(spec, config, recorder, report)
    if config.population is not None:
        return UserWorkload(spec, config, config.population, recorder, report)
    if config.clients:
        return HeldSocketsWorkload(spec, config, recorder, report)
    return ArrivalWorkload(spec, config, recorder, report)
