"""A sample of the table, one behaviour or two for each command; `python -m tests.hostile` measures all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import gevent
import pytest
from gevent.event import Event

from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import OBSERVED, ContractViolation, Unchecked
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import ENOUGH, HEAVY, Recorder
from contracts.suite.plugin.registry import load
from contracts.suite.programs.program_search import ShortestFailure, ShrinkLimit
from contracts.suite.world.suite_settings import settings
from load.realtime.policies.protocol import Message
from load.realtime.websocket import LONGEST_MESSAGE, Endpoint, WebSocket
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.entry_points import ENTRY_POINTS
from tests.hostile.honest import honest_server
from tests.hostile.hostile_server import certificate, serving
from tests.hostile.measurement import measured
from tests.waiting import until

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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("frame of 5 GB", "exceeds limit"),
        ("masked frame", "incorrect masking"),
    ],
)
def test_the_suite_tells_what_breaks_the_protocol(
    name: str, told: str, around: tuple[tuple[str, int], Path], caplog: pytest.LogCaptureFixture
) -> None:
    """It said that no pong came, and the library logged a traceback where the server sent on."""
    check = "realtime.handshake"
    with serving(BY_NAME[name], *around) as url:
        world = World(settings({"target": url}, {}), load_spec())
        OBSERVED.begin()
        with pytest.raises(ContractViolation) as caught:
            load()[check].function(Api(world, check))
        # The socket that the server floods ends later than the check.
        until(lambda: world.target.recorder.summed("realtime.messages") is not None)
        found = world.target.recorder.summed("realtime.messages")
        world.close()
    assert caught.value.expected == "a pong" and told in caught.value.got
    assert found is not None and found[0].finding.got == caught.value.got and not caplog.records


@pytest.mark.parametrize(
    ("check", "of"),
    [
        ("stateful.links", ()),
        ("fuzz.requests", ("createContentItem",)),
        ("conformance.coverage-negative", ("getContentItems",)),
    ],
)
def test_a_check_of_many_requests_ends_where_answers_are_heavy_and_wrong(
    check: str, of: tuple[str, ...], around: tuple[tuple[str, int], Path]
) -> None:
    """Each took a megabyte of hundreds of answers, and Schemathesis kept what it could not read: 580 MiB of it."""
    deep = BY_NAME["JSON nested a million deep"]
    only = b" /api/content/items?" if check.startswith("conformance") else b""
    with serving(replace(deep, only=only), *around) as url:
        world = World(settings({"target": url}, {}), load_spec())
        OBSERVED.begin()
        with pytest.raises(ContractViolation):
            load()[check].function(Api(world, check), *of)
        assert ENOUGH < world.target.recorder.taken < ENOUGH + (8 << 20)
        world.close()


def test_a_check_that_finds_nothing_in_heavy_answers_says_so() -> None:
    recorder = Recorder(load_spec(), AnswerJudge(load_spec(), ("/api",), direct=True))
    recorder.taken = HEAVY
    assert not recorder.enough(None) and recorder.enough("a finding")
    recorder.taken += 1
    assert recorder.enough("a finding")
    with pytest.raises(Unchecked, match="256 MiB: no more are asked for"):
        recorder.enough(None)
    recorder.start()
    assert not recorder.enough("a finding")


def test_shrinking_a_program_ends_where_answers_are_heavy() -> None:
    recorder = Recorder(load_spec(), AnswerJudge(load_spec(), ("/api",), direct=True))
    shortest = ShortestFailure(recorder)

    def failing() -> None:
        recorder.taken += ENOUGH
        raise ContractViolation("an answer", "none")

    for error in (ContractViolation, ContractViolation, ShrinkLimit):
        with pytest.raises(error):
            shortest.play(failing)
