"""Running the application on Granian, the second server, so that a bug of uvicorn is not mistaken for a rule of the application.

Granian's embedded server runs the application on our event loop, so that the process can bind first, announce its URL, and stop in order.
Granian itself answers a WebSocket handshake with another version or without a key: 400 in plain text, not 426 or a problem document.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server

BACKLOG = 4096
SHUTDOWN = 3


class _OnListener(Server):
    """A Granian server on a bound socket."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        super().__init__(
            app,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            backlog=BACKLOG,
            backpressure=BACKLOG,
            log_enabled=False,  # its log would carry the tokens of WebSocket URLs
        )
        self.workers_kill_timeout = SHUTDOWN
        self._listener = listener

    def _init_shared_socket(self) -> None:
        # Granian closes this descriptor; ours stays open.
        holder = SocketHolder(os.dup(self._listener.fileno()), False, BACKLOG)  # type: ignore[call-arg]
        self._shd = holder  # type: ignore[assignment]


def serve(app: Any, listener: socket.socket, *, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    listener.setblocking(False)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(_run(app, listener, ready))
        except KeyboardInterrupt:
            return 130


async def _run(app: Any, listener: socket.socket, ready: Callable[[], None]) -> int:
    started = False

    async def announcing(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        async def heard(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                # Granian starts to accept in the same turn of the loop; earlier connections wait in the backlog.
                started = True
                asyncio.get_running_loop().call_soon(ready)

        await app(scope, receive, heard if scope["type"] == "lifespan" else send)

    server = _OnListener(announcing, listener)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
    return 0 if started else 70
