"""Where the sockets of a run go. A target with a document of its own may have its channel beside the operations or at the root of its
host: which of them opens is found out once, with the first token.
"""

from typing import Any
from urllib.parse import quote

import gevent

from contracts.dialect import dialect_of
from contracts.dialect.channel_place import channel_place
from contracts.spec import Spec
from load.http.connection import ExchangeError, HttpConnection, Pool
from load.http.target import Target
from load.realtime.websocket import Endpoint

LONGEST_LINE = 4096
SWITCHING = 101
PATIENCE = 5.0
"""Seconds that the guide's client waits for its socket (S:1338)."""


class ChannelEndpoint:
    """A target's realtime channel."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.place, self.target = channel_place(spec), target
        paths = (f"{target.prefix}{self.place.path}", self.place.path)
        self._paths: tuple[str, ...] = paths if dialect_of(spec) is not None else paths[:1]

    def endpoint(self, token: str) -> Endpoint:
        """Blocks where the place is still to be found."""
        target, query = self.target, self.query(token)
        return Endpoint(
            address=(target.host, target.port),
            host=target.authority,
            path=f"{self.path(query)}?{query}",
            tls_name=target.host if target.secure else None,
        )

    def query(self, token: str) -> str:
        return f"{self.place.token}={quote(token, safe='')}"

    def path(self, query: str) -> str:
        if len(self._paths) > 1:
            found = [path for path in self._paths if self._status(f"{path}?{query}") == SWITCHING]
            self._paths = (*found, *self._paths)[:1]
        return self._paths[0]

    def status(self, query: str) -> int:
        """What the channel answers to an upgrade with this query, 101 included; 0 where no answer comes."""
        return self._status(f"{self._paths[0]}?{query}")

    def _status(self, path: str) -> int:
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {self.target.authority}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        connection = HttpConnection()
        try:
            Pool(self.target).open(connection)
            # 101 is an interim answer to an HTTP parser, so the status line is read by hand.
            connection.socket.sendall(head.encode())
            with gevent.Timeout(PATIENCE):
                return _status_of(connection.socket)
        except (ExchangeError, OSError, IndexError, ValueError, gevent.Timeout):
            return 0
        finally:
            connection.close()


def _status_of(socket: Any) -> int:
    """The status line may come in any number of pieces."""
    line = b""
    while b"\r\n" not in line and len(line) < LONGEST_LINE:
        block = socket.recv(LONGEST_LINE)
        if not block:
            break
        line += block
    return int(line.split(b"\r\n", 1)[0].split(b" ")[1])
