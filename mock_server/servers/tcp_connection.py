"""The TCP connection under an ASGI callable, and how to end it: ASGI has no word for that.

uvicorn keeps a transport behind `send` and `receive`. Granian's connections live outside Python; they are found among this
process's descriptors by the address of their peer. Where neither is to be had, there is no TcpConnection.
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
"""SO_LINGER 0: what is unsent is dropped, and the peer gets RST."""


class TcpConnection(Protocol):
    outside: bool
    """It lies outside Python, in the hands of a server that knows no transports."""

    def abort(self) -> None:
        """End it now, whatever waits to be sent."""

    def reset(self) -> None:
        """End it by RST."""

    def close(self) -> None:
        """End it by FIN once what was written is sent."""

    def gone(self) -> bool:
        """Whether the peer has ended it, or at least its own side of it."""


def under(channel: Callable[..., Any], scope: Mapping[str, Any]) -> TcpConnection | None:
    """The TCP connection under an ASGI scope. `channel` is `send` or `receive` of a connection whose scope this is."""
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
    """Only looked for when it is to be ended: a search costs a call for each open descriptor."""

    outside = True

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)

    def abort(self) -> None:
        # The descriptor stays its owner's, who reads the end of the stream and closes it.
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
        """Nothing to do: an answer that its application leaves half sent is ended so by the server."""

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
    """connect(2) to no address ends a connection by RST, though others hold its descriptor too (tcp(7))."""
    nobody = struct.pack("=H14x", socket.AF_UNSPEC)
    ctypes.CDLL(None).connect(wire.fileno(), nobody, len(nobody))
