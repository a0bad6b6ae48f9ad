"""Answers as bytes, parsed: the fast path for one that came in one piece, and httptools (llhttp) for all others.

llhttp calls back for each field, which is most of what reading an answer costs. What the fast path takes is plain by RFC 9112's
grammar and without any of its liberties; of everything else (interim or chunked, no length, repeated or folded fields, letters
that are not ASCII, a connection that ends, a part that is missing) it says nothing, and llhttp judges.

    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nETag: \\"v1\\"\\r\\n\\r\\n{}")
    (200, {'content-length': '2', 'etag': '"v1"'}, b'{}')
    >>> whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n{}")
"""

from __future__ import annotations

import re

import httptools

Plain = tuple[int, dict[str, str], bytes]
"""(status, fields by their names in lower case, body)"""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD = re.compile(rb"HTTP/1\.1 [2-5]\d\d [\t -~]*(?:\r\n" + _TOKEN + rb":[\t -~]*)+")
_EMPTY = frozenset({204, 304})
_LONG_WAY = frozenset({"transfer-encoding", "upgrade"})


class ParseError(Exception):
    """What came is no HTTP answer."""


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


class ResponseParser:
    """The answer that httptools reads; interim 1xx answers are passed over (RFC 9110, 15.2), and fields that come again are joined with
    a comma (RFC 9110, 5.3)."""

    def __init__(self) -> None:
        self._llhttp = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.head = self.complete = self.keep_alive = False

    def feed(self, block: bytes) -> None:
        """ParseError: this is no HTTP answer, or more than one, or a change of protocol that nobody asked for."""
        try:
            self._llhttp.feed_data(block)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ParseError(str(error)) from None

    def on_message_begin(self) -> None:
        self.headers = {}
        self.head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        field = name.decode("latin-1").lower()
        text = value.decode("latin-1").strip(" \t")  # RFC 9110, 5.5: white space around it is no part
        self.headers[field] = f"{self.headers[field]}, {text}" if field in self.headers else text

    def on_headers_complete(self) -> None:
        self.head = True
        self.status = self._llhttp.get_status_code()

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.complete = self.status >= 200
        self.keep_alive = self._llhttp.should_keep_alive()
