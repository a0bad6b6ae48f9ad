"""What the short way reads, llhttp reads alike; and what is not plain it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.http.parser import ParseError, ResponseParser, whole

PIECES = st.sampled_from(
    (
        b"HTTP/1.1", b"HTTP/1.0", b" ", b"200", b"204", b"304", b"103", b"099", b"OK", b"\r\n", b"\n", b"\r", b"\r\n\r\n",
        b"Content-Length", b": ", b":", b"0", b"1", b"2", b"+2", b"0x2", b"{}", b"Transfer-Encoding: chunked", b"ETag", b'"v1"',
        b"Connection: close", b"Connection: Keep-Alive", b"Upgrade: x", b"\t", b"\x00", b"\xe4", b"2\r\n{}\r\n0\r\n\r\n",
    )
)  # fmt: skip
FIELDS = st.lists(
    st.sampled_from(
        (
            b"Content-Length: 2", b"content-length:2 ", b"Content-Length: 3", b"Content-Length: 02", b"Content-Length: +2", b"A: b",
            b"A:", b" folded", b"Transfer-Encoding: chunked", b"Connection: keep-alive", b"Connection: close", b"X : y", b"A: \xe4",
        )
    ),
    max_size=4,
)  # fmt: skip
STATUSES = st.sampled_from((b"200", b"201", b"204", b"304", b"409", b"500", b"100", b"999"))


def by_llhttp(block: bytes) -> tuple[int, dict[str, str], bytes] | None:
    """What it makes of an answer that is complete and leaves the connection open; None for every other one."""
    parser = ResponseParser()
    try:
        parser.feed(block)
    except ParseError:
        return None
    if not parser.complete or not parser.keep_alive:
        return None
    return parser.status, parser.headers, bytes(parser.body)


def agrees(block: bytes) -> None:
    found = whole(block)
    assert found is None or found == by_llhttp(block)


@given(st.lists(PIECES, max_size=14).map(b"".join))
def test_both_ways_agree_on_rubbish(block: bytes) -> None:
    agrees(block)


@given(STATUSES, FIELDS, st.sampled_from((b"{}", b"", b"{}{}")))
def test_both_ways_agree_on_what_looks_like_an_answer(
    status: bytes, fields: list[bytes], body: bytes
) -> None:
    agrees(b"\r\n".join([b"HTTP/1.1 " + status + b" X", *fields]) + b"\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b \r\n\r\n{}",
            (200, {"content-length": "2", "x-a": "b"}, b"{}"),
            id="plain",
        ),
        pytest.param(b'HTTP/1.1 304 \r\nETag: "v1"\r\n\r\n', (304, {"etag": '"v1"'}, b""), id="304"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
            (200, {"connection": "Keep-Alive", "content-length": "0"}, b""),
            id="says that it stays",
        ),
    ],
)
def test_it_is_taken(block: bytes, expected: tuple[int, dict[str, str], bytes]) -> None:
    assert whole(block) == expected == by_llhttp(block)


def parsed(pieces: Iterable[bytes]) -> tuple[int, dict[str, str], bytes, bool]:
    parser = ResponseParser()
    for piece in pieces:
        parser.feed(piece)
    return parser.status, parser.headers, bytes(parser.body), parser.complete


ANSWERS = [
    pytest.param(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        (200, {"content-type": "application/json", "content-length": "2"}, b"{}", True), id="plain",
    ),
    pytest.param(
        b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 X\r\nETag:  \"v1\" \t\r\n\r\n",
        (204, {"etag": '"v1"'}, b"", True), id="after a 103",
    ),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVary: Accept\r\nX-Empty:\r\nvary:\tOrigin \r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        (200, {"transfer-encoding": "chunked", "vary": "Accept, Origin", "x-empty": ""}, b"abc", True), id="chunked, repeated, empty",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("block", "expected"), ANSWERS)
def test_an_answer_is_the_same_wherever_its_bytes_are_split(
    block: bytes, expected: tuple[int, dict[str, str], bytes, bool]
) -> None:
    assert parsed([block]) == expected
    assert parsed(bytes([byte]) for byte in block) == expected
    for at in range(1, len(block)):
        assert parsed([block[:at], block[at:]]) == expected, at


@given(st.lists(st.integers(1, 120), max_size=6), st.sampled_from([param.values for param in ANSWERS]))
def test_an_answer_is_the_same_in_any_pieces(
    cuts: list[int], case: tuple[bytes, tuple[int, dict[str, str], bytes, bool]]
) -> None:
    block, expected = case
    edges = [0, *sorted({cut for cut in cuts if cut < len(block)}), len(block)]
    assert parsed(block[a:b] for a, b in pairwise(edges)) == expected
