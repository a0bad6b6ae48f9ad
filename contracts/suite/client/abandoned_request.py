"""A client that sends a request and leaves: the only ways in which it may go, and what is known of the request then.

    abandon(connection, request, AbandonMode.UNREAD)

Of a request that was sent whole nothing is known, whichever way the client left and whatever stands between: it may have been
carried out already, it may be carried out at any later time (it waits in a proxy, a queue, a slow worker), or never (somebody
on the way saw the client go, or lost it). That an answer had begun to come does not change it, for it may be a gateway's own
words, that it has waited long enough. So these are one case, and differ only in what the server is likely to see of them.

Of a request whose last byte was never sent one thing is known: it is not carried out. Its body is not the JSON document that
the contract wants, and the recipient of an incomplete message must not take it for a complete one (RFC 9112, 6.3), a proxy
that hands it on no more than the server. It is the byte that closes the document that is missing, not white space after it:
a server that reads to the end of the stream finds nothing that it could mistake for the whole.

There is no way in which a request is sent half and may count: what a server makes of a head without a body that it does not need
is its own affair.
"""

import contextlib
import socket
import struct
import time
from enum import Enum

from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.client.transport import Connection

FIRST_BYTE = 5.0
"""Seconds to wait for an answer to begin; then the client leaves without."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER 0: the server gets RST in place of FIN."""


class AbandonMode(Enum):
    """The way in which a client leaves its request. The value is what a failure tells beside the curl line."""

    UNREAD = "nobody waited for the answer"
    RESET = "nobody waited for the answer: the connection was reset"
    ANSWERING = "nobody read the answer beyond its first byte"
    TORN = "the last byte of the body was never sent"

    @property
    def whole(self) -> bool:
        """Whether the request may be carried out."""
        return self is not AbandonMode.TORN


def abandon(connection: Connection, request: HttpRequest, how: AbandonMode, operation: str = "") -> Exchange:
    """Over a new connection, which is closed; Unreachable where there is none to be had. Whatever else goes wrong is the same to who has
    left: nothing is known."""
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
