"""Lost answers: how a client leaves, and that no right network looks wrong to the check while wrong ones do."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts.model import Alternative, Caller, Disagreement
from contracts.model import Request as Asked
from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.checks import test_stateful
from contracts.suite.client.abandoned_request import AbandonMode, abandon
from contracts.suite.client.http_exchange import HttpRequest, curl_line
from contracts.suite.client.known_secrets import Secrets
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unchecked
from contracts.suite.programs import lost_answer_programs
from contracts.suite.programs.lost_answer_programs import (
    LossyStep,
    LostAnswerProgram,
    RereadPolicy,
    expectation,
)
from contracts.suite.programs.model_program import ProgramRequest, Step
from contracts.suite.world.suite_settings import settings
from tests.suite.lossy_proxy import Busy, Doubling, Lagging, Late, Mending, Network, Never, lossy_proxy
from tests.suite.serving import connected
from tests.waiting import HANG

REQUEST = HttpRequest(
    method="POST", url="http://h/api/x", headers={"Content-Type": "application/json"}, body=b'{"a":1}'
)


# Abandoned requests


class Heard:
    """What came over one connection, and how it ended."""

    def __init__(self, *, answers: bytes = b"") -> None:
        self.bytes, self.end = b"", ""
        self._answers = answers

    def listen(self, peer: socket.socket) -> None:
        peer.settimeout(10)
        try:
            while chunk := peer.recv(65536):
                self.bytes += chunk
                if self._answers and self.bytes.endswith(b"}"):
                    peer.sendall(self._answers)
            self.end = "FIN"
        except ConnectionResetError:
            self.end = "RST"


@pytest.mark.parametrize(
    ("how", "end", "body"),
    [
        pytest.param(AbandonMode.UNREAD, "FIN", b'{"a":1}', id="unread"),
        pytest.param(AbandonMode.RESET, "RST", b'{"a":1}', id="reset"),
        pytest.param(AbandonMode.TORN, "FIN", b'{"a":1', id="torn"),
    ],
)
def test_a_client_leaves_without_waiting(how: AbandonMode, end: str, body: bytes) -> None:
    heard = Heard()
    with connected(heard.listen) as url:
        exchange = abandon(Connection(url), REQUEST, how, "x")
    head, _, came = heard.bytes.partition(b"\r\n\r\n")
    assert b"content-length: 7" in head.lower() and heard.end == end
    # What had not been read yet when the reset came is lost on the way, as it may be.
    assert came == body or (end == "RST" and body.startswith(came))
    assert not exchange.answered and exchange.note == how.value
    assert curl_line(exchange, Secrets()).endswith(f"--data-raw '{{\"a\":1}}'  # {how.value}")


def test_a_client_leaves_once_the_answer_begins() -> None:
    heard = Heard(answers=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with connected(heard.listen) as url:
        abandon(Connection(url), REQUEST, AbandonMode.ANSWERING)
    assert heard.bytes.endswith(b'{"a":1}') and heard.end == "RST"


def test_a_server_that_breaks_off_is_no_news_to_who_has_left() -> None:
    def refuse(peer: socket.socket) -> None:
        peer.recv(1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    with connected(refuse) as url:
        assert not abandon(Connection(url), REQUEST, AbandonMode.ANSWERING).answered


# What is right


@contextmanager
def api_at(url: str, seed: int = 1) -> Iterator[Api]:
    made = World(settings({"target": url}, {}, seed=seed), load_spec())
    made.target.recorder.start()
    try:
        yield Api(made, "stateful.lost-answers")
        assert not made.target.recorder.faults
    finally:
        made.target.connection.close()


class Unhurried(LostAnswerProgram):
    """It goes on once the network has done with what was lost."""

    network: Network

    def _lose(self, asking: ProgramRequest, leaving: AbandonMode) -> None:
        self.network.handled.clear()
        super()._lose(asking, leaving)
        assert self.network.handled.wait(HANG)


def scripted(
    api: Api, network: Network, *steps: tuple[str, AbandonMode | None], keyed: bool = True
) -> LostAnswerProgram:
    """Steps of these kinds about the first item, one after another; `keyed` are its creations."""
    program = Unhurried(api, RereadPolicy())
    program.network = network
    program.play(
        [LossyStep(Step(kind, 0, 0, 0, 2 if keyed else 3), leaving, False) for kind, leaving in steps]
    )
    return program


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_write_may_happen_at_any_time_after_its_client_has_left(
    server: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_stateful, "LOSSY_EXAMPLES", 15)
    network = Late(seed)
    with lossy_proxy(server, network) as url, api_at(url, seed) as api:
        test_stateful.lost_answers(api)
        assert {"at once", "never", "late", "beside"} <= set(network.fates) and len(network.fates) > 30


def test_where_the_model_loses_sight_nobody_is_blamed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answer_programs, "MOST_OPEN", 20)
    network, lost = Never(), [("create", AbandonMode.UNREAD)] * 7
    with lossy_proxy(server, network) as url, api_at(url) as api:
        program = scripted(
            api, network, *lost, ("find", None), ("create", None), ("update", None), keyed=False
        )
    assert "more than 256 worlds are possible" in program.model.undecided[0]


def test_where_the_model_loses_sight_mostly_nothing_is_passed(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_stateful, "LOSSY_EXAMPLES", 10)
    monkeypatch.setattr("contracts.model.model.MOST_WORLDS", 1)
    with api_at(server) as api, pytest.raises(Unchecked, match="more fates"):
        test_stateful.lost_answers(api)


def test_what_is_half_visible_is_asked_for_again(server: str) -> None:
    network = Lagging(stale=2)
    with lossy_proxy(server, network) as url, api_at(url) as api:
        seen = ("find", None), ("update", AbandonMode.UNREAD), ("get", None), ("get", None), ("find", None)
        program = scripted(api, network, *seen)
        assert not program.patience.spent and len(program.lost) == 1 and network.left == 0


def test_what_is_half_visible_for_too_long_is_a_breach(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answer_programs, "ON_ITS_WAY", 0.1)
    network = Lagging(stale=1000)
    with lossy_proxy(server, network) as url, api_at(url) as api, pytest.raises(ContractViolation) as caught:
        scripted(api, network, ("find", None), ("update", AbandonMode.UNREAD), ("get", None), ("find", None))
    assert caught.value.expected.startswith("/body/data/data/0/")


def test_a_creation_may_be_in_flight_for_a_while(server: str) -> None:
    network = Busy(times=2)
    with lossy_proxy(server, network) as url, api_at(url) as api:
        program = scripted(api, network, ("create", AbandonMode.UNREAD), ("again", None), ("again", None))
        assert len(program.ids) == 2, "the first item and one more"


def test_a_creation_that_stays_in_flight_is_a_breach(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answer_programs, "ON_ITS_WAY", 0.1)
    network = Busy(times=1000)
    with lossy_proxy(server, network) as url, api_at(url) as api, pytest.raises(ContractViolation) as caught:
        scripted(api, network, ("create", AbandonMode.UNREAD), ("again", None))
    assert caught.value.expected.startswith("the end of IDEMPOTENCY_IN_FLIGHT")


def test_a_creation_with_a_key_may_be_sent_twice_on_its_way(server: str) -> None:
    network = Doubling()
    with lossy_proxy(server, network) as url, api_at(url) as api:
        assert len(scripted(api, network, ("create", AbandonMode.UNREAD)).ids) == 2


def test_what_a_lost_creation_has_made_is_archived_like_the_rest(server: str) -> None:
    network = Network()
    with lossy_proxy(server, network) as url, api_at(url) as api:
        program = scripted(api, network, ("create", AbandonMode.RESET))
        assert set(program.ids) <= set(api.target.recorder.created) and len(program.ids) == 2


# What is wrong


@pytest.mark.parametrize(
    ("network", "leaving"),
    [
        pytest.param(Doubling(), AbandonMode.UNREAD, id="twice"),
        pytest.param(Mending(), AbandonMode.TORN, id="never-sent-whole"),
    ],
)
def test_what_happens_otherwise_than_once_is_a_breach(
    server: str, network: Network, leaving: AbandonMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_answer_programs, "ON_ITS_WAY", 0.1)
    with lossy_proxy(server, network) as url, api_at(url) as api, pytest.raises(ContractViolation) as caught:
        scripted(api, network, ("publish", None), ("create", leaving), keyed=False)
    assert "/body/data/data" in caught.value.expected and "with ids" in caught.value.got


# What is told

ADA = Caller(user="u-ada", workspace="w")
UPDATE = Asked(operation="updateContentItem", caller=ADA, path={"id": "c"}, body={"version": 2, "title": "A"})
ARCHIVE = Asked(operation="archiveContent", caller=ADA, path={"id": "c"}, body={})


def version(number: int) -> Disagreement:
    return Disagreement("/body/data/version", str(number), "4")


@pytest.mark.parametrize(
    ("alternatives", "text"),
    [
        pytest.param([(version(2), ())], "/body/data/version = 2", id="no-question"),
        pytest.param(
            [(version(2), ()), (version(3), (UPDATE,))],
            "one of: /body/data/version = 3 (if the lost updateContentItem of version 2 has happened); "
            "/body/data/version = 2 (if not)",
            id="one-question",
        ),
        pytest.param(
            [(version(3), (UPDATE,)), (version(4), (UPDATE, ARCHIVE))],
            "one of: /body/data/version = 4 (if the lost archiveContent has happened); "
            "/body/data/version = 3 (if not)",
            id="what-is-sure-is-not-told",
        ),
        pytest.param(
            [(version(2), ()), (version(2), (ARCHIVE,))], "/body/data/version = 2", id="the-same-either-way"
        ),
    ],
)
def test_a_breach_tells_what_each_fate_would_have_shown(
    alternatives: list[tuple[Disagreement, tuple[Asked, ...]]], text: str
) -> None:
    assert expectation([Alternative(*one) for one in alternatives]) == text


def test_no_more_than_a_few_alternatives_are_told() -> None:
    many = [Alternative(version(n), (ARCHIVE,) * n) for n in range(9)]
    assert expectation(many).endswith("; or 5 more")
