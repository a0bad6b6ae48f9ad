"""The short way to read a request: one whose header fields have come before, byte for byte, as a client's do from its second on.

llhttp calls back twice for each field, which costs more than the answer. What it made of a block of fields holds for the same bytes
again, so that is kept; nothing is parsed here but the request line, and of that only the plain form. Whatever else comes is llhttp's.

    >>> cache = HeaderCache()
    >>> cache.read(b"GET /items?limit=1 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    >>> cache.learn(b"PUT /x HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n", {b"host": b"x"}, b"")
    >>> request = cache.read(b"GET /items?limit=1 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    >>> request.method, request.path, request.query, request.headers
    ('GET', b'/items', b'limit=1', {b'host': b'x'})
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_server.message import HttpRequest

LONGEST, MOST = 4096, 2048
"""Bytes of a block of fields that is kept, and how many of them."""
_METHODS = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_LINE = re.compile(
    b"(" + b"|".join(_METHODS) + rb") (/[\w.~%!$&'()*+,;=:@/-]*)(?:\?([\w.~%!$&'()*+,;=:@/?-]*))? HTTP/1\.1"
)


class HeaderCache:
    """`known`: block of fields -> (its fields by their names in lower case, bytes of the body behind it)."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Mapping[bytes, bytes], int]] = {}

    def read(self, block: bytes) -> HttpRequest | None:
        """`block` is all that has come since the last request. None: it is not one whole request of a known kind."""
        line, _, rest = block.partition(b"\r\n")
        head, gap, body = rest.partition(b"\r\n\r\n")
        known = self._known.get(head)
        if known is None or not gap or known[1] != len(body):
            return None
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        method, path, query = found.groups(b"")
        return HttpRequest(_METHODS[method], path, query, known[0], body)

    def learn(self, block: bytes, fields: Mapping[bytes, bytes], body: bytes) -> None:
        """llhttp found one request in what came, and the connection goes on after it as it is."""
        line, _, rest = block.partition(b"\r\n")
        head, gap, content = rest.partition(b"\r\n\r\n")
        if not gap or content != body or len(head) > LONGEST or _LINE.fullmatch(line) is None:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[head] = fields, len(body)
