"""The mock server as a process: what a behaviour leaves alone goes there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from contracts.suite.world.embedded_server import EmbeddedServer


@contextlib.contextmanager
def honest_server() -> Iterator[tuple[str, int]]:
    server = EmbeddedServer(1)
    try:
        parts = urlsplit(server.url)
        yield parts.hostname or "127.0.0.1", parts.port or 0
    finally:
        server.stop()
