"""A check's end of the WebSocket channel: sockets that keep what they received, and raw ones for frames as bytes.

Every message that comes in is held against the AsyncAPI document; what is wrong with one is a finding like those of HTTP
answers, told by `realtime.messages` once and not by every check that happened to receive it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import websockets.exceptions
import websockets.sync.client
from websockets.sync.client import ClientConnection

from contracts.channel import load
from contracts.suite.breach import Breach
from contracts.suite.exchange import Exchange, Request
from contracts.suite.judgement import Finding
from contracts.suite.world import Session, World

WAIT = 3.0
"""Seconds after which something that should have come has not."""
SETTLE = 0.3
"""Seconds in which something that should not come would have."""


def answers(world: World) -> bool:
    """A plain GET of the channel's path is refused with 426 (RFC 9110, 15.5.22) where there is a channel."""
    request = Request(method="GET", url=f"{world.base}/ws")
    return world.connection.send(request).status == 426


class Message(NamedTuple):
    """`at` is ns of the monotonic clock."""

    type: str
    data: dict[str, Any]
    at: int


class Socket:
    """One open socket. A thread receives from the opening on, so that nothing is missed between two looks."""

    def __init__(
        self, world: World, session: Session, *, prefix: str | None = None, header: bool = True
    ) -> None:
        self.world = world
        base = world.base if prefix is None else f"{world.host}{prefix}"
        url = f"{'ws' + base[4:]}/ws"
        headers = {"Authorization": f"Bearer {session.access}"}
        if not header:
            url, headers = f"{url}?token={quote(session.access)}", {}
        self.sent_at = time.monotonic_ns()
        try:
            opening = websockets.sync.client.connect(
                url,
                additional_headers=headers,
                open_timeout=10,
                close_timeout=5,
                ping_interval=None,
                max_size=2**22,
            )
            # The library wants a context; this socket's ends with `close`, in whatever thread that is called.
            self._connection: ClientConnection = contextlib.ExitStack().enter_context(opening)
        except websockets.exceptions.InvalidStatus as error:
            raise Breach("101 for a handshake with a good token", f"{error.response.status_code}") from None
        self.opened_at = time.monotonic_ns()
        self.messages: list[Message] = []
        self.code: int | None = None
        self.closed_at = 0
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while True:
            try:
                frame = self._connection.recv()
            except websockets.exceptions.ConnectionClosed as closed:
                with self._news:
                    self.code = closed.rcvd.code if closed.rcvd else 1006
                    self.closed_at = time.monotonic_ns()
                    self._news.notify_all()
                return
            message = self._read(frame)
            with self._news:
                self.messages.append(message)
                self._news.notify_all()

    def _read(self, frame: str | bytes) -> Message:
        now = time.monotonic_ns()
        try:
            value = json.loads(frame)
            kind = str(value["type"])
        except (ValueError, KeyError, TypeError):
            self._blame("a JSON object with a type", repr(frame[:80]), "")
            return Message("", {}, now)
        self.world.recorder.coverage.message("received", kind)
        known = load().from_server.get(kind)
        if known is None:
            self._blame("a documented message", f"the type {kind!r}", kind)
        else:
            for violation in known.violations(value):
                self._blame(
                    f"{kind} as documented", str(violation), f"{kind} {violation.pointer} {violation.rule}"
                )
        data = value.get("data")
        return Message(kind, data if isinstance(data, dict) else {}, now)

    def _blame(self, expected: str, got: str, key: str) -> None:
        request = Request(method="GET", url=f"{self.world.base}/ws")
        exchange = Exchange(operation="", request=request, status=101, headers={}, body=b"", sent=0, done=0)
        self.world.recorder.blame(Finding("realtime.messages", "", key, expected, got), exchange)

    def send(self, value: Any) -> None:
        """An object as JSON, text as it is, bytes as a binary frame."""
        frame = value if isinstance(value, str | bytes) else json.dumps(value)
        kind = value.get("type") if isinstance(value, Mapping) else None
        known = load().from_client.get(str(kind))
        if known is not None and known.is_valid(value):
            self.world.recorder.coverage.message("sent", known.type)
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            self._connection.send(frame)

    def wait(self, holds: Callable[[], Any], seconds: float = WAIT) -> bool:
        """Whether it held before the time was up; `holds` looks at this socket."""
        until = time.monotonic() + seconds
        with self._news:
            while not holds():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
        return True

    def of(self, kind: str, **data: Any) -> list[Message]:
        """The messages of a type whose data has these members."""
        return [
            message
            for message in list(self.messages)
            if message.type == kind and all(message.data.get(name) == value for name, value in data.items())
        ]

    def await_(self, kind: str, seconds: float = WAIT, **data: Any) -> Message:
        """The first such message; Breach where none comes."""
        if not self.wait(lambda: self.of(kind, **data) or self.code is not None, seconds) or not self.of(
            kind, **data
        ):
            ended = f" and the socket closed with {self.code}" if self.code is not None else ""
            came = [message.type for message in self.messages[-5:]]
            raise Breach(f"{kind} {data or ''} within {seconds:g} s".strip(), f"{came}{ended}")
        return self.of(kind, **data)[0]

    def await_close(self, code: int, seconds: float = WAIT) -> None:
        if not self.wait(lambda: self.code is not None, seconds):
            raise Breach(f"close {code} within {seconds:g} s", "an open socket")
        if self.code != code:
            raise Breach(f"close {code}", f"close {self.code}")

    def ping(self, seconds: float = WAIT) -> bool:
        """Whether a protocol ping is answered."""
        try:
            return self._connection.ping().wait(seconds)
        except websockets.exceptions.ConnectionClosed:
            return False

    def close(self, code: int = 1000, reason: str = "") -> None:
        with contextlib.suppress(Exception):
            self._connection.close(code, reason)
        self._thread.join(5)


class Raw:
    """A socket of which every byte is ours: for frames that no library would send."""

    def __init__(
        self,
        world: World,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        *,
        prefix: str | None = None,
        method: str = "GET",
    ) -> None:
        base = world.base if prefix is None else f"{world.host}{prefix}"
        parts = urlsplit(base)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5)
        lines = [f"{method} {parts.path}/ws{query} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        self._buffer = b""
        self.status, self.headers, self.body = self._handshake()

    def _more(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return b""

    def _handshake(self) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._buffer:
            chunk = self._more()
            if not chunk:
                return 0, {}, b""
            self._buffer += chunk
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = b""
        status = int(first.split()[1])
        if status != 101:
            length = int(headers.get("content-length", "0"))
            while len(self._buffer) < length:
                chunk = self._more()
                if not chunk:
                    break
                self._buffer += chunk
            body = self._buffer
        return status, headers, body

    @property
    def code(self) -> str:
        """The code of the problem document of a refusal, or empty."""
        try:
            return str(json.loads(self.body).get("code", ""))
        except (ValueError, AttributeError):
            return ""

    def frame(
        self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True
    ) -> None:
        """One frame (RFC 6455, 5.2)."""
        first = (0x80 if fin else 0) | rsv << 4 | opcode
        size = len(payload)
        head = bytes([first])
        flag = 0x80 if masked else 0
        if size < 126:
            head += bytes([flag | size])
        elif size < 65536:
            head += bytes([flag | 126]) + struct.pack("!H", size)
        else:
            head += bytes([flag | 127]) + struct.pack("!Q", size)
        if masked:
            key = os.urandom(4)
            repeated = key * (size // 4 + 1)
            payload = (
                bytes(a ^ b for a, b in zip(payload, repeated, strict=False))
                if size < 4096
                else _mask(payload, key)
            )
            head += key
        self.write(head + payload)

    def write(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            self._socket.sendall(data)

    def read(self, seconds: float = WAIT) -> tuple[int, bytes] | None:
        """The next frame as (opcode, payload); None at the end of the connection or of the time."""
        self._socket.settimeout(seconds)
        try:
            head = self._take(2)
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack("!H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._take(8))[0]
            return head[0] & 0x0F, self._take(size)
        except (EOFError, TimeoutError, ConnectionResetError):
            return None

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            chunk = self._socket.recv(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def outcome(self, seconds: float = WAIT) -> str:
        """What the server did next, events and heartbeats aside: `close 1002`, `pong x`, `error BAD_JSON`, `cut`, `silence`."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            frame = self.read(left)
            if frame is None:
                return "cut" if time.monotonic() < until - 0.01 else "silence"
            told = _told(*frame)
            if told:
                return told
        return "silence"

    def ended(self, seconds: float = WAIT) -> bool:
        """Whether the server closes TCP once its close has been answered (RFC 6455, 7.1.1)."""
        self.frame(8, b"\x03\xe8")
        while (frame := self.read(seconds)) is not None:
            del frame
        self._socket.settimeout(0.1)
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self._socket.close()


def _mask(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def _told(opcode: int, payload: bytes) -> str:
    if opcode == 8:
        return f"close {struct.unpack('!H', payload[:2])[0] if len(payload) >= 2 else 1005}"
    if opcode == 10:
        return f"pong {payload.decode('latin-1')}".strip()
    if opcode == 9:
        return ""
    try:
        value = json.loads(payload)
    except ValueError:
        return f"frame {opcode} {payload[:40]!r}"
    kind = value.get("type")
    if kind in ("heartbeat", "content_updated", "user_status_changed"):
        return ""
    return f"error {value['data']['code']}" if kind == "error" else str(kind)


def upgrade(**more: str) -> dict[str, str]:
    """The headers of a right handshake; a value of "" takes one out."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: value for name, value in headers.items() if value}
