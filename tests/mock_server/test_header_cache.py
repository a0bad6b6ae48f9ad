"""A request that is read from the cache is the one that httptools finds in the same bytes, or none."""

import doctest
from dataclasses import dataclass, field

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.message import ReceivedRequest, joined
from mock_server.servers import header_cache
from mock_server.servers.header_cache import LONGEST, LONGEST_BODY, MOST, HeaderCache, NotPlainError

GET = b"GET /api/content/items/x?limit=1&page=2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n"
PUT = b'PUT /content/items/x HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{"title":"t"}'
CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@dataclass
class Heard:
    """What httptools tells of the first request in some bytes."""

    url: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    whole: int = 0
    method: str = ""
    goes_on: bool = False
    parser: httptools.HttpRequestParser = None

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


def heard(block: bytes) -> Heard:
    told = Heard()
    told.parser = httptools.HttpRequestParser(told)
    told.parser.feed_data(block)
    return told


def read(cache: HeaderCache, block: bytes) -> tuple[ReceivedRequest, int] | None:
    try:
        return cache.read(block)
    except NotPlainError:
        return None


names = st.sampled_from(
    [
        "Host",
        "host",
        "Accept",
        "Authorization",
        "X-A",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Expect",
    ]
)
values = st.sampled_from(
    ["x", "", "3", "0", "chunked", "a, b", "Bearer t", "\tx ", "0x3", "+3", "close", "3, 3"]
)
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
@example(GET, GET[:-2], 0, b"")
@example(PUT, PUT[:-1], 0, b"")
@example(PUT, PUT + PUT, 0, b"")
def test_it_says_what_httptools_says_or_nothing(first: bytes, then: bytes, place: int, more: bytes) -> None:
    cache = HeaderCache()
    for block in (first, then, first[:place] + more + first[place:], first[:place], first + then):
        found = read(cache, block)
        if found is None:
            continue
        request, size = found
        told = heard(block[:size])
        assert (told.whole, told.goes_on) == (1, True)
        assert (request.method, request.path + (b"?" + request.query if request.query else b""), request.body) == (
            told.method, told.url.removesuffix(b"?"), told.body,
        )  # fmt: skip
        assert request.headers == joined(told.fields) and not request.too_large


def test_one_request_is_taken_of_several() -> None:
    cache = HeaderCache()
    found = cache.read(PUT + GET)
    assert found is not None and found[1] == len(PUT) and found[0].body == b'{"title":"t"}'
    assert cache.read(PUT[:-1]) is None, "the body has not come whole"


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(GET[:-1], id="a head in pieces"),
        pytest.param(GET.replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(GET.replace(b"/api", b"http://x/api"), id="absolute form"),
        pytest.param(GET.replace(b"Host: x", b"Connection: close"), id="the last one"),
        pytest.param(GET.replace(b"Host: x", b"Expect: 100-continue"), id="an expectation"),
        pytest.param(GET.replace(b"Host: x", b"Host x"), id="no HTTP"),
        pytest.param(CHUNKED, id="chunks"),
        pytest.param(PUT.replace(b"13", b"%d" % (LONGEST_BODY + 1)), id="a large body"),
        pytest.param(HANDSHAKE, id="a handshake"),
    ],
)
def test_what_is_not_plain(block: bytes) -> None:
    with pytest.raises(NotPlainError):
        HeaderCache().read(block)


def test_a_broken_handshake_is_plain() -> None:
    found = HeaderCache().read(HANDSHAKE.replace(b"AAAA", b""))
    assert found is not None and found[0].headers[b"upgrade"] == b"websocket"


def test_so_much_is_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    original = header_cache._Fields

    def counted(block: bytes) -> header_cache._Fields:
        parsed.append(block)
        return original(block)

    monkeypatch.setattr(header_cache, "_Fields", counted)
    cache = HeaderCache()
    for number in (*range(MOST), *range(MOST)):
        cache.read(b"GET /x HTTP/1.1\r\nHost: %d\r\n\r\n" % number)
    assert len(parsed) == MOST
    cache.read(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    cache.read(b"GET /x HTTP/1.1\r\nHost: 0\r\n\r\n")
    assert len(parsed) == MOST + 2
    with pytest.raises(NotPlainError):
        cache.read(GET.replace(b"Host: x", b"Host: " + b"x" * LONGEST))


def test_examples() -> None:
    failed, tried = doctest.testmod(header_cache)
    assert tried and not failed
