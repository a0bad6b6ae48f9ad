"""The sockets of a fan-out: each stands for a client that shows one item, and reads it again after each event.

The read is due at the moment of the event, as in the guide's client, which invalidates its cache and fetches again (S:1406-1440).
For each write it is recorded which sockets got the event, and when.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter_ns

import gevent

from load.realtime.policies.protocol import Message, heartbeat
from load.realtime.websocket import Endpoint, WebSocket

Refetch = Callable[[int, int, int], None]
"""(socket, version of the event, its arrival time): reads the item again. It blocks."""
BEAT = 20.0
"""Seconds between heartbeats; the guide's client sends one every 30 s."""
TICK = 0.02


@dataclass(slots=True)
class EventDeliveries:
    """The deliveries of one version's event. `at` maps sockets to arrival times in ns; `again` counts repeats."""

    at: dict[int, int] = field(default_factory=dict)
    again: Counter[int] = field(default_factory=Counter)


class FanOutSockets:
    """The sockets of a fan-out, and their listener."""

    def __init__(self, endpoint: Endpoint, count: int, item: str, refetch: Refetch) -> None:
        self.endpoint = endpoint
        self.count = count
        self.item = item
        self.refetch = refetch
        self.deliveries: dict[int, EventDeliveries] = {}
        self.live: set[int] = set()
        self.lost: Counter[str] = Counter()
        """Reason -> sockets that were refused or closed."""
        self.refetching = 0
        self.unversioned = 0
        self._flaws: dict[int, str] = {}
        """What a server did on an open socket that no server may do. We close some of those sockets, not all."""
        self._sockets: dict[int, WebSocket] = {}
        self._beats: gevent.Greenlet[[], None] | None = None

    def open(self, seconds: float) -> int:
        """Connect all sockets, ten at a time, and wait for them. The result is the number of open ones."""
        for number in range(self.count):
            self._sockets[number] = WebSocket(number, lambda: self.endpoint, self)
            if number % 10 == 9:
                gevent.sleep(TICK)
        self.wait(lambda: len(self.live) + self.lost.total() >= self.count, seconds)
        self._beats = gevent.spawn(self._beat)
        return len(self.live)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= until:
                return False
            gevent.sleep(TICK)
        return True

    def close(self) -> None:
        if self._beats is not None:
            self._beats.kill(block=False)
        for socket in self._sockets.values():
            socket.abort()

    def _beat(self) -> None:
        while True:
            gevent.sleep(BEAT)
            for number in tuple(self.live):
                self._sockets[number].send(heartbeat(time.time()))

    # The listener

    def opened(self, socket: int) -> None:
        self.live.add(socket)

    def refused(self, socket: int, status: int | None) -> None:
        self.lost[f"refused with {status or 'no answer'}"] += 1

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self.live.discard(socket)
        flaw = self._flaws.pop(socket, "")
        self.lost[f"closed with {code}{f'; the server {flaw}' if flaw else ''}"] += 1

    def flawed(self, socket: int, reason: str) -> None:
        self._flaws[socket] = reason

    def received(self, socket: int, message: Message) -> None:
        now = perf_counter_ns()
        data = message.get("data")
        if message.get("type") != "content_updated" or not isinstance(data, dict):
            return
        version = data.get("version")
        if data.get("contentId") != self.item:
            return
        if not isinstance(version, int):
            self.unversioned += 1
            return
        deliveries = self.deliveries.setdefault(version, EventDeliveries())
        if socket in deliveries.at:
            deliveries.again[socket] += 1
            return
        deliveries.at[socket] = now
        self.refetching += 1
        gevent.spawn(self._again, socket, version, now)

    def _again(self, socket: int, version: int, now: int) -> None:
        try:
            self.refetch(socket, version, now)
        finally:
            self.refetching -= 1
