"""Load and writes go to this machine only, unless the user says otherwise: `localhost` is this machine where it resolves to it."""

import socket

import pytest

from contracts.command.loopback import stays_here


@pytest.mark.parametrize(
    ("host", "addresses", "here"),
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
    monkeypatch: pytest.MonkeyPatch, host: str, addresses: list[str], here: bool
) -> None:
    def resolved(*_: object, **__: object) -> list[tuple[object, ...]]:
        if not addresses:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert stays_here(host) is here
