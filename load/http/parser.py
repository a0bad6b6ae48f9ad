"""Answers as bytes, parsed: the fast path for one that came in one piece, and llhttp for all others.

llhttp calls back twice for each field, which is most of what reading an answer costs. What the fast path takes is plain by RFC 9112's
grammar and without any of its liberties; of everything else (interim or chunked, no length, repeated or folded fields, letters
that are not ASCII, a connection that ends, a part that is missing) it says nothing, and llhttp judges.

    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nETag: \\"v1\\"\\r\\n\\r\\n{}")
    (200, {'content-length': '2', 'etag': '"v1"'}, b'{}')
    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n{}")
"""

from __future__ import annotations

import re

from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

__all__ = ["HTTPParseError", "Plain", "ResponseParser", "whole"]

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


class ResponseParser(HTTPResponseParser):
    """Only what we need of llhttp's callbacks; interim 1xx answers are passed over (RFC 9110, 15.2).

    llhttp hands a name or a value over in as many pieces as it came in, and an empty value as an empty piece, so pieces are
    put together until the next field begins. Fields that come again are joined with a comma (RFC 9110, 5.3).
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self.head = False
        self._name = ""
        self._value: str | None = None

    def _on_status(self, message: str) -> None:
        pass

    def _on_message_begin(self) -> None:
        self.headers = {}
        self.head = False

    def _on_header_field(self, part: str) -> None:
        self._end_field()
        self._name += part

    def _on_header_value(self, part: str) -> None:
        self._value = (self._value or "") + part

    def _end_field(self) -> None:
        if self._value is None:
            return
        name, value = (
            self._name.lower(),
            self._value.strip(" \t"),
        )  # RFC 9110, 5.5: white space around it is no part
        self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self._name, self._value = "", None

    def _on_headers_complete(self) -> bool:
        self._end_field()
        self.head = True
        return False

    def _on_body(self, part: bytes) -> None:
        self.body += part

    def _on_message_complete(self) -> None:
        self.complete = self.get_code() >= 200
