"""`Hub`, the live sockets of this process, to which it sends the events of the change log.

It reads only the committed log. So an event cannot be sent before its commit, out of order, or for a write that was rolled back, and writes of
other processes are treated like those of this one.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from mock_server.auth.tokens import Claims
from mock_server.clock import SECOND, Clock
from mock_server.realtime.frames import ServerFrames, frame
from mock_server.realtime.socket import LiveSocket, Send
from mock_server.store.changes import ChangeLog, Entry
from mock_server.store.session_store import SessionStore

LONGEST_LIFE = 24 * 3600 * SECOND
MOST_SOCKETS = 20_000
TICK_SECONDS = 0.1
"""The most seconds that a write of another process, a revoked session or a timer may wait."""


class Hub:
    def __init__(
        self,
        log: ChangeLog,
        sessions: SessionStore,
        clock: Clock,
        frames: ServerFrames,
    ) -> None:
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self.frames = frames
        self._sockets: dict[int, LiveSocket] = {}
        self._numbers = 0
        self.seen = log.newest()
        """The number of the last change that was sent."""
        self._revocations_seen = clock.now()
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self.events_sent = 0

    @property
    def sockets(self) -> list[LiveSocket]:
        return list(self._sockets.values())

    @property
    def is_full(self) -> bool:
        return len(self._sockets) >= MOST_SOCKETS

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tick()

    # Sockets

    def join(self, claims: Claims, send: Send, abort: Callable[[], None]) -> LiveSocket:
        """A new socket, which gets the events of all changes committed from now on."""
        self.pump()
        self._numbers += 1
        socket = LiveSocket(self._numbers, claims, send, abort, self._clock, self._overflowed)
        if not self._of_user(claims):
            self.tell_status(claims, "online")
        self._sockets[socket.number] = socket
        return socket

    def leave(self, socket: LiveSocket) -> None:
        socket.closed = True
        if self._sockets.pop(socket.number, None) is not None and not self._of_user(socket.claims):
            self.tell_status(socket.claims, "offline")

    def _of_user(self, claims: Claims) -> bool:
        return any(s.claims.sub == claims.sub for s in self._sockets.values())

    def _overflowed(self, since: int) -> str | None:
        return self.overflow_frame(since)

    def overflow_frame(self, since: int) -> str | None:
        """The frame that replaces the dropped events of a slow socket."""
        return self.frames.sync_required(since, "overflow")

    def tell_status(self, claims: Claims, status: str) -> None:
        data = {"userId": claims.sub, "status": status, "timestamp": self._clock.now() // 1000}
        text = frame("user_status_changed", data)
        for socket in self.of_workspace(claims.wsp):
            if socket.claims.sub != claims.sub:
                socket.offer(text)

    def of_workspace(self, workspace: str) -> list[LiveSocket]:
        return [socket for socket in self._sockets.values() if socket.claims.wsp == workspace]

    def close_soon(self, socket: LiveSocket, code: int, reason: str) -> None:
        """Close a socket in a task, for callers that cannot wait."""
        task = asyncio.get_running_loop().create_task(socket.close(code, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def restart(self, sockets: Iterable[LiveSocket]) -> None:
        """Close sockets as a server does that restarts."""
        for socket in sockets:
            self.close_soon(socket, self.restart_code(), "restart")

    def restart_code(self) -> int:
        return 1012

    def session_code(self) -> int:
        """The close code if the session ends or the socket is too old."""
        return 4401

    # Events

    def rewind(self) -> None:
        """Skip all changes of the log, after it was replaced."""
        self.seen = self._log.newest()
        self.events_sent = 0

    def pump(self) -> None:
        """Send the events of all changes since the last call."""
        if not self._sockets:
            self.seen = self._log.newest()
            return
        for entry in self._log.after(self.seen):
            self.seen = entry.seq
            self.broadcast(entry)

    def broadcast(self, entry: Entry) -> None:
        text = self.frames.content_updated(entry)
        for socket in self._sockets.values():
            if self.is_entitled(socket, entry):
                self.deliver(socket, text, entry.stamp)
                self.events_sent += 1

    def is_entitled(self, socket: LiveSocket, entry: Entry) -> bool:
        return socket.claims.wsp == entry.workspace and "content:read" in socket.claims.scope

    def deliver(self, socket: LiveSocket, event: str, stamp: int) -> None:
        socket.offer(event, stamp)

    # Time

    async def tick(self) -> None:
        self.pump()
        await self._close_revoked()
        now = self._clock.now()
        for socket in self.sockets:
            ending = self.ending(socket, now)
            if ending is not None:
                await socket.close(*ending)

    def ending(self, socket: LiveSocket, now: int) -> tuple[int, str] | None:
        """Send a heartbeat or abort the socket if it is time; returns the close code and reason if the caller has to close it.

        A silent socket is aborted and not closed, because that makes the guide's clients reconnect.
        """
        if self.is_silent(socket, now) or socket.is_blocked(now):
            socket.abort()
        elif now - socket.opened >= LONGEST_LIFE:
            return self.session_code(), "the socket is 24 hours old"
        elif now >= socket.beaten + self.heartbeat_period() * SECOND:
            self.send_heartbeat(socket, now)
        return None

    def is_silent(self, socket: LiveSocket, now: int) -> bool:
        """Whether the client has sent no frame for 75 seconds."""
        return now - socket.heard > 75 * SECOND

    def heartbeat_period(self) -> int:
        """The seconds between heartbeats."""
        return 30

    def send_heartbeat(self, socket: LiveSocket, now: int) -> None:
        period = self.heartbeat_period() * SECOND
        socket.beaten = max(socket.beaten + period, now - period)
        socket.offer(self.frames.heartbeat(now))

    async def _close_revoked(self) -> None:
        if not self._sockets:
            return
        now = self._clock.now()
        revoked = self._sessions.revoked_since(self._revocations_seen)
        # With an overlap, because a revocation with an earlier stamp may commit later.
        self._revocations_seen = now - 5_000_000
        if revoked:
            for socket in self.of_ended(revoked):
                await socket.close(self.session_code(), "the session has ended")

    def of_ended(self, sessions: frozenset[str]) -> list[LiveSocket]:
        """The sockets of these sessions."""
        return [socket for socket in self._sockets.values() if socket.claims.sid in sessions]
