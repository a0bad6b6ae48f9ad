"""Sends each arrival of its share when it is due, whatever the answers to the earlier ones do: an open workload.

A greenlet takes the next arrival, makes its request, and sleeps until it is due; then it hands the rest of the plan to a new
greenlet and sends its own request itself. So nothing but the sending is left when a request is due, and there are as many
greenlets as answers are outstanding, up to a cap. An arrival that cannot be sent is counted with its reason, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import gevent
from gevent.event import Event

from load.engine.in_flight import PreparedRequest
from load.engine.request_executor import RequestExecutor
from load.engine.send_window import SendWindow
from load.engine.timing.precise_sleep import PreciseSleep
from load.journeys import Journey
from load.journeys.data_pool import DataPoolEmpty, Draft
from load.scenarios.arrival_plan import Arrival

CAP = 4_000
"""Requests in flight for one process. At 300/s that is a target silent for 13 s, longer than requests are waited for."""


class Dispatcher(SendWindow):
    def __init__(self, executor: RequestExecutor, journeys: Mapping[str, Journey], *, cap: int = CAP) -> None:
        super().__init__(executor)
        self.executor = executor
        self.journeys = journeys
        self.cap = cap
        self._over = Event()
        self._failure: Exception | None = None

    def run(self, arrivals: Iterable[Arrival]) -> None:
        """Returns when the last arrival is sent, or at `stop`; raises what is wrong with the plan or with us."""
        precise_sleep = PreciseSleep()
        try:
            with self.swept():
                gevent.spawn(self._lead, iter(arrivals), precise_sleep)
                self._over.wait()
        finally:
            precise_sleep.close()
        if self._failure is not None:
            raise self._failure

    def _lead(self, arrivals: Iterator[Arrival], precise_sleep: PreciseSleep) -> None:
        """Wait for one arrival, pass the lead on, deliver."""
        try:
            arrival = None if self.stopped else next(arrivals, None)
            if arrival is None:
                self._over.set()
                return
            journey = self.journeys[arrival.journey]
            made = self._early(journey)
            due = self.executor.start + arrival.due
            precise_sleep.until(due)
            if self.stopped:
                self._unsent(made)
                self._over.set()
                return
            self.executor.recorder.due(journey.operation, arrival.due)
        except Exception as error:
            self._failure = error
            self._over.set()
            return
        gevent.spawn(self._lead, arrivals, precise_sleep)
        self._send(journey, due, made)

    def _early(self, journey: Journey) -> tuple[Draft, PreparedRequest] | None:
        """The request of an arrival that is not due yet; None where what it needs is not there yet."""
        try:
            draft = journey.build(self.executor.data_pool)
        except DataPoolEmpty:
            return None
        return draft, self.executor.ready(journey, draft)

    def _unsent(self, made: tuple[Draft, PreparedRequest] | None) -> None:
        if made is not None:
            self.executor.data_pool.give_back(made[0])

    def _send(self, journey: Journey, due: int, made: tuple[Draft, PreparedRequest] | None) -> None:
        executor = self.executor
        if len(executor.outstanding) >= self.cap:
            self._unsent(made)
            executor.recorder.drop(journey.operation, f"{self.cap} requests were in flight already")
            return
        try:
            draft, ready = made or (journey.build(executor.data_pool), None)
        except DataPoolEmpty as reason:
            executor.starve(journey, due, str(reason))
            return
        executor.deliver(journey, draft, due, ready=ready)
