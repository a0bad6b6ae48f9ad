"""All live sockets of this process, and the change log that feeds them.

The hub reads the committed log and nothing else. So an event cannot come before its commit, nor out of
order, nor from a write that was rolled back; and a write of another process arrives like one's own.
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
TICK_SECONDS = 0.1
"""How long a write of another process, a revoked session or a timer may wait at most."""


class Hub:
    def __init__(
        self,
        log: ChangeLog,
        sessions: SessionStore,
        clock: Clock,
        frames: ServerFrames,
        *,
        capacity: int = 20_000,
    ) -> None:
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self.frames = frames
        self._capacity = capacity
        self._sockets: dict[int, LiveSocket] = {}
        self._numbers = 0
        self.seen = log.newest()
        """The number of the last change that was told."""
        self._revocations_seen = clock.now()
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self.events_sent = 0

    @property
    def sockets(self) -> list[LiveSocket]:
        return list(self._sockets.values())

    @property
    def is_full(self) -> bool:
        return len(self._sockets) >= self._capacity

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
        """A new socket; it hears of every change committed from this moment on."""
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
        return self.overflow_told(since)

    def overflow_told(self, since: int) -> str | None:
        """What a socket is sent in place of the events that it was too slow for."""
        return self.frames.sync_required(since, "overflow")

    def tell_status(self, claims: Claims, status: str) -> None:
        data = {"userId": claims.sub, "status": status, "timestamp": self._clock.now() // 1000}
        told = frame("user_status_changed", data)
        for socket in self.of_workspace(claims.wsp):
            if socket.claims.sub != claims.sub:
                socket.offer(told)

    def of_workspace(self, workspace: str) -> list[LiveSocket]:
        return [socket for socket in self._sockets.values() if socket.claims.wsp == workspace]

    def close_soon(self, socket: LiveSocket, code: int, reason: str) -> None:
        """Close from a place that cannot wait for it."""
        task = asyncio.get_running_loop().create_task(socket.close(code, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def restart(self, sockets: Iterable[LiveSocket]) -> None:
        """Close them as a server does that stops and comes back."""
        for socket in sockets:
            self.close_soon(socket, self.restart_code(), "restart")

    def restart_code(self) -> int:
        return 1012

    def session_code(self) -> int:
        """The close code where the session ends, or the socket is too old."""
        return 4401

    # Events

    def rewind(self) -> None:
        """The log was replaced by another one: nothing in it is news."""
        self.seen = self._log.newest()
        self.events_sent = 0

    def pump(self) -> None:
        """Send what was committed since the last time."""
        if not self._sockets:
            self.seen = self._log.newest()
            return
        for entry in self._log.after(self.seen):
            self.seen = entry.seq
            self.broadcast(entry)

    def broadcast(self, entry: Entry) -> None:
        told = self.frames.content_updated(entry)
        for socket in self._sockets.values():
            if self.is_entitled(socket, entry):
                self.deliver(socket, told, entry.stamp)
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
        """What time demands of a socket: a heartbeat, an abort, or a close code for the caller to send.

        Silence ends by a TCP abort, not by a close code: that makes the guide's clients come back.
        """
        if self.is_silent(socket, now) or socket.is_blocked(now):
            socket.abort()
        elif now - socket.opened >= LONGEST_LIFE:
            return self.session_code(), "the socket is 24 hours old"
        elif now >= socket.beaten + self.heartbeat_period() * SECOND:
            self.beat(socket, now)
        return None

    def is_silent(self, socket: LiveSocket, now: int) -> bool:
        """Without a frame for 75 seconds."""
        return now - socket.heard > 75 * SECOND

    def heartbeat_period(self) -> int:
        """The seconds between heartbeats."""
        return 30

    def beat(self, socket: LiveSocket, now: int) -> None:
        period = self.heartbeat_period() * SECOND
        socket.beaten = max(socket.beaten + period, now - period)
        socket.offer(self.frames.heartbeat(now))

    async def _close_revoked(self) -> None:
        if not self._sockets:
            return
        now = self._clock.now()
        revoked = self._sessions.revoked_since(self._revocations_seen)
        # A little overlap: a revocation stamped before this moment may commit after it.
        self._revocations_seen = now - 5_000_000
        if revoked:
            for socket in self.of_ended(revoked):
                await socket.close(self.session_code(), "the session has ended")

    def of_ended(self, sessions: frozenset[str]) -> list[LiveSocket]:
        """The sockets that end with these sessions."""
        return [socket for socket in self._sockets.values() if socket.claims.sid in sessions]
