"""The client for volume against scripted servers: every framing of an answer, every way in which a connection ends."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

import pytest

from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unreachable
from tests.suite.serving import connected

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
HANG_UP = b""
CUT = b"<the connection is reset>"


@contextmanager
def scripted(*connections: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives one connection after another these answers, one a request; HANG_UP closes in place of one, and one that ends with CUT is reset.

    Yields its URL and the list of the requests that it has read.
    """
    seen: list[bytes] = []

    def serve(answers: list[bytes], peer: socket.socket) -> None:
        for answer in answers:
            request = peer.recv(65536)
            if not request:
                return
            seen.append(request)
            if answer == HANG_UP:
                return
            peer.sendall(answer.removesuffix(CUT))
            if answer.endswith(CUT):
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    with connected(*(partial(serve, answers) for answers in connections)) as url:
        yield url, seen


def get(url: str, number: int = 0) -> HttpRequest:
    return HttpRequest(method="GET", url=f"{url}/a/{number}?q=1", headers={"X": "1"})


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        pytest.param(OK, 200, b"hi", id="length"),
        pytest.param(
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n", 201, b"abc", id="chunks"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", 200, b"to the end", id="until the end"),
        pytest.param(b"HTTP/1.0 200 OK\r\nX: 1\r\n\r\nold", 200, b"old", id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", 204, b"", id="204"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b"", id="304 with a length"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"hi", id="after 100"),
        pytest.param(b"HTTP/1.1 102 Processing\r\n\r\n" * 2 + OK, 200, b"hi", id="after 102 twice"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, 200, b"hi", id="after 103 with a field"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 101, b"", id="101 is final"),
    ],
)  # fmt: skip
def test_an_answer_is_read_however_it_is_framed(answer: bytes, status: int, body: bytes) -> None:
    with scripted([answer]) as (url, _), closing(Connection(url)) as client:
        exchange = client.send(get(url), "op")
    assert (exchange.status, exchange.body, exchange.operation) == (status, body, "op")
    assert exchange.sent < exchange.done


@pytest.mark.parametrize(
    ("answer", "headers"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nVary: a\r\nVary: b\r\nContent-Length: 0\r\n\r\n", {"Vary": "a, b", "Content-Length": "0"}, id="repeated"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nCache-Control:  no-store \t\r\nvary: a \r\nVary:\tb\r\nContent-Length: 0\r\n\r\n",
            {"Cache-Control": "no-store", "vary": "a, b", "Content-Length": "0"}, id="blanks around a value, case of a name",
        ),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, {"Content-Length": "2"}, id="of an interim answer"),
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", {"Upgrade": "x", "Connection": "upgrade"}, id="101"
        ),
    ],
)  # fmt: skip
def test_fields_are_read(answer: bytes, headers: dict[str, str]) -> None:
    with scripted([answer]) as (url, _), closing(Connection(url)) as client:
        assert client.send(get(url)).headers == headers


@pytest.mark.parametrize("body", [b"", b"hi"], ids=["without a body", "with one that must not be there"])
def test_an_answer_to_head_ends_with_its_header(body: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body
    with (
        scripted([answer, OK] if not body else [answer], [OK]) as (url, _),
        closing(Connection(url)) as client,
    ):
        first = client.send(HttpRequest(method="HEAD", url=f"{url}/a/0"))
        second = client.send(get(url))
        if not body:
            client.close()
            client.send(get(url))
    assert (first.status, second.body) == (200, b"hi")


@contextmanager
def endless(first: bytes, again: bytes) -> Iterator[str]:
    """A server that never ends its answer: `first`, and then `again` until the client has gone."""

    def serve(peer: socket.socket) -> None:
        with suppress(OSError):
            peer.recv(65536)
            peer.sendall(first)
            while again:
                peer.sendall(again)
            peer.recv(1)

    with connected(serve) as url:
        yield url


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        pytest.param(HEAD, b"10000\r\n" + b"x" * 65536 + b"\r\n", "a bounded size; got more than 16 MiB", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 8000 + b"\r\n", "a bounded size; got more than 256 KiB", id="fields"),
        pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99, "a bounded size; got more than 256 KiB", id="103 flood"),
        pytest.param(b"", b"", "within 0.3 s; got none", id="silence"),
        pytest.param(HEAD + b"1\r\nx\r\n", b"", "within 0.3 s; got no end of it", id="silence in the body"),
        pytest.param(HEAD, b"1\r\nx\r\n", "within 0.3 s; got no end of it|more than 16 MiB", id="small chunks"),
    ],
)  # fmt: skip
def test_an_answer_without_end_is_ended(first: bytes, again: bytes, said: str) -> None:
    with (
        endless(first, again) as url,
        closing(Connection(url, timeout=0.3 if said.startswith("within") else 30)) as client,
        pytest.raises(ContractViolation, match=said),
    ):
        client.send(get(url))


def test_what_goes_over_the_wire() -> None:
    with scripted([OK, OK, OK]) as (url, seen), closing(Connection(url)) as client:
        client.send(get(url))
        client.send(HttpRequest(method="POST", url=f"{url}/b", headers={}, body=b"{}"))
        client.send(HttpRequest(method="PUT", url=f"{url}/c", headers={"content-length": "0"}))
    host = url.removeprefix("http://").encode()
    assert seen == [
        b"GET /a/0?q=1 HTTP/1.1\r\nHost: " + host + b"\r\nX: 1\r\n\r\n",
        b"POST /b HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"PUT /c HTTP/1.1\r\nHost: " + host + b"\r\ncontent-length: 0\r\n\r\n",
    ]


def test_a_line_break_in_a_field_is_never_sent() -> None:
    with scripted([OK]) as (url, seen), closing(Connection(url)) as client:
        with pytest.raises(ValueError, match="line break"):
            client.send(HttpRequest(method="GET", url=f"{url}/", headers={"X": "1\r\nEvil: 2"}))
        client.send(get(url))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("connections", "said"),
    [
        pytest.param(
            [[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]],
            "a well-formed",
            id="cut body",
        ),
        pytest.param([[b"nonsense\r\n\r\n"]], "a well-formed", id="no HTTP"),
        pytest.param([[HANG_UP]], "an HTTP answer", id="no answer"),
        pytest.param([[CUT]], "an HTTP answer", id="reset"),
    ],
)
@pytest.mark.parametrize("overlapped", [False, True], ids=["one by one", "overlapped"])
def test_what_is_no_answer_is_a_breach(connections: list[list[bytes]], said: str, overlapped: bool) -> None:
    with scripted(*connections) as (url, seen), closing(Connection(url, timeout=5)) as client:
        with pytest.raises(ContractViolation, match=said):
            list(client.overlapped([get(url)]) if overlapped else [client.send(get(url))])
        assert len(seen) == 1  # never sent twice: it may have been applied


def test_a_connection_that_was_closed_while_idle_is_opened_again() -> None:
    with scripted([OK, HANG_UP], [OK, OK]) as (url, seen), closing(Connection(url)) as client:
        told = [exchange.body for exchange in client.overlapped(get(url, n) for n in range(3))]
    assert told == [b"hi"] * 3 and len(seen) == 4


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.mark.parametrize("overlapped", [False, True], ids=["one by one", "overlapped"])
@pytest.mark.parametrize(
    ("second", "said"),
    [
        pytest.param(HALF + CUT, "broke off after 4 bytes", id="reset in the body"),
        pytest.param(HALF[:20] + CUT, "broke off before its body", id="reset in the header"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n" + CUT, "broke off before", id="reset after an interim answer"),
        pytest.param(b"nonsense\r\n\r\n", "a well-formed", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99_999, "a bounded size", id="no end of it"),
    ],
)  # fmt: skip
def test_a_request_whose_answer_has_begun_is_not_sent_again(
    second: bytes, said: str, overlapped: bool
) -> None:
    with scripted([OK, second]) as (url, seen), closing(Connection(url)) as client:
        with pytest.raises(ContractViolation, match=said):
            list(
                client.overlapped([get(url)] * 2)
                if overlapped
                else [client.send(get(url)), client.send(get(url))]
            )
        assert len(seen) == 2


def test_an_answer_that_nobody_asked_for_is_passed_over_with_its_connection() -> None:
    with scripted([OK * 50], [OK]) as (url, _), closing(Connection(url)) as client:
        assert [client.send(get(url)).body for _ in range(2)] == [b"hi", b"hi"]


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            Connection(f"http://127.0.0.1:{taken.getsockname()[1]}").send(get("http://127.0.0.1:1"))


def test_the_next_request_is_made_while_the_answer_is_on_its_way() -> None:
    with scripted([OK] * 3) as (url, seen), closing(Connection(url)) as client:
        made: list[int] = []

        def requests() -> Iterator[HttpRequest]:
            for number in range(3):
                made.append(number)
                yield get(url, number)

        for given, exchange in enumerate(client.overlapped(requests())):
            assert exchange.request.url.endswith(f"/a/{given}?q=1")
            assert made == list(range(min(given + 2, 3)))  # one ahead, and no more
    assert [request.split()[1] for request in seen] == [b"/a/0?q=1", b"/a/1?q=1", b"/a/2?q=1"]
