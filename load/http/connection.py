"""One keep-alive HTTP/1.1 connection on a gevent socket, and a pool of them, with the clock read where it matters.

geventhttpclient, Locust's own client, is left out: it repeats requests by itself, which would make our count differ from the
server's, and it does not say when the first byte came.
A connection that the server closed while it was idle is replaced before anything is sent on it; nothing is sent twice.
The first and the last byte are timed by the kernel where it does that (`load.http.kernel_timestamps`).
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
"""Seconds for TCP and TLS together to say that somebody is there."""
ANSWER, FIRST_ANSWER = 8.0, 5.0
"""Seconds for a whole answer where no dispatcher watches the time, and for the very first one: a target that takes connections
and says nothing is known within 10 s."""
LONGEST_ANSWER = 16 << 20
"""Bytes of one answer with its fields; a longer one is an error, so that an endless one costs no memory."""
LONGEST_HEAD = 256 << 10
"""Bytes before the body, which are put together piece by piece: 16 MiB of one field would take minutes."""
RESTED, STALE = 500_000_000, 4_000_000_000
"""A connection idle for longer than the one is looked at before it is used, for longer than the other it is not used any
more: servers close idle ones (uvicorn and Node after 5 s), and the close may be on its way while a request is (RFC 9112, 9.5)."""


TIMESTAMPS = KernelTimestamps()


class ExchangeError(Exception):
    """No answer. `kind` is a slug; `sent` says whether any byte of the request may have reached the target, `begun` whether any
    byte of an answer came: who begins one and does not end it can be reached, and is wrong."""

    def __init__(self, kind: str, *, sent: bool, detail: str = "", begun: bool = False) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.begun = begun
        self.told = detail or kind
        """For people."""
        self.sent = sent


class HttpReply(NamedTuple):
    """An answer with its times. `first` and `last` are the clock when the first and the last byte came, ns. Header names are
    lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    first: int
    last: int


class HttpConnection:
    """A keep-alive HTTP/1.1 connection on a gevent socket. `aborted` is set by whoever gives the exchange up from outside: the
    waiting greenlet then gets that as its error."""

    __slots__ = ("_stamped", "aborted", "begun", "rested", "socket")

    def __init__(self) -> None:
        self.socket: Any = None
        self._stamped = self.begun = False
        self.aborted = ""
        self.rested = 0

    def open(self, target: Target) -> None:
        try:
            # One time for all steps: a handshake that drips would begin a timeout of the socket's anew with each byte.
            with gevent.Timeout(CONNECT):
                self._connect(target)
        except gevent.Timeout:
            self.close()
            detail = f"no connection within {CONNECT:g} s"
            raise ExchangeError(self.aborted or "unreachable", sent=False, detail=detail) from None
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
            self.socket = tls_context().wrap_socket(self.socket, server_hostname=target.host)

    def exchange(self, request: bytes, *, seconds: float | None = None) -> HttpReply:
        """Send and read one answer. The connection is still open afterwards if `socket` is not None.

        `seconds` is for callers whose time nobody watches; the dispatcher's sweep aborts the others from outside.
        """
        if seconds is None:
            return self._exchange(request)
        try:
            with gevent.Timeout(seconds):
                return self._exchange(request)
        except gevent.Timeout:
            self.close()
            told = "begins an answer and does not end it" if self.begun else "no answer"
            raise ExchangeError(
                "timeout", sent=True, detail=f"{told} within {seconds:g} s", begun=self.begun
            ) from None

    def _exchange(self, request: bytes) -> HttpReply:
        parser = ResponseParser()
        try:
            sent = perf_counter_ns()
            self.begun = False
            self._send(request)
            self._wait()
            block, last = self._receive(sent)
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
                    told = (
                        f"an answer over {LONGEST_ANSWER >> 20} MiB"
                        if parser.head
                        else f"more than {LONGEST_HEAD >> 10} KiB before the body"
                    )
                    raise ExchangeError("too-long", sent=True, detail=told, begun=True)
                block, last = self._receive(last)
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
        return HttpReply(parser.status, parser.headers, bytes(parser.body), first, last)

    def _held(self) -> Any:
        """The socket; whoever aborted the exchange meanwhile has taken it away."""
        if self.socket is None:
            raise ExchangeError(self.aborted or "closed", sent=True)
        return self.socket

    def _send(self, request: bytes) -> None:
        """In one call of the system, as nearly always; what did not fit follows."""
        socket = self._held()
        sent = socket.send(request)
        if sent < len(request):
            socket.sendall(memoryview(request)[sent:])

    def _wait(self) -> None:
        """Until something can be read: the answer is not here yet, and asking for it first is a call of the system for nothing."""
        socket = self._held()
        event = getattr(socket, "_read_event", None)  # gevent's own; a TLS socket may hold what came already
        if event is not None and not hasattr(socket, "context"):
            socket._wait(event)

    def _receive(self, earliest: int) -> tuple[bytes, int]:
        """What can be read, at the end of the stream nothing, and when it came."""
        socket = self._held()
        if not self._stamped:
            return socket.recv(BLOCK), perf_counter_ns()
        block, told, _, _ = socket.recvmsg(BLOCK, SPACE)
        return block, TIMESTAMPS.at(told, perf_counter_ns(), time_ns(), earliest=earliest)

    def _ended(self, parser: ResponseParser) -> None:
        """The target closed. That ends an answer without a length (RFC 9112, 6.3) and cuts any other one off."""
        self.close()
        if self.aborted or not parser.head or {"content-length", "transfer-encoding"} & set(parser.headers):
            raise ExchangeError(
                self.aborted or "closed", sent=True, detail="the target closed without an answer"
            )

    def alive(self) -> bool:
        """An idle connection that can be read from has been closed, or has said something that nobody asked for."""
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLIN)
        return not poll.poll(0)

    def abort(self, kind: str) -> None:
        self.aborted = kind
        self.close()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Pool:
    """Idle connections, last used first, so that a quiet run keeps few of them busy. As many as are asked for."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.opened = 0
        self._idle: list[HttpConnection] = []

    def idle(self) -> HttpConnection | None:
        """A connection that can be used at once, if there is one."""
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
            connection.rested = perf_counter_ns()
            self._idle.append(connection)

    def exchange(self, request: bytes, *, seconds: float = ANSWER) -> HttpReply:
        """One exchange that nobody watches. A server may close an idle connection just as a request goes out on it (RFC 9112, 9.3.1): a
        read is then sent once more, and a write, which cannot be, never goes out on a connection that has rested."""
        connection = self.idle() if request.startswith(b"GET ") else None
        if connection is not None:
            try:
                return self._on(connection, request, seconds)
            except ExchangeError:
                pass
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
