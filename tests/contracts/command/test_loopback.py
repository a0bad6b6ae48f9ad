"""Load and writes go to this machine only, unless the user says otherwise: `localhost` is this machine where it resolves to it."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.command.loopback import ElsewhereError, addresses, connected, stays_here


@pytest.fixture(autouse=True)
def _nothing_judged_yet() -> Iterator[None]:
    stays_here.cache_clear()
    yield
    stays_here.cache_clear()


@pytest.mark.parametrize(
    ("host", "found", "here"),
    [
        ("api.localhost", ["127.0.0.1"], True),
        ("api.localhost", ["127.0.0.1", "::1"], True),
        ("api.localhost", ["10.0.0.7"], False),
        ("localhost", ["127.0.0.1", "192.0.2.1"], False),
        ("localhost.", ["::1"], True),
        ("api.localhost", [], True),
        ("127.0.0.1", ["127.0.0.1"], True),
        ("::ffff:127.0.0.1", ["::ffff:127.0.0.1"], True),
        ("api.example", ["127.0.0.1"], False),
    ],
)
def test_a_name_is_this_machine_where_all_its_addresses_are(
    monkeypatch: pytest.MonkeyPatch, host: str, found: list[str], here: bool
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(found))
    assert stays_here(host) is here


def resolver(found: list[str]) -> Callable[..., list[tuple[Any, ...]]]:
    def resolved(*_: object, **__: object) -> list[tuple[Any, ...]]:
        if not found:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    return resolved


@pytest.mark.parametrize(
    ("host", "first", "then", "reached"),
    [
        ("api.localhost", ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]),
        ("localhost", [], ["::1", "127.0.0.1"], ["::1", "127.0.0.1"]),
        ("api.localhost", ["127.0.0.1"], ["192.0.2.1"], None),
        ("api.localhost.", ["::1"], ["::1", "::ffff:192.0.2.1"], None),
        ("api.localhost", [], ["127.0.0.1", "0.0.0.0"], None),
        ("api.localhost", ["192.0.2.1"], ["192.0.2.1"], ["api.localhost"]),
        ("api.example", [], ["192.0.2.1"], ["api.example"]),
        ("127.0.0.1", [], [], ["127.0.0.1"]),
    ],
)
def test_each_connection_goes_to_addresses_that_were_judged(
    monkeypatch: pytest.MonkeyPatch, host: str, first: list[str], then: list[str], reached: list[str] | None
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(first))
    stays_here(host)
    if reached is None:
        with pytest.raises(ElsewhereError, match="nothing is sent"):
            connected(host, str, resolver(then))
    else:
        assert addresses(host, resolver(then)) == reached


def test_the_first_address_that_takes_the_connection_counts() -> None:
    def connect(address: str) -> str:
        if address == "::1":
            raise ConnectionRefusedError
        return address

    assert connected("localhost", connect, resolver(["::1", "127.0.0.1"])) == "127.0.0.1"
