"""Real time: carries out the effects of one virtual client, whose requests go out when it sends them and whose timers ring.

The counterpart of `virtual_time.VirtualTime`, with greenlets where that one has a heap. `carry` sends one request, blocks, and
returns None where no answer came; how, and who counts it, is its own business. As a browser does to one host over HTTP/1.1, a
client has six requests under way at most, the others wait for their turn.
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
    """Carries out the effects of one client in real time. `told` hears what the client tells its user; `clock` is the client's,
    seconds since 1970."""

    def __init__(
        self, client: GuideClient, carry: Carry, *,
        told: Callable[[str], None] = lambda what: None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.client, self.carry, self.told, self.clock = client, carry, told, clock
        self.flying = 0
        self.ended = False
        self._slots = BoundedSemaphore(ABREAST)
        self._alarms: dict[Timer, gevent.Greenlet[..., None]] = {}
        self._moved = Event()
        self.do(client.start())

    def do(self, effects: Iterable[Effect]) -> None:
        """Returns at once; what comes back is told to the client in other greenlets."""
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
                    self.told(what)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Until it holds, looked at after each answer and each timer; False if it never did, or the client ended."""
        until = self.clock() + seconds
        while not self.ended and not condition():
            left = until - self.clock()
            if left <= 0:
                break
            self._moved.clear()
            self._moved.wait(left)
        return condition()

    def end(self) -> None:
        """No timer rings any more, and answers that are still on their way are told to nobody."""
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
        # A timer that rings now may arm itself again; it must not end the greenlet that it runs in.
        if alarm is not None and alarm is not gevent.getcurrent():
            alarm.kill(block=False)
