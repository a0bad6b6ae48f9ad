"""The real-time driver of one client: it sends its requests and fires its timers on greenlets.

It is the counterpart of `virtual_time.VirtualTime`. `carry` sends one request, blocks, and returns its answer or None. A client
has at most six requests under way, like a browser with one host over HTTP/1.1; the others wait.
"""

import time
from collections.abc import Callable, Iterable

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from load.virtual_users.drivers.server_adapter import ABREAST
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

Carry = Callable[[ClientRequest], ClientReply | None]


class RealTime:
    """The real-time driver of one client. `notify` receives the client's notices; `clock` is the client's, in seconds since
    1970."""

    def __init__(
        self, client: GuideClient, carry: Carry, *,
        notify: Callable[[str], None] = lambda what: None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.client, self.carry, self.notify, self.clock = client, carry, notify, clock
        self.flying = 0
        self.ended = False
        self._slots = BoundedSemaphore(ABREAST)
        self._alarms: dict[Timer, gevent.Greenlet[..., None]] = {}
        self._moved = Event()
        self.do(client.start())

    def do(self, effects: Iterable[Effect]) -> None:
        """Carry out effects without waiting; their results reach the client in other greenlets."""
        for effect in effects:
            match effect:
                case SendRequest():
                    self.flying += 1
                    gevent.spawn(self._send, effect)
                case ArmTimer(timer, delay):
                    self._disarm(timer)
                    self._alarms[timer] = gevent.spawn_later(delay, self._ring, timer)
                case CancelTimer(timer):
                    self._disarm(timer)
                case NotifyUser(what):
                    self.notify(what)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, which is checked after each answer and each timer. The result tells whether it holds."""
        until = self.clock() + seconds
        while not self.ended and not condition():
            left = until - self.clock()
            if left <= 0:
                break
            self._moved.clear()
            self._moved.wait(left)
        return condition()

    def end(self) -> None:
        """End the client: no timer fires any more, and answers that are under way are ignored."""
        self.ended = True
        for alarm in self._alarms.values():
            alarm.kill(block=False)
        self._alarms.clear()
        self._moved.set()

    def _send(self, send: SendRequest) -> None:
        try:
            with self._slots:
                reply = None if self.ended else self.carry(send.request)
        finally:
            self.flying -= 1
        self._then(lambda: self.client.replied(send.number, reply, self.clock()))

    def _ring(self, timer: Timer) -> None:
        self._alarms.pop(timer, None)
        self._then(lambda: self.client.fired(timer, self.clock()))

    def _then(self, step: Callable[[], Iterable[Effect]]) -> None:
        if not self.ended:
            self.do(step())
        self._moved.set()

    def _disarm(self, timer: Timer) -> None:
        alarm = self._alarms.pop(timer, None)
        # A firing timer may arm itself again, and must not kill the greenlet that it runs in.
        if alarm is not None and alarm is not gevent.getcurrent():
            alarm.kill(block=False)
