"""One realtime client on real sockets: its reconnect policy, sockets, timers, and a record of their events.

It is the counterpart of `simulator.SimulatedClient`, with greenlets in place of a heap. `measurement` converts its record to a
`prediction.ClientHistory`, so that real and simulated storms are counted by the same code.

All actions of one event are carried out before the next event is handled, as in the single thread of a page.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, MutableSequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import gevent

from load.realtime.policies.protocol import (
    ABNORMAL,
    Abort,
    Action,
    Cancel,
    Close,
    Closed,
    Connect,
    Event,
    Fired,
    Message,
    Notice,
    Notify,
    Opened,
    Purpose,
    Received,
    ReconnectPolicy,
    Schedule,
    Send,
    Sync,
    failure,
)
from load.realtime.websocket import Dial, WebSocket


class SeenEvent(NamedTuple):
    """One `content_updated` on one socket."""

    at: float
    socket: int
    item: str
    version: int


class Beat(NamedTuple):
    """One sent `heartbeat`, or an answer to one; the `stamp` of an answer is its echo, or None."""

    at: float
    socket: int
    stamp: int | None


@dataclass(slots=True)
class ClientRecord:
    """The events of one client. All times are seconds of `time.perf_counter`."""

    connects: MutableSequence[float] = field(default_factory=list)
    opened: MutableSequence[float] = field(default_factory=list)
    handshakes: MutableSequence[tuple[float, float]] = field(default_factory=list)
    """(opened at, seconds from connect to 101)."""
    ends: MutableSequence[tuple[float, int, bool, int]] = field(default_factory=list)
    """(at, socket, clean, code)."""
    refusals: MutableSequence[tuple[float, int | None]] = field(default_factory=list)
    """(at, HTTP status); the status None means that no answer came."""
    notices: MutableSequence[tuple[float, Notice]] = field(default_factory=list)
    lateness: MutableSequence[float] = field(default_factory=list)
    """Seconds by which each reconnect timer fired late, which is the generator's own error."""
    seen: MutableSequence[SeenEvent] = field(default_factory=list)
    unversioned: MutableSequence[float] = field(default_factory=list)
    """Times of `content_updated` events without item or version."""
    beats: MutableSequence[Beat] = field(default_factory=list)
    answers: MutableSequence[Beat] = field(default_factory=list)
    resyncs: MutableSequence[tuple[float, int]] = field(default_factory=list)
    """(at, socket) of each `sync_required`."""
    silenced: set[int] = field(default_factory=set)
    """Sockets that the storm made half-open, without an event for the client."""
    syncs: MutableSequence[float] = field(default_factory=list)
    """Times at which syncs were answered."""
    flaws: MutableSequence[str] = field(default_factory=list)
    """Received data that breaks the channel's protocol."""


def empty_record() -> ClientRecord:
    """A record that keeps nothing, for a client that may live for days and is counted elsewhere."""
    lists = (each.name for each in fields(ClientRecord) if each.name != "silenced")
    return ClientRecord(**{name: deque(maxlen=0) for name in lists})  # type: ignore[arg-type]


class RealtimeClient:
    """One client on real sockets. `wants_sync(client, since)` is called for each Sync action; it must not block."""

    def __init__(
        self,
        policy: ReconnectPolicy,
        dial: Dial,
        wants_sync: Callable[[RealtimeClient, str | None], None],
        *,
        ledger: ClientRecord | None = None,
    ) -> None:
        self.policy = policy
        self.dial = dial
        self.wants_sync = wants_sync
        self.ledger = ClientRecord() if ledger is None else ledger
        self.connections: dict[int, WebSocket] = {}
        self.sockets: dict[int, bool] = {}
        self.dead: set[int] = set()
        self.timers: dict[int, Purpose] = {}
        self.alarms: dict[int, gevent.Greenlet[..., None]] = {}
        self.started: dict[int, float] = {}
        self.inbox: deque[Event] = deque()
        self.busy = False
        self.epoch = time.time() - time.perf_counter()
        self.perform: dict[type, Callable[[Any], None]] = {
            Connect: self._do_connect,
            Close: self._do_close,
            Abort: self._do_abort,
            Send: self._do_send,
            Schedule: self._do_schedule,
            Cancel: self._do_cancel,
            Notify: self._do_notify,
            Sync: self._do_sync,
        }

    def feed(self, event: Event) -> None:
        self.inbox.append(event)
        if self.busy:
            return
        self.busy = True
        try:
            while self.inbox:
                actions: list[Action] = self.policy.handle(
                    self.inbox.popleft(), self.epoch + time.perf_counter()
                )
                for action in actions:
                    self.perform[type(action)](action)
        finally:
            self.busy = False

    def end(self) -> None:
        """End all sockets and timers without events for the policy, because the experiment is over."""
        self.inbox.clear()
        for alarm in self.alarms.values():
            alarm.kill(block=False)
        for connection in self.connections.values():
            connection.abort()

    def mark_dead(self) -> None:
        """Mark the open sockets as half-open: nothing gets through any more, and the client gets no event."""
        self.dead.update(socket for socket, is_open in self.sockets.items() if is_open)
        self.ledger.silenced.update(self.dead)

    @property
    def open_sockets(self) -> int:
        return sum(self.sockets.values())

    # Events of the sockets

    def opened(self, socket: int) -> None:
        now = time.perf_counter()
        self.sockets[socket] = True
        self.ledger.opened.append(now)
        self.ledger.handshakes.append((now, now - self.started[socket]))
        self.feed(Opened(socket))

    def refused(self, socket: int, status: int | None) -> None:
        self._forget(socket)
        self.ledger.refusals.append((time.perf_counter(), status))
        for event in failure(socket):
            self.feed(event)

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self._forget(socket)
        self.ledger.ends.append((time.perf_counter(), socket, clean, code))
        self.feed(Closed(socket, clean, code))

    def received(self, socket: int, message: Message) -> None:
        data = message.get("data")
        if isinstance(data, dict):
            self._note(socket, message.get("type"), data)
            self.feed(Received(socket, message))

    def flawed(self, socket: int, reason: str) -> None:
        self.ledger.flaws.append(reason)

    def _note(self, socket: int, kind: Any, data: dict[str, Any]) -> None:
        now = time.perf_counter()
        if kind == "content_updated":
            item, version = data.get("contentId"), data.get("version")
            if isinstance(item, str) and isinstance(version, int):
                self.ledger.seen.append(SeenEvent(now, socket, item, version))
            else:
                self.ledger.unversioned.append(now)
        elif kind == "sync_required":
            self.ledger.resyncs.append((now, socket))
        elif kind == "heartbeat_response":
            echo = data.get("echo")
            self.ledger.answers.append(Beat(now, socket, echo if isinstance(echo, int) else None))

    def _forget(self, socket: int) -> None:
        self.connections.pop(socket, None)
        self.sockets.pop(socket, None)
        self.started.pop(socket, None)
        self.dead.discard(socket)

    # Actions of the policy

    def _do_connect(self, action: Connect) -> None:
        now = time.perf_counter()
        self.ledger.connects.append(now)
        self.started[action.socket] = now
        self.sockets[action.socket] = False
        self.connections[action.socket] = WebSocket(action.socket, self.dial, self)

    def _do_close(self, action: Close) -> None:
        connection = self.connections.get(action.socket)
        if connection is None:
            return
        if connection.is_open:
            connection.close(action.code)
        else:
            connection.abort()
            # WHATWG: closing while connecting fails the connection; its events come in a later task.
            gevent.spawn(self.refused, action.socket, None)

    def _do_abort(self, action: Abort) -> None:
        connection = self.connections.get(action.socket)
        if self.sockets.get(action.socket):
            self.ledger.ends.append((time.perf_counter(), action.socket, False, ABNORMAL))
        self._forget(action.socket)
        if connection is not None:
            connection.abort()

    def _do_send(self, action: Send) -> None:
        if action.message["type"] == "heartbeat":
            stamp = action.message["data"]["timestamp"]
            self.ledger.beats.append(Beat(time.perf_counter(), action.socket, stamp))
        connection = self.connections.get(action.socket)
        if connection is not None:
            connection.send(action.message)

    def _do_schedule(self, action: Schedule) -> None:
        self.timers[action.timer] = action.purpose
        due = time.perf_counter() + action.delay
        self.alarms[action.timer] = gevent.spawn_later(action.delay, self._fire, action.timer, due)

    def _fire(self, timer: int, due: float) -> None:
        purpose = self.timers.pop(timer, None)
        self.alarms.pop(timer, None)
        if purpose is None:
            return
        if purpose is Purpose.RECONNECT:
            self.ledger.lateness.append(time.perf_counter() - due)
        self.feed(Fired(timer))

    def _do_cancel(self, action: Cancel) -> None:
        self.timers.pop(action.timer, None)
        alarm = self.alarms.pop(action.timer, None)
        if alarm is not None:
            alarm.kill(block=False)

    def _do_notify(self, action: Notify) -> None:
        self.ledger.notices.append((time.perf_counter(), action.notice))

    def _do_sync(self, action: Sync) -> None:
        self.wants_sync(self, action.since)
