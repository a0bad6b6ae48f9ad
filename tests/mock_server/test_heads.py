"""The short way to read a request says nothing, or exactly what llhttp says of the same bytes."""

from __future__ import annotations

import doctest
from dataclasses import dataclass, field

import httptools
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.message import joined
from mock_server.servers import header_cache
from mock_server.servers.header_cache import LONGEST, MOST, HeaderCache

GET = b"GET /api/content/items/x?limit=1&page=2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n"
PUT = b'PUT /content/items/x HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{"title":"t"}'
CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


@dataclass
class Heard:
    """What llhttp tells of a block; `whole` counts its complete requests."""

    url: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    begun: int = 0
    whole: int = 0
    method: str = ""
    goes_on: bool = False
    parser: httptools.HttpRequestParser = None

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.whole += 1
        self.method = self.parser.get_method().decode()
        self.goes_on = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"


def heard(block: bytes) -> Heard | None:
    """None where it is not one whole request and nothing else, after which the connection goes on."""
    told = Heard()
    told.parser = httptools.HttpRequestParser(told)
    try:
        told.parser.feed_data(block)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    return told if (told.begun, told.whole, told.goes_on) == (1, 1, True) else None


def learnt(block: bytes) -> HeaderCache:
    made, told = HeaderCache(), heard(block)
    if told is not None:
        made.learn(block, joined(told.fields), told.body)
    return made


names = st.sampled_from(
    ["Host", "host", "Accept", "Authorization", "X-A", "Content-Length", "Transfer-Encoding"]
)
values = st.sampled_from(["x", "", "3", "0", "chunked", "a, b", "Bearer t", "\tx ", "0x3", "+3"])
lines = st.sampled_from(
    ["GET /x HTTP/1.1", "PUT /x?a=b HTTP/1.1", "GET /%20/y HTTP/1.1", "GET http://x/y HTTP/1.1", "GET /x HTTP/1.0", "OPTIONS * HTTP/1.1",
     "GET /a#b HTTP/1.1", "GET  /x HTTP/1.1", "CONNECT x:1 HTTP/1.1", "HEAD /é HTTP/1.1", "FOO /x HTTP/1.1", "get /x HTTP/1.1"]
)  # fmt: skip
blocks = st.builds(
    lambda line, fields, body: "\r\n".join(
        [line, *(f"{name}: {value}" for name, value in fields), "", body]
    ).encode(),
    lines,
    st.lists(st.tuples(names, values), max_size=4),
    st.sampled_from(["", "abc", "0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "GET /x HTTP/1.1\r\n\r\n"]),
)


@given(blocks, blocks, st.integers(0, 200), st.sampled_from([b"", b"\r\n", b" ", b"x", b"\0"]))
@example(GET, GET, 0, b"")
@example(PUT, PUT, 0, b"")
@example(CHUNKED, CHUNKED, 0, b"")
@example(GET, GET[:-4], 0, b"")
@example(GET, GET[:-2], 0, b"")
@example(PUT, PUT[:-1], 0, b"")
@example(PUT, PUT + PUT, 0, b"")
def test_it_says_what_llhttp_says_or_nothing(first: bytes, then: bytes, place: int, more: bytes) -> None:
    made = learnt(first)
    for block in (first, then, first[:place] + more + first[place:], first[:place], first + then):
        read = made.read(block)
        if read is None:
            continue
        told = heard(block)
        assert told is not None
        assert (read.method, read.path + (b"?" + read.query if read.query else b""), read.body) == (
            told.method,
            told.url.removesuffix(b"?"),
            told.body,
        )
        assert read.headers == joined(told.fields) and not read.too_large


def test_what_came_before_is_read_again() -> None:
    assert learnt(GET).read(GET.replace(b"GET", b"DELETE")) is not None
    again = learnt(PUT).read(PUT.replace(b'"t"', b'"u"').replace(b"/x", b"/y"))
    assert again is not None
    assert (again.method, again.path, again.query, again.body) == (
        "PUT",
        b"/content/items/y",
        b"",
        b'{"title":"u"}',
    )


def test_other_bytes_are_not() -> None:
    assert learnt(GET).read(GET.replace(b"Host: x", b"Host: y")) is None
    assert learnt(CHUNKED).read(CHUNKED) is None
    assert learnt(GET.replace(b"/api", b"http://x/api")).read(GET) is None


def test_so_much_is_kept_and_no_more() -> None:
    made = HeaderCache()
    for number in range(MOST + 1):
        made.learn(GET.replace(b"Host: x", b"Host: %d" % number), {}, b"")
    assert made.read(GET.replace(b"Host: x", b"Host: 0")) is None
    assert made.read(GET.replace(b"Host: x", b"Host: %d" % MOST)) is not None
    made.learn(GET.replace(b"Host: x", b"Host: " + b"x" * LONGEST), {}, b"")
    assert made.read(GET.replace(b"Host: x", b"Host: " + b"x" * LONGEST)) is None


def test_examples() -> None:
    failed, tried = doctest.testmod(header_cache)
    assert tried and not failed
