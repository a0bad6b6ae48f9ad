"""A name that was this machine when it was judged may be another one at the next connection: each client looks again, at each.

The names of the test resolve to what it says; the listener is on 127.0.0.1 and counts who comes.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import gevent
import gevent.socket
import pytest

from contracts.command import loopback
from contracts.dialect.channel_place import ChannelPlace
from contracts.suite.client.known_secrets import Secrets
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unreachable
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import RecordingSocket
from load.http.connection import ExchangeError, HttpConnection
from load.http.target import parse
from load.proxy.proxy import Proxy
from load.realtime.websocket import Endpoint, WebSocket
from reports.bounded_http import HttpBounds, UnansweredRequest, exchange
from tests.hostile.test_hostile import Heard

HOST = "api.localhost"


def _target(port: int) -> Any:
    url = f"http://{HOST}:{port}"
    place = ChannelPlace()
    recorder = SimpleNamespace(secrets=Secrets())
    return SimpleNamespace(
        host=url,
        channel_base=url,
        settings=SimpleNamespace(channel=place),
        recorder=recorder,
        retry_after_429=lambda exchange, _: exchange,
    )


def _loaded(port: int) -> None:
    connection = HttpConnection()
    connection.open(parse(f"http://{HOST}:{port}", prefix=""))
    connection.close()


def _websocket(port: int) -> None:
    heard = Heard()
    WebSocket(1, lambda: Endpoint(address=(HOST, port), host=HOST, path="/"), heard)
    assert gevent.wait([heard.over], timeout=30)


def _proxied(port: int) -> None:
    async def play() -> None:
        proxy = Proxy("p", ("127.0.0.1", 0), (HOST, port), seed=1)
        await proxy.start()
        reader, writer = await asyncio.open_connection(*proxy.listen)
        try:
            await reader.read()
        finally:
            writer.close()
            await proxy.stop()

    asyncio.run(play())


CLIENTS: dict[str, Callable[[int], object]] = {
    "suite": lambda port: Connection(f"http://{HOST}:{port}").open().close(),
    "suite.socket": lambda port: RecordingSocket(_target(port), SimpleNamespace(access="t")),  # type: ignore[arg-type]
    "suite.raw_socket": lambda port: RawSocket(_target(port)).close(),
    "reports": lambda port: exchange("GET", f"http://{HOST}:{port}/", HttpBounds()),
    "load": _loaded,
    "load.socket": _websocket,
    "load.proxy": _proxied,
}


@pytest.mark.parametrize(("later", "comes"), [(["127.0.0.1"], 1), (["127.0.0.1", "192.0.2.1"], 0)])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_name_that_moves_away_is_not_followed(
    client: str, later: list[str], comes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, now, came = socket.getaddrinfo, ["127.0.0.1"], list[str]()

    def resolved(host: Any, *rest: Any, **named: Any) -> Any:
        found = now if host == HOST else [host]
        return [each for address in found for each in real(address, *rest, **named)]

    def accept() -> None:
        while "127.0.0.2" not in came:
            peer, (address, _) = listener.accept()
            peer.close()
            came.append(address)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(gevent.socket, "getaddrinfo", resolved)
    loopback.stays_here.cache_clear()
    assert loopback.stays_here(HOST)
    now[:] = later
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept)
        accepting.start()
        with suppress(ContractViolation, Unreachable, UnansweredRequest, ExchangeError, OSError):
            CLIENTS[client](listener.getsockname()[1])
        socket.create_connection(listener.getsockname(), source_address=("127.0.0.2", 0)).close()  # the last
        accepting.join()
    loopback.stays_here.cache_clear()
    assert came.count("127.0.0.1") == comes
