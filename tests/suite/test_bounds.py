"""What a target may cost a process of the suite: bytes of answers, depth of JSON, messages and frames without end."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.command.exit_code import ExitCode
from contracts.dialect.channel_place import ChannelPlace
from contracts.json_text import JsonError, loose_value_of
from contracts.schema import LONG
from contracts.spec import load
from contracts.suite.client.answer_reader import CHUNK
from contracts.suite.client.http_exchange import Exchange, HttpAnswer, HttpRequest
from contracts.suite.client.unanswered_requests import OF_ALL, OF_ONE, UnansweredRequests
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unchecked
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import KEPT_BYTES, MOST_LONG, Recorder
from contracts.suite.plugin.preflight import round_trip, too_late, too_long
from contracts.suite.programs.history_calls import _json as of_history
from contracts.suite.realtime import raw_socket, recording_socket
from contracts.suite.realtime.raw_socket import RawSocket, _reaction, opens
from contracts.suite.realtime.recording_socket import RecordingSocket
from contracts.suite.schemathesis.case_feeding import KnownIds
from contracts.suite.world.accounts import Accounts
from contracts.suite.world.suite_settings import settings
from contracts.suite.world.target_client import TargetClient
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.hostile_server import serving as hostile
from tests.suite.serving import Received, Reply, serving

SPEC = load()
DEEP = b"[" * 200_000
OF_JSON = {"content-type": "application/problem+json"}


def _exchange(
    body: bytes, *, status: int = 200, path: str = "/api/content/items", note: str = ""
) -> Exchange:
    request = HttpRequest(method="GET", url=f"http://h{path}")
    return Exchange(
        operation="", request=request, status=status, headers=OF_JSON, body=body, sent=0, done=1, note=note
    )


def _recorder() -> Recorder:
    return Recorder(SPEC, AnswerJudge(SPEC, ("/api",)))


READERS: dict[str, Callable[[bytes], object]] = {
    "an answer": lambda body: HttpAnswer(_exchange(body)).json,
    "its code": lambda body: HttpAnswer(_exchange(body, status=404)).code,
    "the judge of a refusal": lambda body: _recorder().record(_exchange(body, status=404)),
    "the judge beside the document": lambda body: _recorder().record(
        _exchange(body, status=404, path="/api/no")
    ),
    "tokens": lambda body: _recorder().record(_exchange(body, status=201, path="/api/auth/login")),
    "a history": of_history,
    "a frame": lambda body: _reaction(1, body),
    "items of Schemathesis": lambda body: KnownIds([], {}, {}, []).saw(_exchange(body)),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_json_that_is_nested_too_deep_is_the_targets_and_no_error_of_ours(
    read: Callable[[bytes], object],
) -> None:
    with pytest.raises((ContractViolation, JsonError)) if read is READERS["an answer"] else _nothing():
        read(DEEP)


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    "payload", [b"[]", b"1", b"null", b'{"type": "error"}', b'{"type": "error", "data": 1}']
)
def test_a_message_of_any_form_is_told(payload: bytes) -> None:
    assert _reaction(1, payload)
    assert loose_value_of(payload) == json.loads(payload)


def test_what_is_kept_of_a_test_is_bounded_in_bytes() -> None:
    recorder = _recorder()
    piece = bytes(LONG)
    exchanges = [_exchange(piece, path=f"/api/content/items/{number}") for number in range(MOST_LONG)]
    for exchange in exchanges:
        recorder.record(exchange)
        assert sum(len(each.body) for each in recorder.kept) <= KEPT_BYTES
    assert (recorder.kept[0], recorder.kept[-1]) == (exchanges[0], exchanges[-1])
    recorder.keep([])
    for exchange in exchanges[: KEPT_BYTES // LONG]:
        recorder.record(exchange)
    assert recorder.kept == exchanges[: KEPT_BYTES // LONG]


def test_long_answers_end_the_check_that_gets_them() -> None:
    recorder = _recorder()
    long = _exchange(bytes(LONG + 1))
    for _ in range(MOST_LONG):
        recorder.record(long)
    with pytest.raises(Unchecked, match="more than 4 MiB"):
        recorder.record(long)
    with pytest.raises(Unchecked, match=r"4,194,305 bytes"):
        HttpAnswer(long).json  # noqa: B018


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" + b"0," * LONG + b"0]", ExitCode.FAIL),
        (b'{"data": {"data": [' + b" " * LONG + b"]}}", ExitCode.FAIL),
        (b"[]" + b" " * (LONG - 2), None),
    ],
)
def test_the_end_of_a_run_of_long_answers_says_whether_they_are_wrong(
    body: bytes, code: ExitCode | None
) -> None:
    recorder = _recorder()
    headers = {"content-type": "application/json"}
    for _ in range(MOST_LONG):
        recorder.record(replace(_exchange(body), headers=headers))
    end = too_long(SimpleNamespace(recorder=recorder))  # type: ignore[arg-type]
    assert (end.code if end else None) == code, end


@pytest.mark.parametrize(("size", "known"), [(10, True), (CHUNK + 1, False)])
def test_the_way_to_a_target_is_not_measured_with_long_answers(size: int, known: bool) -> None:
    def answer(_: Received) -> Reply:
        return Reply(401, body=bytes(size))

    with serving(answer) as url:
        trip = round_trip(SimpleNamespace(host=url, base=url, timeout=5.0))  # type: ignore[arg-type]
    assert (trip > 0) is known


@pytest.mark.parametrize(
    ("waits", "counted"),
    [
        ([(0, 15), (15, 30), (31, 46)], 3),
        ([(0, 15), (1, 16), (14, 29), (29, 44)], 2),  # three at the same time, and one after them
        ([(0, 15), (0, 15), (0, 15)], 1),
    ],
)
def test_requests_that_wait_at_the_same_time_cost_one_deadline(
    waits: list[tuple[float, float]], counted: int
) -> None:
    counts = UnansweredRequests(["login", "logout"])
    for sent, now in waits:
        counts.count("login", sent, now)
    assert (counts.waited("login"), counts.waited("logout"), counts.waited()) == (counted, 0, counted)
    assert counts.names() == ["login"]
    counts.again()
    assert (counts.waited("login"), counts.waited()) == (0, counted)


def test_what_one_process_waited_for_all_have(server: str) -> None:
    counts = UnansweredRequests(["login"])
    child = multiprocessing.get_context("fork").Process(target=counts.count, args=("login", 0.0, 15.0))
    child.start()
    child.join()
    assert counts.waited("login") == 1


def test_an_operation_that_is_never_answered_costs_two_deadlines() -> None:
    """And no other operation anything; the run ends when several do so."""
    asked: list[str] = []
    ready = threading.Event()

    def answer(received: Received) -> Reply:
        asked.append(f"{received.method} {received.path}")
        if "sync" in received.path or "versions" in received.path:
            ready.wait()
        return Reply(200, body=b"{}")

    with serving(answer) as url:
        target = TargetClient(
            settings({"target": url, "request-timeout": "0.1"}, {}), SPEC, url, embedded=False
        )

        def play(path: str, error: type[Exception] | None) -> None:
            request = HttpRequest(method="GET", url=f"{target.base}{path}")
            with pytest.raises(error) if error else _nothing():
                target.send(request)

        try:
            for _ in range(OF_ONE):
                play("/content/sync", NoAnswer)
            for _ in range(10):
                play("/content/sync", Unchecked)
                play("/content/categories", None)
            assert asked.count("GET /api/content/sync") == OF_ONE
            assert too_late(target) is None
            for _ in range(OF_ALL - OF_ONE):
                play("/content/items/1/versions", NoAnswer)
            end = too_late(target)
        finally:
            ready.set()
    assert end is not None and end.code is ExitCode.FAIL
    assert end.reason.endswith("again and again: getContentVersions, syncContent"), end.reason


def _target(url: str) -> Any:
    place = ChannelPlace()
    recorder = SimpleNamespace(coverage=SimpleNamespace(message=lambda *_: None), blame=lambda *_: None)
    return SimpleNamespace(
        host=url,
        channel_base=url,
        settings=SimpleNamespace(channel=place),
        retry_after_429=lambda exchange, _: exchange,
        recorder=recorder,
        spec=SPEC,
        dialect=None,
    )


FLOODS = [
    one for one in BEHAVIOURS if one.name.startswith("flood of") and one.kind == "socket" and not one.first
]


@pytest.mark.parametrize("flood", FLOODS, ids=lambda one: one.name)
def test_a_flood_of_frames_does_not_hold_a_reader(flood: Any) -> None:
    with hostile(flood, ("127.0.0.1", 1), Path()) as url:
        made = RawSocket(
            _target(url), {"Upgrade": "websocket", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        )
        began = time.thread_time()
        assert made.status == 101 and not made.ended(0.5)
        assert time.thread_time() - began < 10
        made.close()


SOCKETS = [
    one
    for one in BEHAVIOURS
    if one.kind == "socket"
    and one.name.split(" ")[0] in ("resets", "says", "reserved", "message", "frame", "close", "HTTP")
]


@pytest.mark.parametrize("behaviour", SOCKETS, ids=lambda one: one.name)
def test_a_channel_that_answers_no_ping_does_not_open(
    behaviour: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each check of the channel would wait for what never comes."""
    monkeypatch.setattr(raw_socket, "ANSWER", 0.3)
    monkeypatch.setattr(RawSocket.outcome, "__defaults__", (0.3,))
    with hostile(behaviour, ("127.0.0.1", 1), Path()) as url:
        assert not opens(_target(url), SimpleNamespace(access="t"))  # type: ignore[arg-type]


def test_a_channel_that_answers_a_ping_opens(server: str) -> None:
    target = TargetClient(settings({"target": server}, {}), SPEC, server, embedded=False)
    assert opens(target, Accounts(target).session("owner"))
    target.connection.close()


def test_a_flood_of_messages_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_socket, "MOST_MESSAGES", 100)
    flood = next(one for one in FLOODS if one.name == "flood of messages")
    with hostile(flood, ("127.0.0.1", 1), Path()) as url:
        made = RecordingSocket(_target(url), SimpleNamespace(access="t"))  # type: ignore[arg-type]
        seen = set[int]()
        assert made.wait(
            lambda: seen.add(made.messages[-1].at) or len(seen) > 300 if made.messages else False, 30
        )
        assert len(made.messages) <= 100
        made.close()
