"""One refresh for one expiry, however many parts of a client want a fresh token at once."""

import gevent
import pytest
from gevent.event import Event

from load.realtime.storm.client_tokens import ClientTokens, IssuedTokens


class Server:
    """Answers when it is let to; each answer is the next pair."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked: list[str] = []
        self.go = Event()
        self.fails = fails

    def refresh(self, token: str) -> IssuedTokens:
        self.asked.append(token)
        self.go.wait()
        if len(self.asked) <= self.fails:
            raise ConnectionError
        return IssuedTokens(f"a{len(self.asked)}", f"r{len(self.asked)}", 900.0)


class Client:
    def __init__(self, server: Server, *, renews: bool = True) -> None:
        self.now = 0.0
        self.tokens = ClientTokens(server, IssuedTokens("a0", "r0", 900.0), lambda: self.now, renews=renews)


@pytest.mark.parametrize(
    ("at", "renews", "token", "asked"),
    [
        pytest.param(899.9, True, "a0", [], id="not yet over"),
        pytest.param(900.0, True, "a1", ["r0"], id="over from that second on"),
        pytest.param(5000.0, False, "a0", [], id="the guide's never looks"),
    ],
)
def test_who_refreshes(at: float, renews: bool, token: str, asked: list[str]) -> None:
    server = Server()
    server.go.set()
    client = Client(server, renews=renews)
    client.now = at
    assert client.tokens.token() == token
    assert server.asked == asked


def test_many_at_once_are_one_refresh() -> None:
    server = Server()
    client = Client(server)
    client.now = 901.0
    parts = [gevent.spawn(client.tokens.token) for _ in range(5)]
    gevent.sleep(0)
    assert server.asked == ["r0"]
    server.go.set()
    gevent.joinall(parts)
    assert [part.value for part in parts] == ["a1"] * 5
    assert len(client.tokens.refreshes) == 1


def test_the_next_expiry_is_the_next_refresh_with_the_next_token() -> None:
    server = Server()
    server.go.set()
    client = Client(server)
    for client.now in (901.0, 1000.0, 1802.0):
        client.tokens.token()
    assert server.asked == ["r0", "r1"]


def test_a_failed_refresh_is_tried_again_by_the_next_who_asks() -> None:
    server = Server(fails=1)
    server.go.set()
    client = Client(server)
    client.now = 901.0
    with pytest.raises(ConnectionError):
        client.tokens.token()
    assert client.tokens.token() == "a2"


def test_no_token_is_shown() -> None:
    assert "a0" not in repr(IssuedTokens("a0", "r0", 1.0)) and "r0" not in repr(IssuedTokens("a0", "r0", 1.0))
