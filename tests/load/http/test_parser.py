"""Answers are read alike wherever their bytes are split."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.http.parser import ResponseParser


def parsed(pieces: Iterable[bytes]) -> tuple[int, dict[str, str], bytes, bool]:
    parser = ResponseParser()
    for piece in pieces:
        parser.feed(piece)
    return parser.status, parser.headers, bytes(parser.body), parser.complete


@pytest.mark.parametrize("count", [1, 2, 50])
def test_an_answer_that_nobody_asked_for_is_passed_over_with_its_connection(count: int) -> None:
    parser = ResponseParser()
    parser.feed(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        + b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n[]" * (count - 1)
    )
    assert (parser.status, bytes(parser.body), parser.keep_alive) == (200, b"{}", count == 1)


ANSWERS = [
    pytest.param(b'HTTP/1.1 304 \r\nETag: "v1"\r\n\r\n', (304, {"etag": '"v1"'}, b"", True), id="304"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\nX-A:  b \r\n\r\n",
        (200, {"connection": "Keep-Alive", "content-length": "0", "x-a": "b"}, b"", True), id="empty",
    ),
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
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nETag: late\r\nX-A: b\r\n\r\n",
        (200, {"transfer-encoding": "chunked"}, b"", True), id="trailers say nothing",
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
