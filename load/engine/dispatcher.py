"""The dispatcher of an open workload: it sends each arrival of its share at its due time, independently of earlier answers.

A greenlet takes the next arrival, prepares its request, and sleeps until it is due; then it hands the rest of the plan to a new
greenlet and sends its own request. So only the sending is left at the due time, and there is one greenlet for each outstanding
answer, up to a cap. An arrival that cannot be sent is counted with the reason.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns

import gevent
from gevent.event import Event
from gevent.queue import SimpleQueue

from load.engine.in_flight import PreparedRequest
from load.engine.request_executor import RequestExecutor
from load.engine.send_window import SendWindow
from load.engine.timing.precise_sleep import PreciseSleep
from load.journeys import Journey
from load.journeys.data_pool import DataPool, DataPoolEmpty, Draft
from load.scenarios.arrival_plan import Arrival
from load.scenarios.shared_arrivals import PlanShare, SharedArrivals

CAP = 4_000
"""The most requests in flight of one process. At 300/s they are reached after 13 s without answers, later than the timeout."""
WHOLE = PlanShare(since=0, index=0, of=1)
Lead = tuple[SharedArrivals, PreciseSleep, int]
"""Whose turn it is to wait for the next arrival; the last is the generation of the lead."""


@dataclass(frozen=True, slots=True)
class JourneySequence:
    """Journeys of one user in sequence; `think` are the mean seconds between an answer and the next request."""

    steps: tuple[Journey, ...]
    think: float


class Dispatcher(SendWindow):
    """The dispatcher of one process. `sequences` are keyed by the names of their arrivals: the plan sets the due time of the first
    request, and each further one is due, and counts as planned, after the answer before it and the think time."""

    def __init__(
        self, executor: RequestExecutor, journeys: Mapping[str, Journey], *, cap: int = CAP,
        sequences: Mapping[str, JourneySequence] | None = None, chance: random.Random | None = None,
    ) -> None:  # fmt: skip
        super().__init__(executor)
        self.executor = executor
        self.journeys = journeys
        self.cap = cap
        self.sequences = sequences or {}
        self.chance = chance or random.Random(0)
        self._arrivals: SharedArrivals | None = None
        self._generation = 0
        """The number of the current leading greenlet; an older one sends nothing more."""
        self._running_sequences = 0
        self._leads: SimpleQueue[Lead | None] = SimpleQueue()
        self._resting = 0
        """Greenlets that wait for something to send."""
        self._over = Event()
        self._failure: Exception | None = None

    def run(self, arrivals: Iterable[Arrival]) -> None:
        """Send all arrivals, or until `stop`. Errors of the plan or of the dispatcher are raised."""
        mine = arrivals if isinstance(arrivals, SharedArrivals) else SharedArrivals(arrivals, WHOLE)
        self._arrivals = mine
        with self.swept():
            self._begin(mine)
            self._over.wait()
            while self._running_sequences and not self.stopped:
                gevent.sleep(0.05)
        self._generation += 1
        for _ in range(self._resting):
            self._leads.put(None)
        if self._failure is not None:
            raise self._failure

    def change(self, share: PlanShare) -> None:
        """Send another share of the plan, from a future moment on. A greenlet that waits for an arrival of the old share is
        replaced."""
        if self._arrivals is not None and not self._over.is_set():
            self._arrivals.change(share)
            self._begin(self._arrivals)

    def _begin(self, arrivals: SharedArrivals) -> None:
        self._generation += 1
        self._pass_on((arrivals, PreciseSleep(), self._generation))

    def _pass_on(self, lead: Lead) -> None:
        """Give the lead to a greenlet that has its answer, or to a new one if all still wait for theirs."""
        if self._resting:
            self._resting -= 1
            self._leads.put(lead)
        else:
            gevent.spawn(self._deliver_in_turn, lead)

    def _deliver_in_turn(self, lead: Lead | None) -> None:
        """The loop of a greenlet: lead and deliver, again and again. One for each arrival would have the system map and unmap
        its stack each time."""
        while lead is not None:
            self._lead(*lead)
            if self._over.is_set():
                return
            self._resting += 1
            lead = self._leads.get()

    def _lead(self, arrivals: SharedArrivals, precise_sleep: PreciseSleep, generation: int) -> None:
        """Wait until one arrival is due, start the next leading greenlet, and send the request."""
        try:
            if generation != self._generation:
                precise_sleep.close()
                return
            arrival = None if self.stopped else next(arrivals, None)
            if arrival is None:
                precise_sleep.close()
                self._over.set()
                return
            sequence = self.sequences.get(arrival.journey)
            journey = self.journeys[arrival.journey] if sequence is None else sequence.steps[0]
            pool = self.executor.data_pool if sequence is None else self.executor.data_pool.apart()
            made = self._prepare(journey, pool)
            due = self.executor.start + arrival.due
            precise_sleep.until(due)
            if self.stopped or generation != self._generation:
                self._unsent(made)
                precise_sleep.close()
                if self.stopped:
                    self._over.set()
                return
            arrivals.sent()
            self.executor.recorder.due(journey.operation, arrival.due)
        except Exception as error:
            self._failure = error
            self._over.set()
            return
        self._running_sequences += sequence is not None
        self._pass_on((arrivals, precise_sleep, generation))
        self._send(journey, due, made, pool)
        if sequence is not None:
            try:
                self._follow(sequence, pool)
            finally:
                self._running_sequences -= 1

    def _follow(self, sequence: JourneySequence, pool: DataPool) -> None:
        """Send the steps after the first; a step that is impossible because of an earlier failure ends the sequence."""
        executor = self.executor
        for journey in sequence.steps[1:]:
            if sequence.think:
                gevent.sleep(self.chance.expovariate(1 / sequence.think))
            if self.stopped:
                return
            made = self._prepare(journey, pool)
            if made is None:
                return
            due = perf_counter_ns()
            executor.recorder.due(journey.operation, due - executor.start)
            self._send(journey, due, made, pool)

    def _prepare(self, journey: Journey, pool: DataPool) -> tuple[Draft, PreparedRequest] | None:
        """The request of an arrival before it is due; None if the pool lacks something for it at this time."""
        try:
            draft = self._built(journey, pool)
        except DataPoolEmpty:
            return None
        return draft, self.executor.ready(journey, draft)

    def _built(self, journey: Journey, pool: DataPool) -> Draft:
        draft = journey.build(pool)
        if pool is not self.executor.data_pool:
            draft.pool = pool
        return draft

    def _unsent(self, made: tuple[Draft, PreparedRequest] | None) -> None:
        if made is not None:
            (made[0].pool or self.executor.data_pool).give_back(made[0])

    def _send(
        self, journey: Journey, due: int, made: tuple[Draft, PreparedRequest] | None, pool: DataPool
    ) -> None:
        executor = self.executor
        if len(executor.outstanding) >= self.cap:
            self._unsent(made)
            executor.recorder.drop(journey.operation, f"{self.cap} requests were in flight already")
            return
        try:
            draft, ready = made or (self._built(journey, pool), None)
        except DataPoolEmpty as reason:
            executor.starve(journey, due, str(reason))
            return
        executor.deliver(journey, draft, due, ready=ready)
