"""One WebSocket connection on a gevent socket, with wsproto for the protocol (RFC 6455).

The usual client libraries hide what a storm needs: the exact close code, an RST on demand, a connect that can be aborted, and a
handshake for 0.2 ms of CPU. Reconnecting is the work of the policy. It needs no monkey patch.

A listener gets exactly one of `opened` and `refused`, and after `opened` exactly one `closed`; after its own `abort` it gets
nothing more.
"""

import contextlib
import ipaddress
import socket as stdlib_socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import gevent
import gevent.socket
import msgspec
import wsproto
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from contracts.command.loopback import connected
from contracts.dialect.channel_place import SUBPROTOCOL
from contracts.json_text import JsonError, value_of
from load.http.target import tls_context
from load.realtime.policies.protocol import ABNORMAL, Message

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
POLICY_VIOLATION, TOO_BIG = 1008, 1009  # RFC 6455, 7.4.1
NOT_ANSWERED = (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING)
"""The states after a close event of wsproto's own, which it makes of a frame that breaks the protocol; after the peer's they are others."""
CLOSE_PATIENCE = 2.0
"""Seconds for the peer to answer a close frame."""
HANDSHAKE_PATIENCE = 30.0
"""Seconds from the connect to the end of the TLS and HTTP handshakes, however slowly the target sends."""
LONGEST_MESSAGE = 4 * 1024 * 1024
"""The most characters of one message, in any number of frames; the document's longest has some thousand."""
MOST_AT_ONCE, MOST_A_SECOND = 5_000, 1_000
"""The most messages and pings of one socket: in one burst, and in each second after it."""
LONGEST_TURN = 0.01
"""Seconds after which a socket that always has more to read lets other greenlets run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The address of a TCP connection, and the host, path and TLS name of its handshakes."""

    address: tuple[str, int]
    host: str
    path: str
    """Path and query; it holds a token, so it is never printed."""
    tls_name: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Further fields of the handshake; they may hold a token, so they are never printed."""
    understood: Callable[[Message], Message] = lambda message: message
    """A message of the target in the form of our channel."""

    def __repr__(self) -> str:
        return f"Endpoint({self.address[0]}:{self.address[1]}, host={self.host})"


class Listener(Protocol):
    """The receiver of one socket's events."""

    def opened(self, socket: int) -> None: ...
    def refused(self, socket: int, status: int | None) -> None:
        """The connect failed. `status` is that of an HTTP answer in place of 101, or None without an answer."""

    def closed(self, socket: int, clean: bool, code: int) -> None: ...
    def received(self, socket: int, message: Message) -> None: ...
    def flawed(self, socket: int, reason: str) -> None:
        """The peer broke the channel's protocol. If the socket ends because of it, this comes first."""


Dial = Callable[[], Endpoint]
"""The endpoint of the next connect, with a current token. It may block; OSError fails the connect."""


class WebSocket:
    """One WebSocket connection. `number` is the policy's id of the socket, and is passed to the listener."""

    def __init__(self, number: int, dial: Dial, listener: Listener) -> None:
        self.number = number
        self.dial = dial
        self.listener = listener
        self.wire = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self.socket: Any = gevent.socket.socket()
        """A placeholder until the address is known, so that `abort` always has a socket to close."""
        self.understood: Callable[[Message], Message] = lambda message: message
        self.is_open = False
        self.gone = False
        self.parts: list[str] = []
        self.size = 0
        self.events = 0
        self.opened_at = perf_counter()
        self.greenlet = gevent.spawn(self._run)

    def send(self, message: Message) -> None:
        """Send a message. As in a browser, nothing happens on a dead socket."""
        self._write(TextMessage(data=msgspec.json.encode(message).decode()))

    def close(self, code: int) -> None:
        """Start the closing handshake; without an answer the socket is closed after `CLOSE_PATIENCE`."""
        if not self.is_open:
            self.abort()
            return
        self._write(CloseConnection(code=code))
        gevent.spawn_later(CLOSE_PATIENCE, self._leave, code)

    def abort(self) -> None:
        """Reset the connection, or end its connect, without an event."""
        if not self.gone:
            self.gone = True
            self._reset()

    def _reset(self) -> None:
        self.is_open = False
        try:
            self.socket.setsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_LINGER, RESET_ON_CLOSE)
        except OSError:
            pass  # never connected, or closed already: there is nothing to reset
        finally:
            self.socket.close()

    def _leave(self, code: int) -> None:
        self._closed(clean=False, code=ABNORMAL)

    def _write(self, event: Any) -> None:
        if self.gone:
            return
        # The reader sees the same end and reports it; reporting it here too would make a second event.
        with contextlib.suppress(OSError, ProtocolError):
            self.socket.sendall(self.wire.send(event))

    def _run(self) -> None:
        self.handshake = gevent.Timeout.start_new(HANDSHAKE_PATIENCE)
        try:
            self._connect()
            self._read()
        except ProtocolError as error:
            self.listener.flawed(self.number, f"breaks RFC 6455 ({error})")
        except (OSError, gevent.Timeout):
            pass  # to a page, each of these is 1006
        finally:
            self.handshake.close()
        self._closed(clean=False, code=ABNORMAL)

    def _connect(self) -> None:
        endpoint = self.dial()
        self.understood = endpoint.understood
        host, port = endpoint.address
        connected(host, lambda address: self._open(address, port), gevent.socket.getaddrinfo)
        self.socket.setsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_NODELAY, 1)
        if endpoint.tls_name:
            self.socket = tls_context().wrap_socket(self.socket, server_hostname=endpoint.tls_name)
        fields = dict(endpoint.headers)
        offered = fields.pop(SUBPROTOCOL, "")
        request = Request(
            host=endpoint.host,
            target=endpoint.path,
            extra_headers=[(name.encode(), value.encode()) for name, value in fields.items()],
            subprotocols=[name for name in offered.split(", ") if name],
        )
        self.socket.sendall(self.wire.send(request))

    def _open(self, host: str, port: int) -> None:
        """Connect to the first address of the host that accepts. After `abort` no further address is tried."""
        failed: OSError = ConnectionAbortedError()
        for family, place in _places(host, port):
            self.socket.close()
            if self.gone:
                break
            self.socket = gevent.socket.socket(family, stdlib_socket.SOCK_STREAM)
            try:
                self.socket.connect(place)
                return
            except OSError as error:
                failed = error
        raise failed

    def _read(self) -> None:
        """Read until the connection ends. The end is not passed to wsproto, which would make a close frame with 1006 of it."""
        turn = perf_counter()
        while not self.gone and (data := self.socket.recv(65536)):
            self.wire.receive_data(data)
            for event in self.wire.events():
                self._event(event)
            if perf_counter() - turn > LONGEST_TURN:
                gevent.sleep(
                    0
                )  # a read that finds data does not switch greenlets, so no other would ever run
                turn = perf_counter()

    def _event(self, event: Any) -> None:
        if self.gone:
            return
        self.events += 1
        if self.events > MOST_AT_ONCE + MOST_A_SECOND * (perf_counter() - self.opened_at):
            self._refuse(POLICY_VIOLATION, f"sends more than {MOST_A_SECOND:,} messages a second")
            return
        match event:
            case AcceptConnection():
                self.is_open = True
                self.opened_at = perf_counter()
                self.handshake.close()
                self.listener.opened(self.number)
            case RejectConnection(status_code=status):
                self.gone = True
                self.socket.close()
                self.listener.refused(self.number, status)
            case TextMessage(data=data, message_finished=finished):
                self._text(data, finished)
            case Ping():
                self._write(event.response())
            case BytesMessage(message_finished=True):
                self.listener.flawed(self.number, "sends a message that is no text")
            case CloseConnection(code=code, reason=reason) if self.wire.state in NOT_ANSWERED:
                self._refuse(int(code), f"breaks RFC 6455 ({reason})")
            case CloseConnection(code=code):
                if self.wire.state is not ConnectionState.CLOSED:
                    self._write(event.response())
                self._closed(clean=True, code=int(code))

    def _text(self, data: str, finished: bool) -> None:
        self.parts.append(data)
        self.size += len(data)
        if self.size > LONGEST_MESSAGE:
            self._refuse(TOO_BIG, f"sends a message of more than {LONGEST_MESSAGE >> 20} MiB")
            return
        if not finished:
            return
        text, self.parts, self.size = "".join(self.parts), [], 0
        try:
            message = value_of(text)
        except JsonError:
            message = None
        if not isinstance(message, dict):
            self.listener.flawed(self.number, "sends a message that is no JSON object")
        self.listener.received(self.number, self.understood(message) if isinstance(message, dict) else {})

    def _refuse(self, code: int, reason: str) -> None:
        self.parts = []
        self.listener.flawed(self.number, reason)
        self._write(CloseConnection(code=code))
        self._closed(clean=False, code=ABNORMAL)

    def _closed(self, *, clean: bool, code: int) -> None:
        if self.gone:
            return
        was_open, self.is_open, self.gone = self.is_open, False, True
        self.socket.close()
        if was_open:
            self.listener.closed(self.number, clean, code)
        else:
            self.listener.refused(self.number, None)


def _places(host: str, port: int) -> list[tuple[int, Any]]:
    """(family, address) of each address of a host. An IP address is not looked up, which would cost a quarter of a handshake."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        found = gevent.socket.getaddrinfo(host, port, type=stdlib_socket.SOCK_STREAM)
        return [(family, place) for family, _, _, _, place in found]
    return [(stdlib_socket.AF_INET6 if number.version == 6 else stdlib_socket.AF_INET, (host, port))]
