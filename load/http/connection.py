"""A keep-alive HTTP/1.1 connection on a gevent socket, and a pool of them, with the times of the first and the last byte.

geventhttpclient, Locust's own client, is not used, because it repeats requests by itself, so that our count would differ from the
server's, and because it does not tell when the first byte came. A connection that the server closed while it was idle is replaced
before anything is sent on it; no request is sent twice. Times come from the kernel if possible (`load.http.kernel_timestamps`).
"""

import select
from time import perf_counter_ns, time_ns
from typing import Any, NamedTuple

import gevent.socket

from contracts.command.loopback import connected
from contracts.network import unreachable
from load.http.kernel_timestamps import SPACE, KernelTimestamps, ask
from load.http.parser import ParseError, ResponseParser
from load.http.target import Target, tls_context

BLOCK = 65_536
CONNECT = 4.0
"""The timeout of TCP and TLS handshakes together, in seconds."""
NO_CONNECTION = "connect-timeout"
"""The kind of error of that timeout: a saturated generator may have caused it."""
CUT = ("closed", "reset")
"""The kinds of error of a connection that the server ended."""
ANSWER, FIRST_ANSWER = 8.0, 5.0
"""The timeouts in seconds of a whole answer without a send window, and of the first one, so that a target that accepts
connections and does not answer is found within 10 s."""
LONGEST_ANSWER = 16 << 20
"""The most bytes of one answer with its headers, so that an endless one does not fill the memory."""
LONGEST_HEAD = 256 << 10
"""The most bytes before the body; the parser joins headers piece by piece, so 16 MiB of one header would take minutes."""
RESTED, STALE = 500_000_000, 4_000_000_000
"""The idle times in ns after which a connection is checked before use, and after which it is not used any more: servers close idle
ones (uvicorn and Node after 5 s), and the close may cross a request (RFC 9112, 9.5)."""


TIMESTAMPS = KernelTimestamps()


class ExchangeError(Exception):
    """No complete answer came. `kind` is a slug; `sent`: the request may have reached the target; `begun`: a part of an answer
    came, so the target can be reached and is wrong."""

    def __init__(self, kind: str, *, sent: bool, detail: str = "", begun: bool = False) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.begun = begun
        self.detail = detail or kind
        """The reason in words."""
        self.sent = sent


class HttpReply(NamedTuple):
    """An answer. `first` and `last` are the arrival times of its first and last byte, in ns. Header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes
    first: int
    last: int


class HttpConnection:
    """A keep-alive HTTP/1.1 connection on a gevent socket. `aborted` is the kind of error that the waiting greenlet gets after an
    abort from outside."""

    __slots__ = ("_direct", "_readable", "_stamped", "aborted", "begun", "rested", "socket")

    def __init__(self) -> None:
        self.socket: Any = None
        self._direct: Any = None
        """The system's socket inside of gevent's, whose methods cost a microsecond more each; with TLS the same as `socket`."""
        self._readable: Any = None
        """gevent's watcher of the socket; None with TLS, where decrypted data may wait already."""
        self._stamped = self.begun = False
        self.aborted = ""
        self.rested = 0

    def open(self, target: Target) -> None:
        try:
            # One timeout for all steps, because each byte of a slow handshake would restart a timeout of the socket.
            with gevent.Timeout(CONNECT):
                self._connect(target)
        except gevent.Timeout:
            self.close()
            detail = f"no connection within {CONNECT:g} s"
            raise ExchangeError(self.aborted or NO_CONNECTION, sent=False, detail=detail) from None
        except OSError as error:
            self.close()
            kind = self.aborted or ("refused" if isinstance(error, ConnectionRefusedError) else "unreachable")
            raise ExchangeError(kind, sent=False, detail=unreachable.reason(error)) from None
        if self.aborted:
            self.close()
            raise ExchangeError(self.aborted, sent=False)

    def _connect(self, target: Target) -> None:
        self.socket = connected(
            target.host,
            lambda address: gevent.socket.create_connection((address, target.port), timeout=None),
            gevent.socket.getaddrinfo,
        )
        self.socket.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
        self._stamped = not target.secure and ask(self.socket)
        if target.secure:
            self._direct = self.socket = tls_context().wrap_socket(self.socket, server_hostname=target.host)
        else:
            self._direct, self._readable = self.socket._sock, self.socket._read_event

    def exchange(self, request: bytes, *, seconds: float | None = None) -> HttpReply:
        """Send a request and read its answer. The connection stays open if `socket` is not None afterwards.

        `seconds` is the timeout; without one, a send window aborts the exchange from outside.
        """
        if seconds is None:
            return self._exchange(request)
        try:
            with gevent.Timeout(seconds):
                return self._exchange(request)
        except gevent.Timeout:
            self.close()
            detail = f"{'begins an answer and does not end it' if self.begun else 'no answer'} within {seconds:g} s"
            raise ExchangeError("timeout", sent=True, detail=detail, begun=self.begun) from None

    def _exchange(self, request: bytes) -> HttpReply:
        parser = ResponseParser()
        try:
            sent = perf_counter_ns()
            self.begun = False
            self._send(request)
            block, last = self._receive_first(sent)
            first, self.begun = last, bool(block)
            received = 0
            while True:
                if not block:
                    self._ended(parser)
                    break
                parser.feed(block)
                if parser.complete:
                    break
                received += len(block)
                if received > (LONGEST_ANSWER if parser.head else LONGEST_HEAD):
                    self.close()
                    body, head = f"an answer over {LONGEST_ANSWER >> 20} MiB", f"{LONGEST_HEAD >> 10} KiB"
                    detail = body if parser.head else f"more than {head} before the body"
                    raise ExchangeError("too-long", sent=True, detail=detail, begun=True)
                block, last = self._receive(self._held(), last)
        except OSError as error:
            self.close()
            raise ExchangeError(
                self.aborted or "reset", sent=True, detail=unreachable.reason(error)
            ) from None
        except ParseError as error:
            self.close()
            detail = f"sends no HTTP ({error})"
            raise ExchangeError("not-http", sent=True, detail=detail, begun=True) from None
        finally:
            parser.release()
        if not parser.keep_alive:
            self.close()
        self.rested = last  # the server counts its idle time from here, however late a busy generator has read the answer
        return HttpReply(parser.status, parser.headers, bytes(parser.body), first, last)

    def _held(self) -> Any:
        """The socket; ExchangeError if the exchange was aborted meanwhile."""
        if self.socket is None:
            raise ExchangeError(self.aborted or "closed", sent=True)
        return self.socket

    def _send(self, request: bytes) -> None:
        """Send a request, nearly always in one system call."""
        socket = self._held()
        try:
            sent = self._direct.send(request)
        except BlockingIOError:
            sent = 0
        if sent < len(request):
            socket.sendall(memoryview(request)[sent:])

    def _receive_first(self, earliest: int) -> tuple[bytes, int]:
        """The same as `_receive`, but it waits first, because the answer cannot be there yet: that saves a system call."""
        if self._readable is not None:
            gevent.get_hub().wait(self._readable)
        socket = self._held()
        try:
            return self._receive(self._direct, earliest)
        except BlockingIOError:  # the kernel found the packet to be broken, and waits for it again
            return self._receive(socket, earliest)

    def _receive(self, socket: Any, earliest: int) -> tuple[bytes, int]:
        """(the next bytes, their arrival time); no bytes at the end of the stream."""
        if not self._stamped:
            return socket.recv(BLOCK), perf_counter_ns()
        block, messages, _, _ = socket.recvmsg(BLOCK, SPACE)
        return block, TIMESTAMPS.at(messages, perf_counter_ns(), time_ns(), earliest=earliest)

    def _ended(self, parser: ResponseParser) -> None:
        """The target closed the connection, which ends an answer without a length (RFC 9112, 6.3) and cuts off any other."""
        self.close()
        if self.aborted or not parser.head or {"content-length", "transfer-encoding"} & set(parser.headers):
            raise ExchangeError(
                self.aborted or "closed", sent=True, detail="the target closed without an answer"
            )

    def alive(self) -> bool:
        """Whether an idle connection is usable; a readable one has been closed or has unrequested data."""
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLIN)
        return not poll.poll(0)

    def abort(self, kind: str) -> None:
        self.aborted = kind
        self.close()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = self._direct = self._readable = None


class Pool:
    """The idle connections to a target. The last used comes first, so that a slow run uses few; their number is not limited."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.opened = 0
        self._idle: list[HttpConnection] = []

    def idle(self) -> HttpConnection | None:
        """A usable idle connection, or None."""
        while self._idle:
            connection = self._idle.pop()
            rested = perf_counter_ns() - connection.rested
            if rested < RESTED or (rested < STALE and connection.alive()):
                return connection
            connection.close()
        return None

    def open(self, connection: HttpConnection) -> None:
        self.opened += 1
        connection.open(self.target)

    def rest(self, connection: HttpConnection) -> None:
        if connection.socket is not None:
            self._idle.append(connection)

    def exchange(self, request: bytes, *, seconds: float = ANSWER) -> HttpReply:
        """Exchange a request without a send window. A server may close an idle connection while a request is sent on it (RFC 9112,
        9.3.1): a read of which not one byte came is then sent again; a write cannot be, so it always gets a new connection."""
        connection = self.idle() if request.startswith(b"GET ") else None
        if connection is not None:
            try:
                return self._on(connection, request, seconds)
            except ExchangeError as error:
                if connection.begun or error.kind not in CUT:
                    raise
        connection = HttpConnection()
        self.open(connection)
        return self._on(connection, request, seconds)

    def _on(self, connection: HttpConnection, request: bytes, seconds: float) -> HttpReply:
        reply = connection.exchange(request, seconds=seconds)
        self.rest(connection)
        return reply

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
