"""One exchange on a real socket: what is an answer, what is none, and when a connection may be used again."""

import gc
import socket
import struct
import sys
from time import perf_counter_ns

import gevent
import pytest

from load.http.connection import NO_CONNECTION, STALE, ExchangeError, HttpConnection, Pool
from load.http.kernel_timestamps import NEAR, SO_TIMESTAMPNS, STEP, KernelTimestamps
from load.http.parser import ResponseParser
from load.http.target import parse
from tests.load.scripted import OPEN, Scripted, Turn, answers, closes, says, silent
from tests.waiting import HANG

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def pool_of(url: str) -> Pool:
    pool = Pool(parse(url, prefix=""))
    OPEN.append(pool)
    return pool


def ask(pool: Pool) -> tuple[int, bytes]:
    connection = pool.idle()
    if connection is None:
        connection = HttpConnection()
        pool.open(connection)
    reply = connection.exchange(REQUEST)
    pool.rest(connection)
    return reply.status, reply.body


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"


def dribbles(peer: socket.socket, request: bytes) -> None:
    for byte in CHUNKED:
        peer.sendall(bytes([byte]))


def until_close(peer: socket.socket, request: bytes) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\nrest")
    peer.close()


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        pytest.param(answers(200, b"body"), (200, b"body"), id="length"),
        pytest.param(answers(204, b""), (204, b""), id="204 has no body"),
        pytest.param(says(b'HTTP/1.1 304 X\r\nETag: "v1"\r\n\r\n'), (304, b""), id="304 has no body"),
        pytest.param(says(CHUNKED), (200, b"abc"), id="chunked"),
        pytest.param(dribbles, (200, b"abc"), id="byte by byte"),
        pytest.param(until_close, (200, b"rest"), id="ended by closing"),
        pytest.param(
            says(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
            (200, b"x"),
            id="after a 103",
        ),
    ],
)
def test_answers(turn: Turn, expected: tuple[int, bytes]) -> None:
    with Scripted(turn) as server:
        assert ask(pool_of(server.url)) == expected


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        pytest.param(closes, "closed", id="closed without a word"),
        pytest.param(says(b"SSH-2.0-x\r\n\r\n"), "not-http", id="not HTTP"),
        pytest.param(
            lambda peer, request: (
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                peer.close(),
            ),
            "closed",
            id="cut off in the body",
        ),
    ],
)
def test_no_answer(turn: Turn, kind: str) -> None:
    with Scripted(turn) as server, pytest.raises(ExchangeError) as found:
        ask(pool_of(server.url))
    assert (found.value.kind, found.value.sent) == (kind, True)


HELD = 20_000_000
"""ns."""
TRIES = 20
"""Answers of which the kernel has to stamp one at once: on a busy machine it leaves a packet to a thread that waits for this core."""


@pytest.mark.parametrize(
    "stamped",
    [
        pytest.param(
            True, id="by the kernel",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="this kernel tells no time of arrival"),
        ),
        pytest.param(False, id="by the reader"),
    ],
)  # fmt: skip
def test_an_answer_has_come_when_it_came_and_not_when_it_is_read(
    stamped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def tells(peer: socket.socket, request: bytes) -> None:
        told[:] = [perf_counter_ns()]
        answers(200)(peer, request)
        # The client, in the same thread, cannot read it yet. A kernel may stamp it some microseconds after the sending.
        until = perf_counter_ns() + HELD
        while perf_counter_ns() < until:
            pass
        told.append(perf_counter_ns())

    if not stamped:
        monkeypatch.setattr("load.http.connection.ask", lambda connection: False)
    for _ in range(TRIES):
        with Scripted(tells) as server:
            connection = HttpConnection()
            pool = pool_of(server.url)
            pool.open(connection)
            reply = connection.exchange(REQUEST)
            pool.rest(connection)
        began, ended = told
        assert began <= reply.first == reply.last
        assert connection.rested == reply.last, "the server counts the idle time of the connection from then"
        if reply.last <= ended:
            break
    assert (reply.last <= ended) == stamped


@pytest.mark.parametrize(
    "still", [0, 500_000, 3 * STEP], ids=["at once", "the process stood still a while", "for long"]
)
def test_a_stamp_counts_however_far_apart_the_clocks_are_read(still: int) -> None:
    timestamps = KernelTimestamps()
    now = perf_counter_ns()
    day = now + timestamps._between
    stamp = struct.pack("@ll", *divmod(day - HELD, 1_000_000_000))
    came = timestamps.at([(socket.SOL_SOCKET, SO_TIMESTAMPNS, stamp)], now, day + still, earliest=0)
    assert abs(now - HELD - came) < 3 * NEAR


LINE = b"X-A: " + b"b" * 1000 + b"\r\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + LINE * 9999, "256 KiB before the body", id="fields without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 9_999_999, "256 KiB before the body", id="one field without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 33_333_333, "over 16 MiB", id="a body without end"),
        pytest.param(CHUNKED[:-2] + LINE * 33_333, "over 16 MiB", id="trailers without end"),
    ],
)  # fmt: skip
def test_an_answer_without_end_is_bounded_and_leaves_nothing(answer: bytes, told: str) -> None:
    """Nothing: llhttp and what it tells hold each other, and a collector that comes late would find a gigabyte."""
    gc.collect()
    gc.disable()
    try:
        with Scripted(says(answer)) as server, pytest.raises(ExchangeError, match=told):
            ask(pool_of(server.url))
    finally:
        gc.enable()
    assert not [each for each in gc.get_objects() if isinstance(each, ResponseParser)]


def test_refused_means_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with pytest.raises(ExchangeError) as found:
        ask(pool_of(f"http://127.0.0.1:{port}"))
    assert (found.value.kind, found.value.sent) == ("refused", False)


def test_no_connection_in_time_means_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("load.http.connection.CONNECT", 0.01)
    monkeypatch.setattr("load.http.connection.connected", lambda *_: gevent.sleep(HANG))
    with pytest.raises(ExchangeError) as found:
        ask(pool_of("http://127.0.0.1:1"))
    assert (found.value.kind, found.value.sent) == (NO_CONNECTION, False)


def test_a_connection_is_kept() -> None:
    with Scripted(*[answers(200)] * 3) as server:
        pool = pool_of(server.url)
        for _ in range(3):
            ask(pool)
        assert (server.connections, pool.opened) == (1, 1)


def test_a_connection_that_the_server_will_close_is_not_kept() -> None:
    with Scripted(*[answers(200, more=b"Connection: close\r\n")] * 2) as server:
        pool = pool_of(server.url)
        ask(pool)
        ask(pool)
        assert server.connections == 2


def test_a_connection_closed_while_idle_is_replaced_before_anything_is_sent() -> None:
    def then_close(peer: socket.socket, request: bytes) -> None:
        answers(200)(peer, request)
        peer.close()

    with Scripted(then_close, answers(200)) as server:
        pool = pool_of(server.url)
        ask(pool)
        gevent.sleep(0)
        pool._idle[0].rested = 0  # long ago
        assert ask(pool)[0] == 200
        assert len(server.seen) == 2


def test_a_connection_that_may_be_closed_any_moment_is_not_used() -> None:
    """As old as servers let idle ones get: it looks alive, and the reset would come as an answer to the next request."""
    with Scripted(answers(200), answers(200)) as server:
        pool = pool_of(server.url)
        ask(pool)
        pool._idle[0].rested -= STALE
        assert ask(pool)[0] == 200
        assert server.connections == 2


def reset(peer: socket.socket, request: bytes) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def then(first: bytes, end: Turn) -> Turn:
    """An end in the middle of an answer. The pause in which the client reads is no time: the loop runs what is ready."""

    def turn(peer: socket.socket, request: bytes) -> None:
        peer.sendall(first)
        for _ in range(5):
            gevent.sleep(0)
        end(peer, request)

    return turn


PART = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"


@pytest.mark.parametrize(
    ("turn", "kind", "repeated"),
    [
        pytest.param(closes, "closed", True, id="closed"),
        pytest.param(reset, "reset", True, id="reset"),
        pytest.param(then(PART, closes), "closed", False, id="closed in the answer"),
        pytest.param(then(PART, reset), "reset", False, id="reset in the answer"),
        pytest.param(then(PART[:9], closes), "closed", False, id="closed in the first line"),
        pytest.param(says(b"SSH-2.0-x\r\n\r\n"), "not-http", False, id="not HTTP"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n" + LINE * 999), "too-long", False, id="too long"),
        pytest.param(silent, "timeout", False, id="silence"),
        pytest.param(then(PART, silent), "timeout", False, id="silence in the answer"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_read_is_repeated_only_if_the_server_ended_an_idle_connection(
    turn: Turn, kind: str, repeated: bool, method: str
) -> None:
    request = REQUEST.replace(b"GET", method.encode())
    with Scripted(answers(200), turn, answers(200, b"second")) as server:
        pool = pool_of(server.url)
        pool.exchange(REQUEST)
        if repeated and method == "GET":
            assert pool.exchange(request, seconds=1).body == b"second"
        else:
            with pytest.raises(ExchangeError, match=kind):
                pool.exchange(request, seconds=0.05)
        assert len(server.seen) == 2 + (repeated and method == "GET")


def test_an_abort_of_an_answer_that_has_come_and_is_not_read() -> None:
    """Both answers are ready in one round of the loop, and whoever reads the first gives up the second."""
    with Scripted(answers(200), answers(200)) as server:
        pool = pool_of(server.url)
        first, second = HttpConnection(), HttpConnection()
        for connection in (first, second):
            pool.open(connection)
            OPEN.append(connection)

        def exchange(mine: HttpConnection, other: HttpConnection) -> str:
            try:
                mine.exchange(REQUEST)
            except ExchangeError as error:
                return error.kind
            other.abort("given up")
            return "answered"

        asking = [gevent.spawn(exchange, first, second), gevent.spawn(exchange, second, first)]
        assert sorted(each.get() for each in asking) == ["answered", "given up"]


def test_whoever_gives_up_names_the_error() -> None:
    with Scripted(silent) as server:
        pool = pool_of(server.url)
        connection = HttpConnection()
        pool.open(connection)
        asking = gevent.spawn(connection.exchange, REQUEST)
        while not server.seen:
            gevent.sleep(0)
        connection.abort("timeout")
        with pytest.raises(ExchangeError, match="timeout"):
            asking.get()


def test_the_four_times_are_in_order() -> None:
    with Scripted(dribbles) as server:
        pool = pool_of(server.url)
        connection = HttpConnection()
        pool.open(connection)
        OPEN.append(connection)
        reply = connection.exchange(REQUEST)
        assert 0 < reply.first <= reply.last
