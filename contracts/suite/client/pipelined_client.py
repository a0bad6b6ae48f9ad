"""The client for volume: one connection, answers read by httptools, and our own work done while the server does its.

`overlapped` sends a request, and while its answer is on the way the caller judges the one before and makes the one after. So a
request that depends on state knows it one answer late. What it cannot do, answers to HEAD among them, the plain client does.

    for exchange in lean.overlapped(requests, "getContentItem"): ...
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import httptools

from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation

CHUNK = 65536
RESET = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class PipelinedConnection(Connection):
    """A Connection in all else: what it raises, when it opens, and that a connection closed while idle is opened again."""

    _ahead: tuple[int, bool] | None = None
    """When a request was sent whose answer has not been read, and whether its connection had been used before."""

    def overlapped(self, requests: Iterable[HttpRequest], operation: str = "") -> Iterator[Exchange]:
        """The exchanges, in order. The next request is taken before the last exchange is given."""
        source = iter(requests)
        request = next(source, None)
        while request is not None:
            self._begin(request)
            following = next(source, None)
            exchange = self.send(request, operation)
            request = following
            yield exchange

    def _begin(self, request: HttpRequest) -> None:
        if request.method == "HEAD":
            return
        used = self._http is not None
        try:
            self._ahead = self._put(request), used
        except RESET:
            self.close()  # `send` opens another one

    def _exchange(self, request: HttpRequest, operation: str) -> Exchange:
        if request.method == "HEAD":
            return super()._exchange(request, operation)
        if self._ahead is None:
            return self._take(request, operation, self._put(request))
        (sent, used), self._ahead = self._ahead, None
        try:
            return self._take(request, operation, sent)
        except RESET as error:
            if used:
                raise  # it may have been closed while idle: `send` tries once more
            self.close()
            raise ContractViolation("an HTTP answer", f"the connection was closed ({error})") from None

    def _put(self, request: HttpRequest) -> int:
        wire = self.open().sock
        head = [f"{request.method} {request.url[request.url.index('/', 8) :] or '/'} HTTP/1.1"]
        names = {name.lower() for name in request.headers}
        if "host" not in names:
            head.append(f"Host: {urlsplit(request.url).netloc}")
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        if request.body is not None and "content-length" not in names:
            head.append(f"Content-Length: {len(request.body)}")
        elif request.body is None and request.method in ("POST", "PUT") and "content-length" not in names:
            head.append("Content-Length: 0")
        if any("\r" in line or "\n" in line for line in head):
            raise ValueError("a header field with a line break in it")
        raw = "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + (request.body or b"")
        sent = time.monotonic_ns()
        try:
            wire.sendall(raw)
        except RESET:
            # A server may refuse a body that is too long before it has read it; its answer is already there.
            if not request.body or len(request.body) < CHUNK:
                raise
        return sent

    def _take(self, request: HttpRequest, operation: str, sent: int) -> Exchange:
        assert self._http is not None
        wire, answer = self._http.sock, _ResponseReader()
        while not answer.complete:
            chunk = wire.recv(CHUNK)
            if not chunk:
                answer.end()
                break
            try:
                answer.parser.feed_data(chunk)
            except httptools.HttpParserError as error:
                raise http.client.HTTPException(str(error)) from None
        done = time.monotonic_ns()
        if not answer.stays:
            self.close()
        return Exchange(
            operation=operation,
            request=request,
            status=answer.parser.get_status_code(),
            headers=answer.headers,
            body=b"".join(answer.chunks),
            sent=sent,
            done=done,
        )


class _ResponseReader:
    """What httptools calls back; an interim answer (1xx) is dropped."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.complete = self.stays = False
        self._begun = False

    def on_message_begin(self) -> None:
        self._begun = True

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        # Repeated fields are one list (RFC 9110, 5.3).
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_body(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        if self.parser.get_status_code() < 200:
            self.headers, self.chunks = {}, []
        else:
            self.complete = True
            self.stays = self.parser.should_keep_alive()  # it can tell only now

    def end(self) -> None:
        """The connection has ended: that ends a body without a length, and breaks off any other."""
        if not self._begun:
            raise http.client.RemoteDisconnected("the connection ended without an answer")
        names = {name.lower() for name in self.headers}
        if "content-length" in names or "transfer-encoding" in names or not self.headers:
            raise http.client.IncompleteRead(b"".join(self.chunks))
