"""A keep-alive HTTP/1.1 client that sends exactly what it is told and measures when.

http.client and nothing on top: no redirects, no cookies, no added headers but Host and Content-Length, and a quarter
of the cost of a session library. One object is one connection; threads take one each.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
from urllib.parse import urlsplit

from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.contract_violation import ContractViolation, Unreachable

TIMEOUT = 30.0


class Connection:
    """`base` is scheme and host; the connection opens at the first request and again after a close."""

    def __init__(self, base: str, *, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(base)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._secure = parts.scheme == "https"
        self._timeout = timeout
        self._http: http.client.HTTPConnection | None = None

    def open(self) -> http.client.HTTPConnection:
        """The open connection; Unreachable where there is nobody to answer."""
        # A readable idle connection is one that the server has closed: open a new one, whatever the method.
        if self._http is not None and (
            self._http.sock is None or select.select([self._http.sock], [], [], 0)[0]
        ):
            self.close()
        if self._http is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=self._timeout)
            try:
                connection.connect()
            except (OSError, ssl.SSLError) as error:
                raise Unreachable(f"{self._host}:{self._port or ''} does not answer: {error}") from None
            if isinstance(connection.sock, socket.socket):
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._http = connection
        return self._http

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def send(self, request: HttpRequest, operation: str = "") -> Exchange:
        """One exchange. A connection that the server had closed while idle is opened again, once."""
        reused = self._http is not None
        try:
            return self._exchange(request, operation)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            # A server, or what stands before it, may close a connection between two requests without a word, just as the
            # next one is on its way (RFC 9112, 9.5). Not one byte came back, so the request is sent once more, over a
            # new connection; whoever had applied it after all shows that in the second answer.
            if reused:
                return self._retry(request, operation)
            raise self._lost(error) from None
        except TimeoutError:
            self.close()
            raise ContractViolation(f"an answer within {self._timeout:g} s", "none") from None
        except http.client.HTTPException as error:
            self.close()
            raise ContractViolation("a well-formed HTTP answer", f"{type(error).__name__}: {error}") from None

    def _retry(self, request: HttpRequest, operation: str) -> Exchange:
        try:
            return self._exchange(request, operation)
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> ContractViolation | Unreachable:
        """A server that cuts a connection has broken its word; of one that is not there any more nothing can be said."""
        self.close()
        try:
            self.open()
        except Unreachable as gone:
            return gone
        self.close()
        return ContractViolation("an HTTP answer", f"the connection was closed ({error})")

    def put(self, request: HttpRequest, *, withheld: int = 0) -> http.client.HTTPConnection:
        """Send a request and leave its answer to come; of the body the last bytes may be withheld, though its length counts
        them."""
        connection = self.open()
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query or request.url.endswith("?") else "")
        connection.putrequest(request.method, target or "/", skip_accept_encoding=True)
        names = {name.lower() for name in request.headers}
        for name, value in request.headers.items():
            connection.putheader(name, value.encode("latin-1", "replace"))
        if request.body is not None and "content-length" not in names:
            connection.putheader("Content-Length", str(len(request.body)))
        elif request.body is None and request.method in ("POST", "PUT") and "content-length" not in names:
            connection.putheader("Content-Length", "0")
        body = request.body[: len(request.body) - withheld] if request.body is not None else None
        try:
            connection.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse a body that is too long before it has read it; its answer is already there.
            if not body or len(body) < 65536:
                raise
        return connection

    def _exchange(self, request: HttpRequest, operation: str) -> Exchange:
        self.open()
        sent = time.monotonic_ns()
        connection = self.put(request)
        response = connection.getresponse()
        body = response.read()
        done = time.monotonic_ns()
        if response.will_close:
            self.close()
        return Exchange(
            operation=operation,
            request=request,
            status=response.status,
            headers=_joined(response.getheaders()),
            body=body,
            sent=sent,
            done=done,
        )


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Repeated fields are one list (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
