"""The virtual-time driver of clients: it carries out their effects in order of time, without waiting.

    clock = VirtualTime(server, now=1_800_000_000.0)
    clock.join(client)
    clock.do(client, client.login(email, password, clock.now))
    clock.settle()

A `ServerAdapter` answers a batch of requests with delays, invented or measured. An hour of a session takes only as long as its
requests.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from load.virtual_users.guide.exchange import (
    ArmTimer,
    CancelTimer,
    ClientReply,
    ClientRequest,
    Effect,
    NotifyUser,
    SendRequest,
    Timer,
)
from load.virtual_users.guide.guide_client import GuideClient

HORIZON = 60.0
"""The most seconds of `settle`: more than the retries (7 s), at most the lifetime of a cached answer."""


@dataclass(frozen=True, slots=True)
class TimedReply:
    """The reply, or None for a network error, `delay` seconds after the request."""

    delay: float
    reply: ClientReply | None


class ServerAdapter(Protocol):
    """A server that answers batches of requests."""

    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        """The answers to requests that are sent at the same time, in the order of the batch."""


class VirtualTime:
    """The driver of one or more clients in virtual time."""

    def __init__(self, wire: ServerAdapter, *, now: float) -> None:
        self.wire, self.now = wire, now
        self.notices: list[tuple[float, str]] = []
        self._order = count()
        self._due: list[tuple[float, int, GuideClient, int, ClientReply | None, Timer]] = []
        self._armed: dict[tuple[GuideClient, Timer], int] = {}
        self._busy = 0

    def join(self, client: GuideClient) -> GuideClient:
        self.do(client, client.start())
        return client

    def do(self, client: GuideClient, effects: Iterable[Effect]) -> None:
        """Carry out effects; the requests among them are sent together."""
        sends: list[SendRequest] = []
        for effect in effects:
            match effect:
                case SendRequest():
                    sends.append(effect)
                case ArmTimer(timer, delay):
                    order = next(self._order)
                    self._armed[client, timer] = order
                    heapq.heappush(self._due, (self.now + delay, order, client, 0, None, timer))
                case CancelTimer(timer):
                    self._armed.pop((client, timer), None)
                case NotifyUser(what):
                    self.notices.append((self.now, what))
        if sends:
            self._busy += len(sends)
            for send, arrival in zip(
                sends, self.wire.exchange([s.request for s in sends], self.now), strict=True
            ):
                due = (self.now + arrival.delay, next(self._order), client, send.number, arrival.reply, ())
                heapq.heappush(self._due, due)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self._step()
        self.now = until

    def settle(self) -> None:
        """Run until no answer and no retry is outstanding, without waiting for timers of lifetimes and flushes."""
        until = self.now + HORIZON
        while self._pending() and self._due[0][0] <= until:
            self._step()

    def _pending(self) -> bool:
        return bool(self._busy) or any(timer[0] == "retry" for _, timer in self._armed)

    def _step(self) -> None:
        at, order, client, number, reply, timer = heapq.heappop(self._due)
        if timer and self._armed.get((client, timer)) != order:
            return
        self.now = max(self.now, at)
        if timer:
            del self._armed[client, timer]
            self.do(client, client.fired(timer, self.now))
        else:
            self._busy -= 1
            self.do(client, client.replied(number, reply, self.now))
