"""`CancellableReceive`, a `receive` that can be cancelled, for Granian, which sends no close frame while a task is receiving.

receiver = CancellableReceive(receive, send)
event = await receiver.receive()                      # a disconnect once the socket is closed from this side
await receiver.send({"type": "websocket.close"})      # from another task
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Event = MutableMapping[str, Any]


class CancellableReceive:
    """A `receive` that ends when this side sends a close. It needs a task for each event, so it is used only for Granian."""

    def __init__(
        self, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]
    ) -> None:
        self._receive = receive
        self._send = send
        self._waiting: asyncio.Future[Event] | None = None
        self._left = False
        self._closed = asyncio.Event()

    async def receive(self) -> Event:
        """The next event; a disconnect after this side has closed."""
        if not self._left:
            self._waiting = asyncio.ensure_future(self._receive())
            try:
                return await self._waiting
            except asyncio.CancelledError:
                if not self._left:
                    raise
        # If the application returned before the close was sent, the server would choose the close code.
        await self._closed.wait()
        return {"type": "websocket.disconnect", "code": 1005}

    async def send(self, event: Event) -> None:
        if event["type"] != "websocket.close":
            return await self._send(event)
        self._left = True
        try:
            if self._waiting is not None and not self._waiting.done():
                self._waiting.cancel()
                await asyncio.wait([self._waiting])
            return await self._send(event)
        finally:
            self._closed.set()
