"""Sends each arrival of its share when it is due, whatever the answers to the earlier ones do: an open workload.

One greenlet sleeps from due time to due time; each delivery runs in its own greenlet, of which there are as many as
answers are outstanding, up to a cap. An arrival that cannot be sent is counted with its reason, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter_ns

import gevent

from load.alarm import Alarm
from load.courier import Courier
from load.journeys import Journey
from load.plan import Arrival
from load.world import Starved

CAP = 4_000
"""Requests in flight for one process. At 300/s that is a target silent for 13 s, longer than requests are waited for."""
PATIENCE = 10_000_000_000
"""How long an answer is waited for, ns; after that the request is an error at its age."""
SWEEP = 0.25


class Dispatcher:
    def __init__(self, courier: Courier, journeys: Mapping[str, Journey], *, cap: int = CAP) -> None:
        self.courier = courier
        self.journeys = journeys
        self.cap = cap
        self.stopped = False

    def run(self, arrivals: Iterable[Arrival]) -> None:
        """Returns when the last arrival is sent, or at `stop`."""
        sweeper = gevent.spawn(self._sweep)
        alarm = Alarm()
        courier, recorder = self.courier, self.courier.recorder
        start = courier.start
        try:
            for arrival in arrivals:
                due = start + arrival.due
                alarm.until(due)
                if self.stopped:
                    break
                journey = self.journeys[arrival.journey]
                recorder.due(journey.operation, arrival.due)
                self._send(journey, due)
        finally:
            alarm.close()
            sweeper.kill(block=False)

    def keep(self, seconds: float) -> None:
        """For a closed workload: others send; returns so long after the start, or at `stop`."""
        sweeper = gevent.spawn(self._sweep)
        end = self.courier.start + round(seconds * 1e9)
        try:
            while not self.stopped and (left := end - perf_counter_ns()) > 0:
                gevent.sleep(min(left / 1e9, 0.1))
        finally:
            sweeper.kill(block=False)

    def _send(self, journey: Journey, due: int) -> None:
        courier = self.courier
        if len(courier.flights) >= self.cap:
            courier.recorder.drop(journey.operation, f"{self.cap} requests were in flight already")
            return
        try:
            draft = journey.build(courier.world)
        except Starved as reason:
            courier.starve(journey, due, str(reason))
            return
        gevent.spawn(courier.deliver, journey, draft, due)

    def _sweep(self) -> None:
        while True:
            gevent.sleep(SWEEP)
            self.courier.expire(perf_counter_ns() - PATIENCE, "timeout")

    def stop(self) -> None:
        """No arrival is sent after this."""
        self.stopped = True

    def drain(self, seconds: float) -> int:
        """Wait for the answers still to come; what is left then is counted as errors at its age. How many those were."""
        until = perf_counter_ns() + round(seconds * 1e9)
        gevent.sleep(0)  # what was handed over last has to take off first
        while self.courier.flights and perf_counter_ns() < until:
            gevent.sleep(0.01)
        left = self.courier.expire(perf_counter_ns() + 1, "unfinished")
        self.courier.recorder.unfinished += left
        gevent.sleep(0.05)  # their greenlets see the closed sockets and leave their line in the history
        return left
