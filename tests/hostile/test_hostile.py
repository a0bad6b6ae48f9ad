"""A sample of the table, one behaviour or two for each command; `python -m tests.hostile` measures all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import gevent
import pytest
from gevent.event import Event

from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import OBSERVED, ContractViolation
from contracts.suite.plugin.registry import load
from contracts.suite.schemathesis.link_walk import HEAVY
from contracts.suite.world.suite_settings import settings
from load.realtime.policies.protocol import Message
from load.realtime.websocket import LONGEST_MESSAGE, Endpoint, WebSocket
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.entry_points import ENTRY_POINTS
from tests.hostile.honest import honest_server
from tests.hostile.hostile_server import certificate, serving
from tests.hostile.measurement import measured

BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
SAMPLE = [
    ("diff", "drips headers"),
    ("diff", "body without length or end"),
    ("load.client", "resets within the body"),
    ("load.realtime", "status line without end"),
    ("suite", "flood of 103 at login"),
    ("gate", "alert of TLS"),
]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[tuple[str, int], Path]]:
    with honest_server() as upstream:
        yield upstream, certificate(tmp_path_factory.mktemp("hostile"))


def test_there_are_sixty_behaviours_and_more_over_http_tls_and_websocket() -> None:
    assert len(BY_NAME) == len(BEHAVIOURS) >= 60
    assert {behaviour.kind for behaviour in BEHAVIOURS} == {"http", "tls", "socket"}


@pytest.mark.parametrize(("entry", "name"), SAMPLE)
def test_a_hostile_target_costs_little_and_never_passes(
    entry: str, name: str, around: tuple[tuple[str, int], Path]
) -> None:
    outcome = measured(entry, BY_NAME[name], *around)
    # How long it takes is a matter of the machine; that it ends by itself is not.
    assert [bound for bound in outcome.broken if bound != "time"] == [], outcome.output.decode(
        "utf-8", "replace"
    )
    assert outcome.code is not None
    assert {each for each, _ in SAMPLE} <= set(ENTRY_POINTS)


class Heard:
    def __init__(self) -> None:
        self.ended: list[object] = []
        self.over = Event()

    def opened(self, socket: int) -> None: ...
    def received(self, socket: int, message: Message) -> None: ...

    def flawed(self, socket: int, reason: str) -> None:
        self.ended.append(reason)

    def refused(self, socket: int, status: int | None) -> None:
        self.ended.append(status)
        self.over.set()

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self.ended.append((clean, code))
        self.over.set()


@pytest.mark.parametrize("name", ["frame of nine exabytes", "fragments without end"])
def test_a_message_without_end_ends_the_socket(name: str, around: tuple[tuple[str, int], Path]) -> None:
    def run() -> tuple[list[object], int]:
        heard = Heard()
        with serving(BY_NAME[name], *around) as url:
            parts = urlsplit(url)
            address = (parts.hostname or "", parts.port or 0)
            socket = WebSocket(1, lambda: Endpoint(address=address, host="h", path="/ws"), heard)
            gevent.wait([heard.over], timeout=60)
        return heard.ended, socket.size

    # A thread has a hub of its own, where nothing of another test is under way.
    with ThreadPoolExecutor(1) as thread:
        ended, size = thread.submit(run).result()
    assert ended == ["sends a message of more than 4 MiB", (False, 1006)]
    assert LONGEST_MESSAGE < size < 2 * LONGEST_MESSAGE


def test_a_walk_along_links_ends_where_answers_are_heavy(around: tuple[tuple[str, int], Path]) -> None:
    """Schemathesis keeps what it cannot read: 580 MiB of it."""
    with serving(BY_NAME["JSON nested a million deep"], *around) as url:
        world = World(settings({"target": url}, {}), load_spec())
        OBSERVED.begin()
        with pytest.raises(ContractViolation):
            load()["stateful.links"].function(Api(world, "stateful.links"))
        assert HEAVY < world.target.recorder.requests * 1_000_000 < 1.5 * HEAVY
        world.close()
