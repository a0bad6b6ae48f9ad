"""Virtual time: carries out the effects of one or more clients against a server, in order of time and then of arrival.

    clock = VirtualTime(server, now=1_800_000_000.0)
    clock.join(client)
    clock.do(client, client.login(email, password, clock.now))
    clock.settle()

A `ServerAdapter` answers a batch of requests with delays; whether those delays are invented or were measured on a real server is
its business. Nothing here waits: an hour of a session runs as fast as its requests.
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
"""`settle` follows retries (7 s at most) and answers, and stops before a whole lifetime of a cached answer."""


@dataclass(frozen=True, slots=True)
class TimedReply:
    """The reply, or None for a network error, so many seconds after the request."""

    delay: float
    reply: ClientReply | None


class ServerAdapter(Protocol):
    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        """Answers in the order of the batch, whose requests leave at the same time."""


class VirtualTime:
    def __init__(self, wire: ServerAdapter, *, now: float) -> None:
        self.wire, self.now = wire, now
        self.told: list[tuple[float, str]] = []
        self._order = count()
        self._due: list[tuple[float, int, GuideClient, int, ClientReply | None, Timer]] = []
        self._armed: dict[tuple[GuideClient, Timer], int] = {}
        self._busy = 0

    def join(self, client: GuideClient) -> GuideClient:
        self.do(client, client.start())
        return client

    def do(self, client: GuideClient, effects: Iterable[Effect]) -> None:
        """Carry out; requests of one batch go out together."""
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
                    self.told.append((self.now, what))
        if sends:
            self._busy += len(sends)
            for send, arrival in zip(
                sends, self.wire.exchange([s.request for s in sends], self.now), strict=True
            ):
                due = (self.now + arrival.delay, next(self._order), client, send.number, arrival.reply, ())
                heapq.heappush(self._due, due)

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self._step()
        self.now = until

    def settle(self) -> None:
        """Run until no answer and no retry is outstanding; timers of lifetimes and flushes are left alone."""
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
