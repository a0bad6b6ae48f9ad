"""The mock server as a process: what a behaviour leaves alone goes there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.fork_server import embedded_server


@contextlib.contextmanager
def honest_server() -> Iterator[tuple[str, int]]:
    with embedded_server() as server:
        yield "127.0.0.1", server.port
