"""Ends of connections whose owner shows no transport: found by their peer, and broken without touching any other."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mock_server.servers.tcp_connection import under
from tests.waiting import HANG


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Two connections, each as (client's end, server's end)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = []
        for _ in range(2):
            client = socket.create_connection(listener.getsockname(), timeout=HANG)
            made.append((client, listener.accept()[0]))
        yield made
        for both in made:
            for end in both:
                end.close()


async def send(event: Any) -> None:
    """A server's own, of which nothing can be learnt."""


@pytest.mark.parametrize(("how", "seen"), [("abort", b""), ("reset", ConnectionResetError)])
def test_a_connection_is_found_by_its_peer(
    pairs: list[tuple[socket.socket, socket.socket]], how: str, seen: bytes | type[Exception]
) -> None:
    (client, server), (other, others) = pairs
    host, port = client.getsockname()
    wire = under(send, {"client": (host, str(port))})
    assert wire is not None and wire.outside
    before = set(os.listdir("/dev/fd"))
    getattr(wire, how)()
    assert set(os.listdir("/dev/fd")) == before  # nothing of the search is left open
    if isinstance(seen, bytes):
        assert client.recv(1) == seen
    else:
        with pytest.raises(seen):
            client.recv(1)
    others.sendall(b"x")
    assert other.recv(1) == b"x"
    assert server.fileno() >= 0  # its owner still has it to close


def test_where_nothing_is_known_there_is_no_wire() -> None:
    assert under(send, {}) is None


def test_a_transport_is_taken_where_there_is_one() -> None:
    ended: list[str] = []

    class Transport:
        def get_extra_info(self, name: str) -> None:
            return None

        def abort(self) -> None:
            ended.append("abort")

        def close(self) -> None:
            ended.append("close")

    class Protocol:
        transport = Transport()

        async def send(self, event: Any) -> None: ...

    wire = under(Protocol().send, {"client": ("127.0.0.1", 1)})
    assert wire is not None and not wire.outside
    wire.abort()
    wire.reset()
    wire.close()
    assert ended == ["abort", "abort", "close"]
