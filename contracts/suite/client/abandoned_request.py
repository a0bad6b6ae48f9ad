"""A request that the client abandons without reading its answer: the ways to do so, and what is then known about the request.

    abandon(connection, request, AbandonMode.UNREAD)

If the request was sent completely, nothing is known: it may have been executed already, it may be executed at any later time (it waits in a
proxy, a queue or a slow worker), or never (an intermediary noticed that the client was gone, or lost the request). Even the beginning of an
answer proves nothing, because it may come from a gateway that gave up waiting. So these modes are one case, and differ only in what the
server is likely to notice.

If the last byte of the request was not sent, it is certain that it is not executed. Its body is not a complete JSON document, and the
recipient of an incomplete message must not treat it as complete (RFC 9112, 6.3), be it a proxy or the server. The missing byte closes the
document and is not white space after it, so that a server which reads to the end of the stream cannot mistake it for complete.

There is no mode in which half of a request is sent that may be executed: whether a server accepts a head without a body that it does not
need is not defined.
"""

import contextlib
import socket
import struct
import time
from enum import Enum

from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.client.transport import Connection

FIRST_BYTE = 5.0
"""Seconds to wait for the first byte of an answer."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER 0: the server gets RST instead of FIN."""


class AbandonMode(Enum):
    """The way in which a client abandons a request. The value is the comment of its curl line."""

    UNREAD = "nobody waited for the answer"
    RESET = "nobody waited for the answer: the connection was reset"
    ANSWERING = "nobody read the answer beyond its first byte"
    TORN = "the last byte of the body was never sent"

    @property
    def whole(self) -> bool:
        """Whether the request was sent completely, so that it may be executed."""
        return self is not AbandonMode.TORN


def abandon(connection: Connection, request: HttpRequest, how: AbandonMode, operation: str = "") -> Exchange:
    """Send a request over the connection and close it. Raises Unreachable if it cannot be opened; any later error is ignored, because
    the client would not notice it."""
    connection.open()
    sent = time.monotonic_ns()
    with contextlib.suppress(OSError):
        try:
            _go(connection.put(request, withheld=0 if how.whole else 1), how)
        finally:
            connection.close()
    return Exchange(
        operation=operation, request=request, status=0, headers={}, body=b"", sent=sent, done=sent, note=how.value
    )  # fmt: skip


def _go(wire: socket.socket, how: AbandonMode) -> None:
    if how is AbandonMode.ANSWERING:
        wire.settimeout(FIRST_BYTE)
        wire.recv(1)
    elif how is AbandonMode.RESET:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
