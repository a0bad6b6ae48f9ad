"""Running the application on uvicorn, the default because of its sockets (one event to 1,000 sockets takes a third of Granian's time)."""

import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from mock_server.servers.fast_http_protocol import FastHttpProtocol


class _Announcing(uvicorn.Server):
    """A server that calls `ready` as soon as it answers requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(app: Any, listener: socket.socket, *, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    # uvicorn stops in order and then raises the signal again for an earlier handler, which must not end the process.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    config = uvicorn.Config(
        app,
        log_level="critical" if not sys.stderr.isatty() else "error",
        access_log=False,  # an access log would carry the tokens of WebSocket URLs
        ws="websockets-sansio",
        ws_max_size=1 << 24,  # larger than the contract's 64 KiB, so that we and not the library answer 1009
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        loop="auto",
        http=FastHttpProtocol,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=3,
        backlog=4096,
    )
    server = _Announcing(config, ready)
    # The present objects live on (the document, its validators, the fault catalogue), so the collector can skip them.
    gc.collect()
    gc.freeze()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 130
    return 0 if server.started else 70
