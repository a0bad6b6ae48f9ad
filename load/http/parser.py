"""The short way to read an answer: a plain one that came in one piece, as nearly all do.

llhttp calls back twice for each field, which is most of what reading an answer costs. What is plain here is so by RFC 9112's
grammar and without any of its liberties; of everything else (interim or chunked, no length, repeated or folded fields, letters
that are not ASCII, a connection that ends, a part that is missing) this says nothing, and llhttp judges.

    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nETag: \\"v1\\"\\r\\n\\r\\n{}")
    (200, {'content-length': '2', 'etag': '"v1"'}, b'{}')
    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n{}")
"""

from __future__ import annotations

import re

Plain = tuple[int, dict[str, str], bytes]
"""(status, fields by their names in lower case, body)"""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD = re.compile(rb"HTTP/1\.1 [2-5]\d\d [\t -~]*(?:\r\n" + _TOKEN + rb":[\t -~]*)+")
_EMPTY = frozenset({204, 304})
_LONG_WAY = frozenset({"transfer-encoding", "upgrade"})


def whole(block: bytes) -> Plain | None:
    """`block` is all that has come since the request was sent."""
    head, gap, body = block.partition(b"\r\n\r\n")
    if not gap or _HEAD.fullmatch(head) is None:
        return None
    first, *lines = head.decode("ascii").split("\r\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip(" \t")
    if len(fields) != len(lines) or not _LONG_WAY.isdisjoint(fields):
        return None
    if fields.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    status, length = int(first[9:12]), fields.get("content-length")
    if status in _EMPTY:
        return None if body else (status, fields, b"")
    return (status, fields, body) if length == str(len(body)) else None
