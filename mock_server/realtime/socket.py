"""`LiveSocket`, one open socket of the server with its queue of frames."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mock_server.auth.tokens import Claims
from mock_server.clock import SECOND, Clock

LONGEST_QUEUE = 1000
BLOCKED = 10 * SECOND

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LiveSocket:
    """One open socket. Frames are sent in the order in which they were offered. The queue is bounded, so a slow client never blocks the hub.

    `overflowed` makes the frame that replaces dropped events, from the stamp before the oldest of them.
    """

    def __init__(
        self,
        number: int,
        claims: Claims,
        send: Send,
        abort: Callable[[], None],
        clock: Clock,
        overflowed: Callable[[int], str | None],
    ) -> None:
        self.number = number
        self.claims = claims
        self._send = send
        self._abort = abort
        self._clock = clock
        self._overflowed = overflowed
        self._queue: deque[tuple[str, int | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writing_since: int | None = None
        self.opened = self.heard = self.beaten = clock.now()
        self.closed = False
        self.stalled = False
        """Whether the control interface holds frames back, as if the client did not read."""

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def offer(self, frame: str, stamp: int | None = None) -> None:
        """Queue a frame. `stamp` is the stamp of an event's change; only events may be dropped."""
        if self.closed:
            return
        if len(self._queue) >= LONGEST_QUEUE:
            self._overflow(stamp)
            return
        self._queue.append((frame, stamp))
        self._wake()

    def _overflow(self, newest: int | None) -> None:
        """Replace the queued events by one sync_required from before the oldest."""
        dropped = [stamp for _, stamp in self._queue if stamp is not None]
        oldest = min(dropped, default=newest or self._clock.now())
        kept = [entry for entry in self._queue if entry[1] is None]
        self._queue = deque(kept[: LONGEST_QUEUE - 1])
        frame = self._overflowed(oldest - 1)
        if frame is not None:
            self._queue.append((frame, None))
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
            self.closed = True  # the peer is gone; the receiving task cleans up
        finally:
            self._writing_since = None
            self._task = None

    async def close(self, code: int, reason: str) -> None:
        """Send the replies to the client's frames and then the close frame; queued events are dropped."""
        if self.closed:
            return
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        answers = [] if self.stalled else [frame for frame, stamp in self._queue if stamp is None]
        try:
            for frame in answers:
                await self._send({"type": "websocket.send", "text": frame})
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            return

    def abort(self) -> None:
        """Cut TCP without a close frame: the client sees 1006 and reconnects (S:1325)."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        self._abort()

    def is_blocked(self, now: int) -> bool:
        """Whether a frame could not be sent for too long."""
        return self._writing_since is not None and now - self._writing_since > BLOCKED
