"""`TcpConnection`, the TCP connection of an ASGI scope and ways to end it, which ASGI does not offer.

With uvicorn, `send` and `receive` have a transport. Granian's connections are outside of Python; they are found among the process's file
descriptors by the address of their peer. If neither is available, there is no TcpConnection.
"""

import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

DESCRIPTORS = "/dev/fd"
_DROP_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER 0: unsent data is dropped, and the peer gets RST."""


class TcpConnection(Protocol):
    """A TCP connection that can be ended in several ways."""

    outside: bool
    """Whether the connection is outside of Python, in a server without transports."""

    def abort(self) -> None:
        """End the connection now; unsent data is dropped."""

    def reset(self) -> None:
        """End the connection with RST."""

    def close(self) -> None:
        """End the connection with FIN, after written data was sent."""

    def gone(self) -> bool:
        """Whether the peer has closed the connection, or its side of it."""


def under(channel: Callable[..., Any], scope: Mapping[str, Any]) -> TcpConnection | None:
    """The TCP connection of an ASGI scope, or None. `channel` is its `send` or `receive`."""
    transport = getattr(getattr(channel, "__self__", None), "transport", None)
    if transport is not None:
        return _Transport(transport)
    client = scope.get("client")
    if client and os.path.isdir(DESCRIPTORS):
        return _Descriptor(client[0], int(client[1]))
    return None


class _Transport:
    outside = False

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def abort(self) -> None:
        self._transport.abort()

    def reset(self) -> None:
        wire = self._transport.get_extra_info("socket")
        if wire is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_ON_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()

    def gone(self) -> bool:
        wire = self._transport.get_extra_info("socket")
        if wire is None or self._transport.is_closing():
            return True
        with socket.socket(fileno=os.dup(wire.fileno())) as own:
            return _has_ended(own)


class _Descriptor:
    """A connection of Granian. Its descriptor is searched only when it is needed, because that takes a call for each open descriptor."""

    outside = True

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)

    def abort(self) -> None:
        # The owner of the descriptor reads the end of the stream and closes it.
        for wire in self._found():
            wire.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        for wire in self._found():
            if sys.platform == "linux":
                _disconnect(wire)
            else:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_ON_CLOSE)
                wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Do nothing: the server closes the connection of an incomplete response itself."""

    def gone(self) -> bool:
        return all(map(_has_ended, self._found()))

    def _found(self) -> Iterator[socket.socket]:
        for name in os.listdir(DESCRIPTORS):
            with suppress(OSError):
                if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    continue
                with socket.socket(fileno=os.dup(int(name))) as wire:
                    if wire.getpeername()[:2] == self._peer:
                        yield wire
                        return


def _has_ended(wire: socket.socket) -> bool:
    try:
        return wire.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _disconnect(wire: socket.socket) -> None:
    """End a connection with RST by connect(2) to AF_UNSPEC, which works although others have its descriptor, too (tcp(7))."""
    nobody = struct.pack("=H14x", socket.AF_UNSPEC)
    ctypes.CDLL(None).connect(wire.fileno(), nobody, len(nobody))
