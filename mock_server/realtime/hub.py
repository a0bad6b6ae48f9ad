"""All live sockets of this process, and the change log that feeds them.

The hub reads the committed log and nothing else. So an event cannot come before its commit, nor out of
order, nor from a write that was rolled back; and a write of another process arrives like one's own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from mock_server.auth.tokens import Claims
from mock_server.clock import Clock
from mock_server.realtime import frames
from mock_server.realtime.event import content_updated
from mock_server.realtime.event_faults import EventFaults
from mock_server.realtime.socket import LiveSocket, Send
from mock_server.rules import Ruling
from mock_server.store.changes import ChangeLog, Entry
from mock_server.store.session_store import SessionStore

TICK_SECONDS = 0.1
"""How long a write of another process, a revoked session or a timer may wait at most."""


class Hub:
    def __init__(
        self,
        log: ChangeLog,
        sessions: SessionStore,
        clock: Clock,
        ruling: Ruling,
        *,
        capacity: int = 20_000,
    ) -> None:
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._ruling = ruling
        self.event_faults = EventFaults(clock, ruling)
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
        socket = LiveSocket(self._numbers, claims, send, abort, self._clock, self._ruling)
        if not self._of_user(claims):
            self._tell_status(claims, "online")
        self._sockets[socket.number] = socket
        return socket

    def leave(self, socket: LiveSocket) -> None:
        socket.closed = True
        if self._sockets.pop(socket.number, None) is not None and not self._of_user(socket.claims):
            self._tell_status(socket.claims, "offline")

    def _of_user(self, claims: Claims) -> bool:
        return any(s.claims.sub == claims.sub for s in self._sockets.values())

    def _tell_status(self, claims: Claims, status: str) -> None:
        rules = self._ruling.rules
        if not rules.ws_presence_sent:
            return
        status = rules.ws_presence_status or status
        data = {"userId": claims.sub, "status": status, "timestamp": self._clock.now() // 1000}
        told = frames.frame("user_status_changed", data)
        for socket in self.of_workspace(claims.wsp):
            if socket.claims.sub != claims.sub:
                socket.offer(told)

    def of_workspace(self, workspace: str) -> Iterable[LiveSocket]:
        every = not self._ruling.rules.ws_event_own_workspace
        return [s for s in self._sockets.values() if s.claims.wsp == workspace or every]

    def close_soon(self, socket: LiveSocket, code: int, reason: str) -> None:
        """Close from a place that cannot wait for it."""
        task = asyncio.get_running_loop().create_task(socket.close(code, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def restart(self, sockets: Iterable[LiveSocket]) -> None:
        """Close them as a server does that stops and comes back."""
        for socket in sockets:
            self.close_soon(socket, self._ruling.rules.ws_close_restart, "restart")

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
        if self._ruling.on:
            self.events_sent += self.event_faults.broadcast(entry, self.sockets)
            return
        told = content_updated(entry)
        for socket in self._sockets.values():
            if socket.claims.wsp == entry.workspace and "content:read" in socket.claims.scope:
                socket.offer(told, entry.stamp)
                self.events_sent += 1

    # Time

    async def tick(self) -> None:
        self.pump()
        await self._close_revoked()
        now = self._clock.now()
        for socket in self.sockets:
            ending = socket.tick(now)
            if ending is not None:
                await socket.close(*ending)
        self.event_faults.tick(now)

    async def _close_revoked(self) -> None:
        if not self._sockets:
            return
        now = self._clock.now()
        revoked = self._sessions.revoked_since(self._revocations_seen)
        # A little overlap: a revocation stamped before this moment may commit after it.
        self._revocations_seen = now - 5_000_000
        rules = self._ruling.rules
        if revoked and rules.ws_logout_closes:
            users = self._users_of(revoked) if rules.ws_logout_closes_user else ()
            for socket in self.sockets:
                if socket.claims.sid in revoked or socket.claims.sub in users:
                    await socket.close(rules.ws_close_session, "the session has ended")

    def _users_of(self, sessions: Iterable[str]) -> set[str]:
        found = map(self._sessions.account_of, sessions)
        return {account.id for account in found if account is not None}
