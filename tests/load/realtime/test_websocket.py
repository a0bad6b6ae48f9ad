"""One WebSocket on a scripted socket: what it hears does not depend on how the bytes were cut, in either direction."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import gevent
import pytest
import wsproto
from hypothesis import given
from hypothesis import strategies as st
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Request,
    TextMessage,
)

from load.realtime import websocket
from load.realtime.websocket import Endpoint, WebSocket

ENDPOINT = Endpoint(address=("127.0.0.1", 1), host="x", path="/ws?token=t")
SENT: list[Message] = [
    TextMessage(data='{"type": "hei', message_finished=False),
    TextMessage(data='l", "data": {"x": "\u00e4\u20ac"}}', message_finished=True),
    Ping(payload=b"p"),
    BytesMessage(data=b"no text"),
    TextMessage(data='{"type": "last", "data": {}}'),
]
HEARD = [
    "opened",
    {"type": "heil", "data": {"x": "\u00e4\u20ac"}},
    "sends a message that is no text",
    {"type": "last", "data": {}},
    ("closed", True, 1012),
]


class Heard:
    def __init__(self) -> None:
        self.all: list[Any] = []

    def opened(self, socket: int) -> None:
        self.all.append("opened")

    def refused(self, socket: int, status: int | None) -> None:
        self.all.append(("refused", status))

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self.all.append(("closed", clean, code))

    def flawed(self, socket: int, reason: str) -> None:
        self.all.append(reason)

    def received(self, socket: int, message: Any) -> None:
        self.all.append(message)


class Peer:
    """A socket whose other end is a server of wsproto's; `cut` says how its bytes come."""

    def __init__(self, cut: Any, frames: bytes | None = None) -> None:
        self.frames = frames
        self.cut, self.server = cut, wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self.pieces: Iterator[bytes] = iter(())
        self.back: list[Any] = []

    def connect(self, address: Any) -> None: ...
    def setsockopt(self, *_: Any) -> None: ...
    def settimeout(self, *_: Any) -> None: ...
    def close(self) -> None: ...

    def sendall(self, data: bytes) -> None:
        for byte in data:  # what the client sends is cut too: the server takes it byte by byte
            self.server.receive_data(bytes([byte]))
            for event in self.server.events():
                self.back.append(event)
                if isinstance(event, Request):
                    answer, frames = self.server.send(AcceptConnection()), self.frames
                    if frames is None:
                        frames = b"".join(map(self.server.send, [*SENT, CloseConnection(code=1012)]))
                    self.pieces = iter(self.cut(answer + frames))

    def recv(self, size: int) -> bytes:
        return next(self.pieces, b"")


def hears(cut: Any, monkeypatch: pytest.MonkeyPatch, frames: bytes | None = None) -> tuple[list[Any], Peer]:
    peer, heard = Peer(cut, frames), Heard()
    with monkeypatch.context() as patch:
        patch.setattr(websocket.gevent.socket, "socket", lambda *_: peer)
        one = WebSocket(0, lambda: ENDPOINT, heard)
        with gevent.Timeout(10):
            one.greenlet.join()
    return heard.all, peer


def by_bytes(data: bytes) -> Iterable[bytes]:
    return (bytes([byte]) for byte in data)


def test_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, peer = hears(by_bytes, monkeypatch)
    assert heard == HEARD
    assert [type(event).__name__ for event in peer.back] == ["Request", "Pong", "CloseConnection"]


def test_cut_at_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 0

    def measure(data: bytes) -> Iterable[bytes]:
        nonlocal size
        size = len(data)
        return [data]

    assert hears(measure, monkeypatch)[0] == HEARD
    for at in range(1, size):
        assert hears(lambda data, at=at: [data[:at], data[at:]], monkeypatch)[0] == HEARD, at


@given(st.lists(st.integers(1, 400), max_size=5))
def test_cut_anywhere(cuts: list[int]) -> None:
    def cut(data: bytes) -> Iterable[bytes]:
        edges = [0, *sorted({at for at in cuts if at < len(data)}), len(data)]
        return [data[a:b] for a, b in pairwise(edges)]

    with pytest.MonkeyPatch.context() as patch:
        assert hears(cut, patch)[0] == HEARD


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        pytest.param(b"\x81\x82\0\0\0\0{}", "masked frame", id="masked"),
        pytest.param(b"\xf1\x02{}", "Reserved bit", id="reserved bits"),
        pytest.param(b"\x8b\x02{}", "Invalid opcode", id="reserved opcode"),
        pytest.param(b"\x89\x7e\x01\xf4" + bytes(500), "Control frame", id="a long ping"),
        pytest.param(b"\x09\x01a", "fragment control frame", id="a ping in fragments"),
        pytest.param(b"\x81\x01\xff", "UTF-8", id="no UTF-8"),
        pytest.param(b"\x80\x02{}", "CONTINUATION", id="a continuation of nothing"),
        pytest.param(b"\x81\x7e\x00\x02{}", "payload length", id="a length that is not the shortest"),
        pytest.param(b"\x88\x02\x03\xed", "local-only reason", id="a close code that may not be sent"),
    ],
)  # fmt: skip
def test_frames_that_break_the_protocol_are_the_peers_flaw(
    frames: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They used to be read as a close of the peer's, with the code that the library would answer."""
    heard, peer = hears(by_bytes, monkeypatch, frames)
    assert heard[0] == "opened" and heard[2:] == [("closed", False, 1006)], heard
    assert heard[1].startswith("breaks RFC 6455 (") and reason.lower() in heard[1].lower()
    assert isinstance(peer.back[-1], CloseConnection)


def test_a_close_with_the_code_of_a_broken_protocol_is_a_close(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, _ = hears(by_bytes, monkeypatch, b"\x88\x02\x03\xea")
    assert heard == ["opened", ("closed", True, 1002)]
