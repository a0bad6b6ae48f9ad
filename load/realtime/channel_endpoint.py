"""The address of the realtime channel on a target.

A target with a document of its own may have its channel beside the operations or at the root of its host. The path that opens
is found once, with the first token.
"""

from typing import Any

import gevent

from contracts.dialect import dialect_of
from contracts.dialect.channel_place import channel_place
from contracts.spec import Spec
from load.http.connection import ExchangeError, HttpConnection, Pool
from load.http.target import Target
from load.realtime.policies.protocol import Message
from load.realtime.websocket import Endpoint

LONGEST_LINE = 4096
SWITCHING = 101
PATIENCE = 5.0
"""Seconds that the guide's client waits for its socket to open (S:1338)."""


class ChannelEndpoint:
    """A target's realtime channel."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.place, self.target = channel_place(spec), target
        paths = (f"{target.prefix}{self.place.path}", self.place.path)
        self._dialect = dialect_of(spec)
        self._paths: tuple[str, ...] = paths if self._dialect is not None else paths[:1]

    def endpoint(self, token: str) -> Endpoint:
        """The endpoint for a token. It blocks while the path is not known yet."""
        target, sent = self.target, self.place.handshake(token)
        return Endpoint(
            address=(target.host, target.port),
            host=target.authority,
            path=f"{self.path(token)}{sent.query}",
            headers=tuple(sent.headers.items()),
            tls_name=target.host if target.secure else None,
            understood=self.understood,
        )

    def understood(self, message: Message) -> Message:
        """A message in the form of our channel: ids of events as texts, and versions that begin with 1."""
        data = message.get("data")
        if self._dialect is None or not isinstance(data, dict):
            return message
        return {**message, "data": self._dialect.event(data)}

    def path(self, token: str) -> str:
        if len(self._paths) > 1:
            found = [path for path in self._paths if self._status(path, token) == SWITCHING]
            self._paths = (*found, *self._paths)[:1]
        return self._paths[0]

    def status(self, token: str | None) -> int:
        """The status that the channel answers to an upgrade with this token, or without any, 101 included; 0 without an answer."""
        return self._status(self._paths[0], token)

    def _status(self, path: str, token: str | None) -> int:
        query, headers = self.place.placed("", {}) if token is None else self.place.handshake(token)
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"GET {path}{query} HTTP/1.1\r\nHost: {self.target.authority}\r\n{fields}"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        connection = HttpConnection()
        try:
            Pool(self.target).open(connection)
            # The status line is read by hand, because an HTTP parser takes 101 for an interim answer.
            connection.socket.sendall(head.encode())
            with gevent.Timeout(PATIENCE):
                return _status_of(connection.socket)
        except (ExchangeError, OSError, IndexError, ValueError, gevent.Timeout):
            return 0
        finally:
            connection.close()


def _status_of(socket: Any) -> int:
    """The status of an answer whose status line may come in several pieces."""
    line = b""
    while b"\r\n" not in line and len(line) < LONGEST_LINE:
        block = socket.recv(LONGEST_LINE)
        if not block:
            break
        line += block
    return int(line.split(b"\r\n", 1)[0].split(b" ")[1])
