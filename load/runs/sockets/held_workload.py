"""The workload of the scenario `sockets` in one process: its share of the sockets stays open and receives events of its writes.

    locust -f load/locustfile.py --headless --host URL --scenario sockets --clients 10000 --duration 60 --processes 2

The plan's arrivals are writes. Each process times the events of its own writes on its own sockets, because only there one clock
measures both ends; events of other processes also come, and load the target in the same way.
"""

from time import perf_counter_ns
from typing import Any

import gevent

from contracts.network.descriptors import allow_descriptors
from contracts.spec import Spec
from load.engine.in_flight import Report
from load.engine.recorder import LoadRecorder
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, Draft
from load.realtime.channel_counts import ChannelCounts
from load.realtime.channel_endpoint import ChannelEndpoint
from load.runs.run_config import RunConfig
from load.runs.sockets.held_sockets import OVERDUE, HeldSockets
from load.runs.workload import ArrivalWorkload
from load.scenarios.arrival_plan import PlanError

WRITE = "updateContentItem"
TICK = 0.05


class HeldSocketsWorkload(ArrivalWorkload):
    """The writes of an arrival plan, and sockets that receive their events."""

    def __init__(self, spec: Spec, config: RunConfig, recorder: LoadRecorder, report: Report) -> None:
        super().__init__(spec, config, recorder, report)
        self._count = len(range(config.index, config.clients, config.of))
        try:
            allow_descriptors(self._count)
        except ValueError as error:
            raise PlanError(str(error)) from None
        endpoint, pool = ChannelEndpoint(spec, self.tracker.pool.target), self.tracker.data_pool
        self.sockets = HeldSockets(
            ChannelCounts(self.tracker), lambda: endpoint.endpoint(pool.caller().access), pool.made
        )
        self.journeys = {**self.journeys, WRITE: self._with_deliveries(self.journeys[WRITE])}
        self.send_window.journeys = self.journeys

    def perform(self) -> None:
        window = self.send_window
        gevent.sleep(max(0, self.tracker.start - perf_counter_ns()) / 1e9)
        coming = gevent.spawn(self.sockets.connect, self._count, self.config.ramp, lambda: window.stopped)
        beats = gevent.spawn(self.sockets.beat)
        super().perform()
        window.keep(self.config.plan().seconds)
        coming.join()
        until = perf_counter_ns() + OVERDUE * 1e9
        while self.sockets.undelivered()[0] and perf_counter_ns() < until and not window.stopped:
            gevent.sleep(TICK)
        beats.kill()
        self.sockets.give_up(perf_counter_ns())

    def close(self) -> None:
        self.sockets.close()
        super().close()

    def report(self) -> dict[str, Any]:
        missing, due = self.sockets.undelivered()
        held = {
            "open": len(self.sockets.open),
            "lost": dict(self.sockets.lost),
            "missing": missing,
            "due": due,
        }
        return {**super().report(), "sockets": held}

    def _with_deliveries(self, journey: Journey) -> Journey:
        def learn(pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
            journey.learn(pool, draft, answer)
            if "version" in draft.facts:
                self.sockets.wrote(draft.facts["item"], draft.facts["version"], answer.at)

        return Journey(name=journey.name, expects=journey.expects, build=journey.build, learn=learn)
