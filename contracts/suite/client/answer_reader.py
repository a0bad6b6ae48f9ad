"""`AnswerReader`, which reads one HTTP answer from a connection with httptools, within a time and a size.

Interim answers (1xx) except 101 are skipped (RFC 9110, 15.2). Whatever a target sends, reading ends: at a deadline for the whole answer,
after MOST_BODY bytes of the body, or after MOST_HEAD bytes before it.
"""

import socket
import time

import httptools

from contracts.network.http_fields import combined, field_of

CHUNK = 65536
MOST_BODY = 16 << 20
"""The most bytes of a body."""
MOST_HEAD = 256 << 10
"""The most bytes before a body, including those of interim answers."""


class MalformedAnswer(Exception):
    """The bytes are not an HTTP answer, or only a part of one."""


class OversizedAnswer(Exception):
    """The answer is larger than any of this API needs to be."""


class AnswerReader:
    """The reader of one answer, with httptools' callbacks. `head` says that the request was a HEAD, so the answer has no body."""

    def __init__(self, *, head: bool = False, most: int = MOST_BODY) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head = head
        self._most = most
        self._pairs: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []
        self._size = self._before = 0
        self._in_body = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.complete = self.keep_alive = self._second_answer = False
        """`keep_alive` says that the connection may be used again."""
        self.upgraded_bytes = b""
        """The bytes after a 101 answer, which belong to the other protocol."""

    @property
    def begun(self) -> bool:
        """Whether any byte was received."""
        return self._before > 0

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    def read(self, wire: socket.socket, deadline: float) -> None:
        """Read until the answer is complete. Raises TimeoutError at the deadline (of `time.monotonic`), ConnectionResetError if the
        connection ends before the answer begins, MalformedAnswer or OversizedAnswer."""
        try:
            self._read(wire, deadline)
        finally:
            del self._parser  # a reference cycle, which would keep the body in memory until a collection

    def _read(self, wire: socket.socket, deadline: float) -> None:
        while not self.complete:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wire.settimeout(left)
            try:
                chunk = wire.recv(CHUNK)
            except ConnectionResetError as error:
                raise self._broken_off() if self.begun else error from None
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
            self.upgraded_bytes = chunk[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            if self.complete:
                self.keep_alive = False  # bytes after the complete answer
            else:
                raise MalformedAnswer(str(error)) from None
        if self._size > self._most:
            self._chunks.clear()
            raise OversizedAnswer(f"more than {self._most >> 20} MiB")

    def on_message_begin(self) -> None:
        self._second_answer = self.complete  # a second answer to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # trailers are ignored
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
            self.keep_alive = self._parser.get_http_version() == "1.1" and "close" not in self._field(
                "connection"
            )

    def on_body(self, chunk: bytes) -> None:
        if self._second_answer:
            return
        self._size += len(chunk)
        self._chunks.append(chunk)
        if self._head:
            self.keep_alive = False  # a forbidden body: the next answer would not begin where it should

    def on_message_complete(self) -> None:
        if self._second_answer:
            self.keep_alive = False
        if self._head or self._second_answer:
            return
        if self._parser.get_status_code() < 200:
            self._pairs = []
        else:
            self.complete = True
            self.keep_alive = self._parser.should_keep_alive()  # httptools knows it only now

    def _end(self) -> None:
        """Handle the end of the connection, which completes a body without a length and truncates any other."""
        if not self.begun:
            raise ConnectionResetError("the connection ended without an answer")
        if not self.headers or self._field("content-length") or self._field("transfer-encoding"):
            raise self._broken_off()
        self.complete = True

    def _broken_off(self) -> MalformedAnswer:
        where = f"after {self._size} bytes of its body" if self._in_body else "before its body"
        return MalformedAnswer(f"the answer broke off {where}")

    def _field(self, wanted: str) -> str:
        return field_of(self.headers, wanted).lower()
