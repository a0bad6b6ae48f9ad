"""The reconnect policy with one timer and one socket: as the guide's text describes it, and in its repaired form.

Both are the same state machine with different `ReconnectRules`, which are in `reconnect_policies`. It forgets a socket when the
socket is lost, so a late event of an old socket has no effect; that avoids the defects of `policy_as_written`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import (
    ABNORMAL,
    Abort,
    Action,
    Cancel,
    Close,
    Closed,
    Connect,
    Event,
    Failed,
    Fired,
    Message,
    Notice,
    Notify,
    Online,
    Opened,
    Purpose,
    Received,
    Schedule,
    Send,
    Start,
    Stopped,
    Submitted,
    Sync,
    heartbeat,
    heartbeat_response,
)

SESSION_OVER = 4401


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectRules:
    """The parameters of a policy with one socket."""

    delay: Callable[[int], float]
    """Seconds before the n-th attempt, n from 1."""
    retry_clean: frozenset[int] = frozenset()
    """Close codes after which the client reconnects although the close was clean."""
    max_attempts: int | None = None
    patience: float | None = None
    """Seconds from the loss of the last stable socket until the client gives up."""
    stable: float = 0.0
    """Seconds that a socket must stay open before the attempt counter is reset; 0 resets it at once."""
    pong: float | None = None
    """Seconds to wait for an answer to a heartbeat; None does not wait for one."""
    sync_on_open: bool = False
    queue_limit: int | None = None


class ReconnectState(StrEnum):
    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    ENDED = "ended"


class SingleSocket:
    """A reconnect policy with one timer and one socket. An event that does not fit the state has no effect."""

    def __init__(self, rules: ReconnectRules, timing: Timing) -> None:
        self.rules = rules
        self.timing = timing
        self.state = ReconnectState.IDLE
        self.socket: int | None = None
        self.attempts = 0
        self.lost_at: float | None = None
        self.opened_once = False
        self.queue: deque[Message] = deque(maxlen=rules.queue_limit)
        self.timers: dict[Purpose, int] = {}
        self.issued = 0

    def handle(self, event: Event, now: float) -> list[Action]:
        match event:
            case Start():
                return self._connect() if self.state in (ReconnectState.IDLE, ReconnectState.ENDED) else []
            case Opened(socket):
                return self._opened(now) if socket == self.socket else [Abort(socket)]
            case Failed(socket):
                return self._lost(now, clean=False, code=ABNORMAL) if socket == self.socket else []
            case Closed(socket, clean, code):
                return self._lost(now, clean=clean, code=code) if socket == self.socket else []
            case Received(socket, message):
                return self._received(message, now) if socket == self.socket else []
            case Fired(timer):
                return self._fired(timer, now)
            case Submitted(message):
                return self._submit(message)
            case Online():
                return self._online()
            case Stopped():
                return self._stop()

    def _next(self) -> int:
        self.issued += 1
        return self.issued

    def _arm(self, purpose: Purpose, delay: float) -> list[Action]:
        self.timers[purpose] = self._next()
        return [Schedule(self.timers[purpose], delay, purpose)]

    def _disarm(self, *purposes: Purpose) -> list[Action]:
        return [Cancel(self.timers.pop(purpose)) for purpose in purposes if purpose in self.timers]

    def _connect(self) -> list[Action]:
        self.state = ReconnectState.CONNECTING
        self.socket = self._next()
        return [Connect(self.socket), *self._arm(Purpose.TIMEOUT, self.timing.connect_timeout)]

    def _opened(self, now: float) -> list[Action]:
        assert self.socket is not None
        self.state = ReconnectState.OPEN
        actions = self._disarm(Purpose.TIMEOUT)
        if self.rules.stable:
            actions += self._arm(Purpose.STABLE, self.rules.stable)
        else:
            self._forget_failures()
        actions += self._arm(Purpose.HEARTBEAT, self.timing.heartbeat)
        if self.rules.sync_on_open and self.opened_once:
            actions.append(Sync(None))
        self.opened_once = True
        actions += [Send(self.socket, message) for message in self.queue]
        self.queue.clear()
        return actions

    def _forget_failures(self) -> None:
        self.attempts = 0
        self.lost_at = None

    def _lost(self, now: float, *, clean: bool, code: int) -> list[Action]:
        """End the socket, for any reason, and schedule the next attempt or give up."""
        self.socket = None
        actions = self._disarm(*Purpose)
        if self.lost_at is None:
            self.lost_at = now
        if clean and code not in self.rules.retry_clean:
            self.state = ReconnectState.ENDED
            # The guide's client shows nothing after a clean close; the repaired one asks for a login.
            notified = code == SESSION_OVER and self.rules.retry_clean
            return [*actions, Notify(Notice.SESSION_OVER)] if notified else actions
        delay = self.rules.delay(self.attempts + 1)
        if self._exhausted(now + delay):
            self.state = ReconnectState.ENDED
            return [*actions, Notify(Notice.CONNECTION_LOST)]
        self.attempts += 1
        self.state = ReconnectState.WAITING
        return [*actions, *self._arm(Purpose.RECONNECT, delay)]

    def _exhausted(self, next_attempt_at: float) -> bool:
        rules = self.rules
        if rules.max_attempts is not None and self.attempts >= rules.max_attempts:
            return True
        lost_at = next_attempt_at if self.lost_at is None else self.lost_at
        return rules.patience is not None and next_attempt_at - lost_at > rules.patience

    def _fired(self, timer: int, now: float) -> list[Action]:
        purpose = next((p for p, known in self.timers.items() if known == timer), None)
        if purpose is None:
            return []
        del self.timers[purpose]
        match purpose:
            case Purpose.RECONNECT:
                return self._connect()
            case Purpose.STABLE:
                self._forget_failures()
                return []
            case Purpose.HEARTBEAT:
                return self._beat(now)
            case Purpose.TIMEOUT | Purpose.PONG:
                assert self.socket is not None
                return [Abort(self.socket), *self._lost(now, clean=False, code=ABNORMAL)]

    def _beat(self, now: float) -> list[Action]:
        assert self.socket is not None
        actions: list[Action] = [Send(self.socket, heartbeat(now))]
        actions += self._arm(Purpose.HEARTBEAT, self.timing.heartbeat)
        if self.rules.pong is not None and Purpose.PONG not in self.timers:
            actions += self._arm(Purpose.PONG, self.rules.pong)
        return actions

    def _received(self, message: Message, now: float) -> list[Action]:
        assert self.socket is not None
        # Any frame proves that the connection from the server works, not only the answer to a heartbeat.
        actions = self._disarm(Purpose.PONG)
        if message.get("type") == "heartbeat":
            actions.append(Send(self.socket, heartbeat_response(now)))
        elif message.get("type") == "sync_required":
            actions.append(Sync(message["data"]["lastSyncTimestamp"]))
        return actions

    def _submit(self, message: Message) -> list[Action]:
        if self.state is ReconnectState.OPEN and self.socket is not None:
            return [Send(self.socket, message)]
        self.queue.append(message)
        return []

    def _online(self) -> list[Action]:
        if self.state in (ReconnectState.OPEN, ReconnectState.CONNECTING):
            return []
        if self.state is ReconnectState.ENDED:
            self._forget_failures()
        return [*self._disarm(Purpose.RECONNECT), *self._connect()]

    def _stop(self) -> list[Action]:
        actions = self._disarm(*Purpose)
        if self.socket is not None:
            actions.append(Close(self.socket, 1000))
        self.socket = None
        self.queue.clear()
        self.state = ReconnectState.IDLE
        return actions
