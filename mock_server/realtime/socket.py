"""One live socket: what waits to be sent, since when it is silent, and how it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mock_server.auth.tokens import Claims
from mock_server.clock import SECOND, Clock
from mock_server.realtime import frames
from mock_server.rules import Ruling

LONGEST_QUEUE = 1000
BLOCKED = 10 * SECOND
LONGEST_LIFE = 24 * 3600 * SECOND

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LiveSocket:
    """Frames leave in the order in which they were offered. A slow client costs a bounded queue, never the hub."""

    __slots__ = (
        "_abort", "_beaten", "_clock", "_queue", "_ruling", "_send", "_task", "_writing_since",
        "claims", "closed", "heard", "muted", "number", "opened", "stalled",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        claims: Claims,
        send: Send,
        abort: Callable[[], None],
        clock: Clock,
        ruling: Ruling,
    ) -> None:
        self.number = number
        self.claims = claims
        self._send = send
        self._abort = abort
        self._clock = clock
        self._ruling = ruling
        self._queue: deque[tuple[str, int | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writing_since: int | None = None
        self.opened = self.heard = self._beaten = clock.now()
        self.closed = False
        self.muted = False
        """Made silent by a fault: it stays open, and nothing more is sent."""
        self.stalled = False
        """Held back by the control interface: frames wait as they would for a client that does not read."""

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def offer(self, frame: str, stamp: int | None = None) -> None:
        """Send when possible. `stamp` is the change that an event tells of; only events may be dropped."""
        if self.closed or self.muted:
            return
        if len(self._queue) >= LONGEST_QUEUE:
            self._overflow(stamp)
            return
        self._queue.append((frame, stamp))
        self._wake()

    def _overflow(self, newest: int | None) -> None:
        """The waiting events are dropped, and one sync_required from before the oldest takes their place."""
        dropped = [stamp for _, stamp in self._queue if stamp is not None]
        oldest = min(dropped, default=newest or self._clock.now())
        kept = [entry for entry in self._queue if entry[1] is None]
        self._queue = deque(kept[: LONGEST_QUEUE - 1])
        rules = self._ruling.rules
        if rules.ws_sync_required_sent:
            self._queue.append((frames.sync_required(rules, oldest - 1, "overflow"), None))
        self._wake()

    def _wake(self) -> None:
        if self._task is None and not self.stalled:
            self._task = asyncio.create_task(self._flush())

    def release(self) -> None:
        self.stalled = False
        if self._queue:
            self._wake()

    async def _flush(self) -> None:
        try:
            while self._queue and not self.closed and not self.stalled:
                frame, _ = self._queue.popleft()
                self._writing_since = self._clock.now()
                await self._send({"type": "websocket.send", "text": frame})
        except (OSError, RuntimeError):
            self.closed = True  # the peer is gone; the receiving side ends the rest
        finally:
            self._writing_since = None
            self._task = None

    async def close(self, code: int, reason: str) -> None:
        if self.closed:
            return
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            return

    def abort(self) -> None:
        """Cut TCP without a close frame: the client sees 1006 and comes back (S:1325)."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        self._abort()

    def tick(self, now: int) -> tuple[int, str] | None:
        """What time demands: a heartbeat, an abort, or a close code for the caller to send."""
        rules = self._ruling.rules
        silent = 0 < rules.ws_silence_limit * SECOND < now - self.heard
        if silent and rules.ws_silence_code:
            return rules.ws_silence_code, "silence"
        if silent or (self._writing_since is not None and now - self._writing_since > BLOCKED):
            self.abort()
            return None
        if now - self.opened >= LONGEST_LIFE:
            return rules.ws_close_session, "the socket is 24 hours old"
        if rules.ws_expiry_closes and now >= self.claims.exp * SECOND:
            return rules.ws_close_session, "the token has expired"
        period = rules.ws_heartbeat_period * SECOND
        if now >= self._beaten + period and rules.ws_heartbeat_sent:
            self._beaten = max(self._beaten + period, now - period)
            self.offer(frames.heartbeat(rules, now))
        return None
