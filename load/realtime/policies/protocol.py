"""The events and actions of reconnect policies: a driver passes events to a policy and carries out its actions.

A policy has no sockets, clock or random source of its own; sockets and timers are numbers that it chooses. So the same policy
runs in virtual time (`simulator`), on real sockets (`realtime_client`) and in a test with a list of events.

    >>> Schedule(timer=3, delay=1.0, purpose=Purpose.RECONNECT).delay
    1.0
    >>> failure(7)
    (Failed(socket=7), Closed(socket=7, clean=False, code=1006))
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeAlias

Message: TypeAlias = Mapping[str, Any]
"""A frame, `{"type": str, "data": {...}}` (S:1428-1451)."""

ABNORMAL = 1006
"""The close code that a page sees without a close frame (RFC 6455, 7.4.1)."""


class Purpose(StrEnum):
    """The purpose of a timer, so that a driver may leave out timers that it does not need."""

    RECONNECT = "reconnect"
    TIMEOUT = "timeout"
    HEARTBEAT = "heartbeat"
    PONG = "pong"
    STABLE = "stable"


class Notice(StrEnum):
    """A notice that the user sees, or should see."""

    CONNECTION_LOST = "connection-lost"
    FROZEN = "frozen"
    SESSION_OVER = "session-over"


class Start(NamedTuple):
    """The application connects for the first time."""


class Opened(NamedTuple):
    socket: int


class Failed(NamedTuple):
    """The browser's `error` event."""

    socket: int


class Closed(NamedTuple):
    """The browser's `close` event; `clean` is `wasClean`."""

    socket: int
    clean: bool
    code: int


class Fired(NamedTuple):
    timer: int


class Received(NamedTuple):
    socket: int
    message: Message


class Submitted(NamedTuple):
    """The application calls `send()`."""

    message: Message


class Online(NamedTuple):
    """The `online` event of the window."""


class Stopped(NamedTuple):
    """The application calls `disconnect()`."""


Event: TypeAlias = Start | Opened | Failed | Closed | Fired | Received | Submitted | Online | Stopped


class Connect(NamedTuple):
    socket: int


class Close(NamedTuple):
    """`WebSocket.close()`: a closing handshake if open, a failed connection if still connecting."""

    socket: int
    code: int


class Abort(NamedTuple):
    """Drop the connection at once, without a close frame. No event follows."""

    socket: int


class Send(NamedTuple):
    socket: int
    message: Message


class Schedule(NamedTuple):
    timer: int
    delay: float
    purpose: Purpose


class Cancel(NamedTuple):
    timer: int


class Notify(NamedTuple):
    notice: Notice


class Sync(NamedTuple):
    """Catch up by `GET /content/sync`; `since` None means the client's own last stamp."""

    since: str | None


Action: TypeAlias = Connect | Close | Abort | Send | Schedule | Cancel | Notify | Sync


class ReconnectPolicy(Protocol):
    """One client's reconnect logic."""

    def handle(self, event: Event, now: float) -> list[Action]:
        """The actions for an event; `now` is in seconds since 1970."""
        ...


def failure(socket: int) -> tuple[Event, ...]:
    """The events of a failed connect: WHATWG, npm ws and undici 7 fire `error` and then `close` in one task. (undici 6, in Node
    20, fires only `error`, which hides the double scheduling of the guide's client.)"""
    return Failed(socket), Closed(socket, clean=False, code=ABNORMAL)


def heartbeat(now: float) -> Message:
    """The guide's heartbeat (S:1478-1482); its `timestamp` is `Date.now()`."""
    return {"type": "heartbeat", "data": {"timestamp": int(now * 1000)}}


def heartbeat_response(now: float) -> Message:
    """The guide's answer to a heartbeat (S:1388)."""
    return {"type": "heartbeat_response", "data": {"timestamp": int(now * 1000)}}
