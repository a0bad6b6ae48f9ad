"""`HeaderCache`, which reads a request from bytes with a cache of parsed header blocks. A client usually repeats its block.

httptools has two callbacks for each field, which takes longer than the answer: without this cache a GET takes 1.5 times as long. Blocks are
parsed by httptools; only plain request lines are parsed here.

    >>> cache = HeaderCache()
    >>> request, size = cache.read(b"GET /items?limit=1 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET")
    >>> request.method, request.path, request.query, request.headers, size
    ('GET', b'/items', b'limit=1', {b'host': b'x'}, 40)
"""

import re
from collections.abc import Mapping

import httptools

from mock_server.message import ReceivedRequest, joined
from mock_server.realtime.handshake import is_complete

LONGEST, MOST = 4096, 2048
"""The most bytes of a cached block, and the most blocks."""
LONGEST_BODY = 64 << 10
"""The most bytes of a body that is read here."""
_METHODS = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_LINE = re.compile(
    b"(" + b"|".join(_METHODS) + rb") (/[\w.~%!$&'()*+,;=:@/-]*)(?:\?([\w.~%!$&'()*+,;=:@/?-]*))? HTTP/1\.1"
)
_NOT_PLAIN = frozenset((b"expect", b"transfer-encoding"))

Fields = Mapping[bytes, bytes]


class NotPlainError(Exception):
    """The bytes are not a plain request, so a complete HTTP parser has to read them."""


class HeaderCache:
    """The cache: header block -> (its fields with lower-case names, length of the body)."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Fields, int]] = {}

    def read(self, data: bytes) -> tuple[ReceivedRequest, int] | None:
        """The first request in the data, and its length; None if its body is incomplete. Raises NotPlainError."""
        end = data.find(b"\r\n\r\n")
        start = data.find(b"\r\n")
        found = _LINE.fullmatch(data, 0, max(0, start))
        if end < 0 or found is None:
            raise NotPlainError
        block = data[start + 2 : end]
        known = self._known.get(block)
        if known is None:
            known = self._learn(block)
        fields, length = known
        size = end + 4 + length
        if len(data) < size:
            return None
        method, path, query = found.groups(b"")
        return ReceivedRequest(_METHODS[method], path, query, fields, data[end + 4 : size]), size

    def _learn(self, block: bytes) -> tuple[Fields, int]:
        parsed = _Fields(block)
        fields = joined(parsed.pairs)
        # The application refuses a bad handshake, because the WebSocket library would do it in plain text and without the 426 of
        # RFC 6455, 4.4.
        if len(block) > LONGEST or not parsed.goes_on or (parsed.upgrades and is_complete(fields)):
            raise NotPlainError
        length = int(fields.get(b"content-length", b"0"))
        if length > LONGEST_BODY or not fields.keys().isdisjoint(_NOT_PLAIN):
            raise NotPlainError
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[block] = fields, length
        return fields, length


class _Fields:
    """The fields of one block, collected by httptools' callbacks."""

    def __init__(self, block: bytes) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []
        self.goes_on = False
        """Whether the block is valid and the connection stays open after the request."""
        self.upgrades = False
        self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + (block and block + b"\r\n") + b"\r\n")
        except httptools.HttpParserUpgrade:
            self.upgrades = True
        except httptools.HttpParserError:
            self.goes_on = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.pairs.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.goes_on = self._parser.should_keep_alive()
