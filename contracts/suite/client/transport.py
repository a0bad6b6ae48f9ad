"""A keep-alive HTTP/1.1 connection that sends exactly the given request and measures times.

It follows no redirects, keeps no cookies and adds no fields except Host and Content-Length. One object is one connection; each thread needs
its own. For many requests, `overlapped` sends one, and while its answer is on the way the caller judges the previous answer and makes the
next request. A request that depends on state therefore misses the last answer.

    for exchange in connection.overlapped(requests, "getContentItem"): ...
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from contracts.command import loopback
from contracts.network import unreachable
from contracts.network.tls import TlsTrust, of_environment
from contracts.suite.client.answer_reader import (
    CHUNK,
    MOST_BODY,
    AnswerReader,
    MalformedAnswer,
    OversizedAnswer,
)
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unreachable

TIMEOUT = 15.0
"""Seconds for one request and its whole answer."""
CONNECT = 10.0
RESET = (ConnectionResetError, BrokenPipeError)


@lru_cache
def trusted(trust: TlsTrust) -> ssl.SSLContext:
    """The SSL context, cached because loading the machine's certificates takes longer than a handshake."""
    return trust.context()


def connected(url: str, seconds: float, *, handshake: bool = True) -> socket.socket:
    """An open connection to the host of a URL, after its TLS handshake, if it has one and the caller does not make it (`handshake`).
    Raises OSError if it takes more than `seconds` in all; the timeout of a socket would start again with each byte of a slow handshake."""
    parts = urlsplit(url)
    secure, host = parts.scheme in ("https", "wss"), parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    wire = loopback.connected(host, lambda address: socket.create_connection((address, port), seconds))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not (secure and handshake):
        return wire
    until = time.monotonic() + seconds
    wrapped = trusted(of_environment()).wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False)
    wrapped.setblocking(False)
    while True:
        try:
            wrapped.do_handshake()
            wrapped.settimeout(seconds)
            return wrapped
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wanted:
            ready = ([wrapped], []) if isinstance(wanted, ssl.SSLWantReadError) else ([], [wrapped])
            if until <= time.monotonic() or not any(
                select.select(*ready, [], max(0.0, until - time.monotonic()))
            ):
                wrapped.close()
                raise TimeoutError(f"no TLS handshake within {seconds:g} s") from None
        except OSError:
            wrapped.close()
            raise


class Connection:
    """A keep-alive connection to the target, which opens at the first request and again after a close.

    `base` is scheme and authority. `timeout` is in seconds, for a request and its whole answer. `permit` raises for a request that must
    not be sent, and may wait before one; `waited` counts one that was not answered in time. `most` is the most bytes of a body.
    """

    def __init__(
        self,
        base: str,
        *,
        timeout: float = TIMEOUT,
        permit: Callable[[HttpRequest], None] = lambda request: None,
        waited: Callable[[HttpRequest, float], None] = lambda request, sent: None,
        most: int = MOST_BODY,
    ) -> None:
        self._base = base
        self._timeout = timeout
        self._permit = permit
        self._waited = waited
        self._most = most
        self._wire: socket.socket | None = None
        self._ahead: tuple[int, bool] | None = None
        """(time sent, whether the connection had been used before) of a request whose answer has not been read."""

    def open(self) -> socket.socket:
        """The open connection. Raises Unreachable."""
        # An idle connection that is readable was closed by the server: a new one is opened, whatever the method.
        if self._wire is not None and select.select([self._wire], [], [], 0)[0]:
            self.close()
        if self._wire is None:
            try:
                self._wire = connected(self._base, min(CONNECT, self._timeout))
            except OSError as error:
                raise Unreachable(unreachable.reason(error)) from None
        return self._wire

    def close(self) -> None:
        self._ahead = None
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def send(self, request: HttpRequest, operation: str = "") -> Exchange:
        """Send one request and read its answer. If the server had closed the idle connection, it is opened again, once. Raises
        ContractViolation, NoAnswer or Unreachable."""
        reused = self._wire is not None
        try:
            return self._exchange(request, operation)
        except RESET as error:
            self.close()
            # A server or an intermediary may close an idle connection while the next request is on its way (RFC 9112, 9.5).
            # Not one byte came back, so the request is sent again over a new connection; if it had been executed after all,
            # the second answer shows that.
            if reused:
                return self._retry(request, operation)
            raise self._lost(error) from None

    def _retry(self, request: HttpRequest, operation: str) -> Exchange:
        try:
            return self._exchange(request, operation)
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> ContractViolation | Unreachable:
        """The error of a lost connection: Unreachable if the target is gone, else a violation, because it closed the connection."""
        self.close()
        try:
            self.open()
        except Unreachable as gone:
            return gone
        self.close()
        return ContractViolation("an HTTP answer", f"the connection was closed ({error})")

    def overlapped(self, requests: Iterable[HttpRequest], operation: str = "") -> Iterator[Exchange]:
        """The exchanges of these requests, in order. The next request is sent before an exchange is yielded."""
        source = iter(requests)
        request = next(source, None)
        while request is not None:
            self._begin(request)
            following = next(source, None)
            exchange = self.send(request, operation)
            request = following
            yield exchange

    def _begin(self, request: HttpRequest) -> None:
        used = self._wire is not None
        try:
            sent = time.monotonic_ns()
            self.put(request)
            self._ahead = sent, used
        except RESET:
            self.close()  # `send` opens another one

    def put(self, request: HttpRequest, *, withheld: int = 0) -> socket.socket:
        """Send a request without reading its answer. The last `withheld` bytes of the body are not sent, but count in Content-Length."""
        self._permit(request)
        wire = self.open()
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
        body = request.body or b""
        raw = "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body[: len(body) - withheld]
        wire.settimeout(self._timeout)
        try:
            wire.sendall(raw)
        except RESET:
            # A server may refuse a long body before it has read it all; its answer is already there.
            if len(body) < CHUNK:
                raise
        return wire

    def _exchange(self, request: HttpRequest, operation: str) -> Exchange:
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            self.open()
            sent = time.monotonic_ns()
            self.put(request)
            return self._take(request, operation, sent)
        sent, used = ahead
        try:
            return self._take(request, operation, sent)
        except RESET as error:
            if used:
                raise  # it may have been closed while idle, so `send` tries again
            raise self._lost(error) from None

    def _take(self, request: HttpRequest, operation: str, sent: int) -> Exchange:
        assert self._wire is not None
        answer = AnswerReader(head=request.method == "HEAD", most=self._most)
        try:
            answer.read(self._wire, sent / 1e9 + self._timeout)
        except TimeoutError:
            self.close()
            self._waited(request, sent / 1e9)
            error = NoAnswer(
                f"an answer within {self._timeout:g} s", "no end of it" if answer.begun else "none"
            )
            error.begun = answer.begun
            raise error from None
        except MalformedAnswer as error:
            self.close()
            raise ContractViolation("a well-formed HTTP answer", str(error)) from None
        except OversizedAnswer as error:
            self.close()
            raise ContractViolation("an answer of a bounded size", str(error)) from None
        done = time.monotonic_ns()
        if not answer.keep_alive:
            self.close()
        return Exchange(
            operation=operation, request=request, status=answer.status, headers=answer.headers, body=answer.body, sent=sent, done=done
        )  # fmt: skip
