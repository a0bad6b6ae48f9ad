"""One storm: open N sockets through the fault proxy, cut them, write, end the outage, wait for the clients to reconnect.

`Storm.run` has the steps in order and returns a `StormRecord`, from which `measurement` computes the numbers. The clients'
greenlets do the work; the storm only waits, in slices of `TICK`.
"""

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass
from random import Random

import gevent

from load.proxy.process import ProxyError, ProxyProcess
from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import Purpose, Start, Submitted, heartbeat
from load.realtime.simulation.network import Outage
from load.realtime.simulation.prediction import Prediction
from load.realtime.simulation.simulator import Simulation
from load.realtime.storm.outage_faults import OutageFault
from load.realtime.storm.storm_api import StormApi, WrittenVersion
from load.realtime.storm.storm_clients import Advance, StormClients, StormError, live
from load.realtime.storm.storm_record import StormRecord
from load.realtime.storm.storm_verdicts import LAG

TICK = 0.01
OPEN_SLOT = 10
"""Clients that connect per tick at the start, which is not yet the storm."""
BEAT_SLOT = 25
"""Clients that send a heartbeat per tick."""
OPEN_PATIENCE, OPEN_STILL = 30.0, 10.0
"""Seconds for all sockets to open, and without a further one opening."""
ANSWER_PATIENCE = 2.0
"""Seconds for answers to heartbeats: twice the limit of W6, so that late answers differ from missing ones."""
LATENESS_FACTOR = 5
"""Waits are longer by this many times the generator's longest stall."""
WRITES = 3
SETTLE_SECONDS, SETTLE_LEAST = 60.0, 10.0
"""Client seconds after the return until a client counts as still trying; and the least, in real seconds."""
FLAP_SECONDS = 0.05
"""In real seconds, as in the toxic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StormPlan:
    """The plan of one storm. `outage` is in client seconds: it lasts `outage * time_scale` real seconds."""

    policy: str
    fault: OutageFault
    clients: int
    outage: float
    time_scale: float
    seed: int

    @property
    def timing(self) -> Timing:
        return Timing().scaled(self.time_scale, keep_connect_timeout=not self.fault.hangs)


class Storm:
    """One storm against a target."""

    def __init__(
        self, plan: StormPlan, api: StormApi, proxy: ProxyProcess, advance: Advance = lambda seconds: False
    ) -> None:
        self.plan = plan
        self.api = api
        self.proxy = proxy
        self.advance = advance
        self._dropped = False
        self.lag = 0.0
        """The generator's longest stall in seconds: how late the storm was woken at worst."""
        self._sessions = StormClients(
            plan.policy, plan.timing, plan.clients, Random(plan.seed), api, proxy.listen
        )
        self.clients = self._sessions.all

    def run(self, item: WrittenVersion) -> StormRecord:
        """Run the storm. `item` is updated meanwhile, and its versions are in the record."""
        plan = self.plan
        prediction, attempts = self._predict()
        try:
            self._sessions.log_in(apart=plan.fault.expires)
            self._open(item.stamp)
            gc.collect()
            gc.freeze()  # a collection that walks thousands of clients would stop all of them for over 100 ms
            before = self._write(item, 1)
            self._beat()
            dropped_at = time.perf_counter()
            self._dropped = True
            self._drop()
            if plan.fault.expires:
                self._sessions.expire(self.advance)
            during = self._write(before[-1][1], WRITES)
            self._beat(wait=False)
            self._outlast(dropped_at, attempts)
            if not plan.fault.silent:
                self.proxy.reset()
            back_at = time.perf_counter()
            self._settle(dropped_at, back_at)
            settled_at = time.perf_counter()
            came_back = [live(client) for client in self.clients]
            after = self._write(during[-1][1], 1)
            self._beat()
            return StormRecord(
                policy=plan.policy,
                fault=plan.fault,
                time_scale=plan.time_scale,
                clients=self._sessions.observed(),
                dropped_at=dropped_at,
                back_at=back_at,
                settled_at=settled_at,
                before=before,
                during=during,
                after=after,
                live_after=tuple(
                    sockets & live(c) for c, sockets in zip(self.clients, came_back, strict=True)
                ),
                prediction=prediction,
                lag=self.lag,
            )
        finally:
            for client in self.clients:
                client.end()
            with contextlib.suppress(ProxyError):  # the storm's own error is more important
                self.proxy.reset()

    def _open(self, stamp: str) -> None:
        for at, client in enumerate(self.clients):
            self._sessions.stamps[client] = stamp
            client.feed(Start())
            if at % OPEN_SLOT == OPEN_SLOT - 1:
                gevent.sleep(TICK)
        began = time.perf_counter()
        opened = newest = 0
        while opened < len(self.clients) and time.perf_counter() - began < OPEN_PATIENCE:
            self._until(lambda: self._opened() > newest, OPEN_STILL)  # noqa: B023 - called before the next turn
            opened = self._opened()
            if opened == newest:
                break
            newest = opened
        if opened < len(self.clients):
            answers = {str(s or "") for c in self.clients for _, s in c.ledger.refusals}
            raise unopened(opened, len(self.clients), time.perf_counter() - began, answers - {""}, self.lag)

    def _opened(self) -> int:
        return sum(bool(client.open_sockets) for client in self.clients)

    def _write(self, last: WrittenVersion, count: int) -> list[tuple[float, WrittenVersion]]:
        """Make `count` acknowledged writes; after a single one, wait for its events."""
        written = []
        for number in range(count):
            last = self.api.update(last, f"Storm {self.plan.policy} {self.plan.fault.name} {number}")
            written.append((time.perf_counter(), last))
        if count == 1:
            expected = [len(live(client)) for client in self.clients]
            # Events of this write may have come before its answer, so they are found by version.
            self._until(lambda: self._all_have_seen(last, expected), self._patience())
        return written

    def _all_have_seen(self, written: WrittenVersion, expected: list[int]) -> bool:
        return all(
            sum(seen.version == written.version and seen.item == written.item for seen in c.ledger.seen) >= n
            for c, n in zip(self.clients, expected, strict=True)
        )

    def _beat(self, *, wait: bool = True) -> None:
        """Submit one heartbeat to every client; while offline it waits in the client's queue."""
        for at, client in enumerate(self.clients):
            client.feed(Submitted(heartbeat(client.epoch + time.perf_counter())))
            if at % BEAT_SLOT == BEAT_SLOT - 1:
                gevent.sleep(TICK)  # thousands at once would delay the first answers until the last request
        if wait:
            self._until(self._all_answered, self._patience())

    def _patience(self) -> float:
        """The wait for answers. A generator that fires timers late also reads answers late, and those are not missing."""
        worst = max((late for c in self.clients for late in c.ledger.lateness), default=0.0)
        return ANSWER_PATIENCE + LATENESS_FACTOR * worst

    def _all_answered(self) -> bool:
        """Whether all heartbeats on live sockets are answered."""
        return all(
            sum(answer.socket in client.sockets for answer in client.ledger.answers)
            >= sum(
                beat.socket in client.sockets and beat.socket not in client.dead
                for beat in client.ledger.beats
            )
            for client in self.clients
        )

    def _drop(self) -> None:
        if self.plan.fault.silent:
            for client in self.clients:
                client.mark_dead()
        for put in self.plan.fault.puts:
            name = self.proxy.add(put.toxic, put.attributes, stream=put.stream)
            if put.brief:
                self.proxy.remove(name)

    def _outlast(self, dropped_at: float, attempts: int) -> None:
        """Wait for the planned end of the outage, and until each client has tried as often as a simulated one does in that time.
        Otherwise clients that a stall of the generator delayed would meet a shorter outage."""
        gevent.sleep(max(0.0, dropped_at + self.plan.outage * self.plan.time_scale - time.perf_counter()))

        def attempted() -> bool:
            return all(sum(at >= dropped_at for at in c.ledger.connects) >= attempts for c in self.clients)

        self._until(attempted, OPEN_PATIENCE)

    def _settle(self, dropped_at: float, back_at: float) -> None:
        """Wait until no client has a pending reconnect or sync."""
        scale, timing = self.plan.time_scale, self.plan.timing
        if self.plan.fault.silent:
            # The client notices the half-open socket by the missing answer to a heartbeat.
            notice = dropped_at + timing.heartbeat + timing.pong + timing.base - time.perf_counter()
            gevent.sleep(max(0.0, notice))
        gevent.sleep(TICK)  # for the events of sockets that are already closed
        self._until(self._settled, max(SETTLE_SECONDS * scale, SETTLE_LEAST))
        self._until(lambda: not self._sessions.pending_syncs, OPEN_PATIENCE)

    def _settled(self) -> bool:
        return not any(
            any(purpose is Purpose.RECONNECT for purpose in client.timers.values())
            or not all(client.sockets.values())
            for client in self.clients
        )

    def _predict(self) -> tuple[Prediction, int]:
        """(the simulator's prediction, the least attempts of a simulated client before the target's return)."""
        plan = self.plan
        outage = Outage(
            mode=plan.fault.mode, seconds=plan.outage, clean=plan.fault.clean, flap_seconds=FLAP_SECONDS / plan.time_scale
        )  # fmt: skip
        simulation = Simulation(
            plan.policy,
            clients=plan.clients,
            outage=outage,
            seed=plan.seed,
            horizon=plan.outage + SETTLE_SECONDS,
            queued=1,
        )
        prediction = simulation.run()
        return prediction, min(sum(0 <= at < plan.outage for at in c.connects) for c in simulation.clients)

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.perf_counter() + seconds
        while (began := time.perf_counter()) < deadline + LATENESS_FACTOR * self.lag and not condition():
            self._refuse_flaws()
            # A check of thousands of clients takes time, so nine tenths of the time are left to the clients.
            pause = max(TICK, 9 * (time.perf_counter() - began))
            due = time.perf_counter() + pause
            gevent.sleep(pause)
            self.lag = max(self.lag, time.perf_counter() - due)

    def _refuse_flaws(self) -> None:
        """StormError if the channel breaks its protocol, or ends sockets before the outage; both are the target's fault."""
        reasons = Counter(reason for client in self.clients for reason in client.ledger.flaws)
        if reasons:
            reason, times = reasons.most_common(1)[0]
            raise StormError(f"the channel {reason} ({times} times); no storm can be made of it")
        ends = 0 if self._dropped else sum(len(client.ledger.ends) for client in self.clients)
        if ends >= len(self.clients):
            codes = {str(code) for client in self.clients for _, _, _, code in client.ledger.ends}
            ended = f"{ends} sockets of {len(self.clients)} clients ended (codes: {', '.join(sorted(codes))})"
            raise StormError(f"{ended} while nothing was wrong; no storm can be made of that")


def unopened(opened: int, sockets: int, seconds: float, answers: Set[str], lag: float) -> StormError:
    """The error of a storm whose sockets do not open. Without an answer that refuses them it is the target's fault only where the
    generator itself, whose longest stall is `lag`, had the time to open them."""
    said = f"(answers: {', '.join(sorted(answers)) or 'none'})"
    text = f"only {opened} of {sockets} sockets opened within {seconds:.0f} s while nothing was wrong {said}"
    if answers or lag <= LAG:
        return StormError(text)
    return StormError(
        f"{text}; but the generator itself stood still for {lag:.1f} s at once, so nothing is proved",
        ours=True,
    )
