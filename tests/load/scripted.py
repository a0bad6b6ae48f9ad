"""A server that answers as a list says, in gevent's loop of the test itself: no thread, no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent.server

from load.http.connection import HttpConnection, Pool

OPEN: list[Pool | HttpConnection] = []
"""What a test has opened; they are closed after it."""
Turn = Callable[[Any, bytes], None]
"""(socket, request) -> send something, or close, or nothing at all."""


def says(raw: bytes) -> Turn:
    return lambda peer, request: peer.sendall(raw)


def answers(status: int, body: bytes = b"{}", media: str = "application/json", more: bytes = b"") -> Turn:
    head = b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n" % (
        status,
        media.encode(),
        len(body),
        more,
    )
    return says(head + body)


def closes(peer: Any, request: bytes) -> None:
    peer.close()


def silent(peer: Any, request: bytes) -> None:
    """The request is read and never answered."""


class Scripted:
    """Context manager. Each request gets the next turn, whatever connection it comes on; `seen` keeps them."""

    def __init__(self, *turns: Turn) -> None:
        self._turns = list(turns)
        self.seen: list[bytes] = []
        self.connections = 0
        self._server = gevent.server.StreamServer(("127.0.0.1", 0), self._serve)

    def __enter__(self) -> Scripted:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _serve(self, peer: Any, address: object) -> None:
        self.connections += 1
        try:
            while request := peer.recv(65536):
                self.seen.append(request)
                self._turns.pop(0)(peer, request)
        except OSError:
            pass  # the client, or a turn, has closed it
        finally:
            peer.close()
