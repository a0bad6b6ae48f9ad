"""One answer from the bytes of a connection, read by httptools and bounded in time and size.

An interim answer (1xx) but 101 is skipped (RFC 9110, 15.2). Whatever a target sends, reading ends: at a deadline for the whole answer,
after so many bytes of a body, after so many of everything that is no body.
"""

import socket
import time

import httptools

from contracts.network.http_fields import combined, field_of

CHUNK = 65536
MOST_BODY = 16 << 20
"""Bytes of one answer's body."""
MOST_HEAD = 256 << 10
"""Bytes before the body of one answer, those of interim answers among them."""


class MalformedAnswer(Exception):
    """What came is no HTTP answer, or only a part of one."""


class OversizedAnswer(Exception):
    """More than any answer of this API has a right to."""


class AnswerReader:
    """Reads one answer for httptools' callbacks. `head`: the request was a HEAD, so the answer ends with its header."""

    def __init__(self, *, head: bool = False, most: int = MOST_BODY) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head = head
        self._most = most
        self._pairs: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []
        self._size = self._before = 0
        self._in_body = self._begun = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.complete = self.stays = self._beyond = False
        """`stays`: the connection may be used again."""
        self.beyond = b""
        """What came with an answer of 101, in the other protocol."""

    @property
    def begun(self) -> bool:
        """Whether any byte has come."""
        return self._before > 0

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    def read(self, wire: socket.socket, deadline: float) -> None:
        """Until the answer is complete. TimeoutError at the deadline (of `time.monotonic`), ConnectionResetError where the connection
        ends before anything has come."""
        try:
            self._read(wire, deadline)
        finally:
            del self._parser  # it holds this object, and the body with it, until the collector comes

    def _read(self, wire: socket.socket, deadline: float) -> None:
        while not self.complete:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wire.settimeout(left)
            chunk = wire.recv(CHUNK)
            if not chunk:
                self._end()
                return
            self.feed(chunk)

    def feed(self, chunk: bytes) -> None:
        if not self._in_body:
            self._before += len(chunk)
            if self._before > MOST_HEAD + CHUNK:
                raise OversizedAnswer(f"more than {MOST_HEAD >> 10} KiB before the body")
        try:
            self._parser.feed_data(chunk)
        except httptools.HttpParserUpgrade as upgrade:
            self.status, self.complete = 101, True
            self.beyond = chunk[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            if self.complete:
                self.stays = False  # what follows a complete answer is nobody's
            else:
                raise MalformedAnswer(str(error)) from None
        if self._size > self._most:
            self._chunks.clear()
            raise OversizedAnswer(f"more than {self._most >> 20} MiB")

    def on_message_begin(self) -> None:
        self._begun = True
        self._beyond = self.complete  # an answer that nobody asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # a trailer says nothing that anybody asks for
            self._pairs.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 101:
            self.headers = combined(self._pairs)
        if status < 200 or self.complete:
            return
        self.status, self.headers, self._in_body = status, combined(self._pairs), True
        if self._head:
            self.complete = True
            self.stays = self._parser.get_http_version() == "1.1" and "close" not in self._field("connection")

    def on_body(self, chunk: bytes) -> None:
        if self._beyond:
            return
        self._size += len(chunk)
        self._chunks.append(chunk)
        if self._head:
            self.stays = (
                False  # bytes that must not be there: the next answer would not begin where it should
            )

    def on_message_complete(self) -> None:
        if self._beyond:
            self.stays = False  # the next answer would be nobody's either
        if self._head or self._beyond:
            return
        if self._parser.get_status_code() < 200:
            self._pairs = []
            self._begun = False
        else:
            self.complete = True
            self.stays = self._parser.should_keep_alive()  # it can tell only now

    def _end(self) -> None:
        """The connection has ended: that ends a body without a length, and breaks off any other."""
        if not self._begun:
            raise ConnectionResetError("the connection ended without an answer")
        if not self.headers or self._field("content-length") or self._field("transfer-encoding"):
            raise MalformedAnswer(f"the answer broke off after {self._size} bytes of its body")
        self.complete = True

    def _field(self, wanted: str) -> str:
        return field_of(self.headers, wanted).lower()
