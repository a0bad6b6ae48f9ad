"""One delivery against a scripted server: what counts as an answer, what as an error, and what is remembered."""

import json
import random
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import gevent
import msgspec
import pytest
from gevent.event import Event

from contracts.history import Call, Outcome, decode
from contracts.spec import Operation, Spec, load
from contracts.verdict import Grade
from load.engine.dispatcher import Dispatcher
from load.engine.in_flight import RequestTracker
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.engine.schema_sample import SchemaSample
from load.http.connection import Pool
from load.http.target import parse
from load.journeys import ALL
from load.journeys.data_pool import AccountCredentials, DataPool, KnownItem, LoginSession
from load.results.reconciliation import ledger
from load.scenarios.arrival_plan import Arrival
from tests.load.scripted import OPEN, Scripted, Turn, answers, closes, silent
from tests.suite.foreign.foreign_document import document
from tests.waiting import HANG

SPEC = load()
SECOND = 1_000_000_000
FAR = 1 << 62


class Bench:
    """A courier with a world of one item and one caller, against `server`."""

    def __init__(self, server: Scripted, *, expires: int = FAR, spec: Spec = SPEC) -> None:
        self.data_pool = DataPool(random.Random(1), name="w0", account=AccountCredentials("a@b.example", "x"))
        self.data_pool.callers = [LoginSession("s1", "old.access", "old.refresh", expires=expires)]
        self.data_pool.place(KnownItem("i1", 3), "working")
        self.data_pool.remember("i1")
        self.recorder = LoadRecorder({op.id: round(op.objective.threshold_ms * 1e6) for op in SPEC})
        self.reported: list[tuple[str, str]] = []
        self.executor = RequestExecutor(
            spec=spec, pool=Pool(parse(server.url, prefix="/api")), data_pool=self.data_pool, recorder=self.recorder,
            report=self._report,
        )  # fmt: skip
        self.executor.start = perf_counter_ns()
        OPEN.append(self.executor.pool)

    def _report(self, operation: Operation, ms: float, length: int, wrong: str) -> None:
        self.reported.append((operation.label, wrong))

    def deliver(self, name: str) -> None:
        journey = ALL[name]
        self.recorder.due(journey.operation, 0)
        self.executor.deliver(journey, journey.build(self.data_pool), perf_counter_ns())

    @property
    def history(self) -> list[Call]:
        return [decode(line) for line in self.executor.history]

    def statuses(self, operation: str) -> dict[str, int]:
        return dict(self.recorder.tallies[operation].statuses)


def example(operation: str, status: int) -> bytes:
    """The document's own example of an answer."""
    raw = SPEC.document["paths"][SPEC[operation].path][SPEC[operation].method.lower()]["responses"][
        str(status)
    ]
    while "$ref" in raw:
        raw = SPEC.document["components"]["responses"][raw["$ref"].rsplit("/", 1)[1]]
    found = next(iter(next(iter(raw["content"].values()))["examples"].values()))
    while "$ref" in found:
        found = SPEC.document["components"]["examples"][found["$ref"].rsplit("/", 1)[1]]
    return msgspec.json.encode(found["value"])


HEADERS = b'ETag: "v4"\r\nCache-Control: private, no-cache\r\nLocation: /api/content/items/x\r\n'
ITEM = example("updateContentItem", 200)
PROBLEM = b'{"code": "INTERNAL", "message": "token eyJhbGciOi.eyJzdWIiOiJ1.c2lnbmF0dXJl leaked"}'
TOKENS = b"Cache-Control: no-store\r\n"


def pair(name: str) -> bytes:
    return msgspec.json.encode(
        {
            "tokens": {
                "accessToken": f"{name}.new.a",
                "refreshToken": f"{name}.new.r",
                "expiresIn": 900,
                "tokenType": "Bearer",
            }
        }
    )


@pytest.mark.parametrize(
    ("turn", "statuses", "outcome", "reusable"),
    [
        pytest.param(answers(200, ITEM, more=HEADERS), {"200": 1}, Outcome.OK, True, id="as documented"),
        pytest.param(
            answers(500, PROBLEM, "application/problem+json"), {"500": 1}, Outcome.INFO, False, id="500"
        ),
        pytest.param(
            answers(503, b"{}", "application/problem+json"), {"503": 1}, Outcome.FAIL, True, id="503"
        ),
        pytest.param(
            answers(429, b"Too Many Requests", "text/plain"), {"429": 1}, Outcome.FAIL, True, id="429 as text"
        ),
        pytest.param(
            answers(409, b'{"code": "VERSION_CONFLICT"}'), {"409": 1}, Outcome.FAIL, False, id="409"
        ),
        pytest.param(answers(201, ITEM, more=HEADERS), {"201": 1}, Outcome.OK, False, id="another success"),
        pytest.param(answers(200, b"<html>"), {"error:content": 1}, Outcome.INFO, False, id="not JSON"),
        pytest.param(
            answers(200, b"{}", more=HEADERS), {"error:content": 1}, Outcome.INFO, False, id="empty"
        ),
        pytest.param(answers(200, ITEM), {"error:content": 1}, Outcome.OK, True, id="a header is missing"),
        pytest.param(closes, {"error:closed": 1}, Outcome.INFO, False, id="no answer"),
    ],
)
def test_an_update(turn: Turn, statuses: dict[str, int], outcome: Outcome, reusable: bool) -> None:
    with Scripted(turn) as server:
        bench = Bench(server)
        bench.deliver("updateContentItem")
    assert bench.statuses("updateContentItem") == statuses
    (call,) = bench.history
    assert (call.outcome, call.facts["item"] is not None, call.facts["base"]) == (outcome, True, 3)
    assert bool(bench.data_pool.by_state["working"]) is reusable
    assert bool(bench.reported[0][1]) is (statuses != {"200": 1})
    assert not bench.executor.outstanding


def test_an_answer_that_cannot_be_read_is_told_by_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also out of the sample of answers whose schema is judged: the words were those of a Python exception."""
    monkeypatch.setattr(SchemaSample, "complaint", lambda *answer: "")
    for wrong in ({"data": None}, {"data": [1]}, {"data": {"id": None}}):
        with Scripted(answers(200, json.dumps(wrong).encode(), more=HEADERS)) as server:
            bench = Bench(server)
            bench.deliver("updateContentItem")
        (told,) = bench.recorder.tallies["updateContentItem"].examples
        assert "Error" not in told and "body at /data" in told


def test_no_secret_reaches_an_example() -> None:
    with Scripted(answers(500, PROBLEM, "application/problem+json")) as server:
        bench = Bench(server)
        bench.deliver("updateContentItem")
    (told,) = bench.recorder.tallies["updateContentItem"].examples
    assert told == "PUT /content/items/{id}: 500 instead of 200 (INTERNAL token <token> leaked)"


def test_an_example_has_the_words_of_the_target(tmp_path: Path) -> None:
    """Of a document with 422 and without codes; in ours it is 400 and VALIDATION_FAILED."""
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(document()))
    with Scripted(answers(422, b'{"message": "no"}')) as server:
        bench = Bench(server, spec=load(path))
        bench.deliver("updateContentItem")
    assert bench.recorder.tallies["updateContentItem"].examples == [
        "PUT /content/items/{id}: 422 instead of 200 (no)"
    ]


def test_a_401_is_answered_by_one_refresh_and_the_request_is_sent_again() -> None:
    refused = answers(401, b'{"code": "TOKEN_EXPIRED"}', "application/problem+json")
    turns = (refused, answers(200, pair("a"), more=TOKENS), answers(200, ITEM, more=HEADERS))
    with Scripted(*turns) as server:
        bench = Bench(server)
        bench.deliver("updateContentItem")
        used = [line for request in server.seen for line in request.split(b"\r\n") if b"Bearer" in line]
    assert bench.statuses("updateContentItem") == {"200": 1}
    assert used == [
        b"Authorization: Bearer old.access",
        b"Authorization: Bearer old.refresh",
        b"Authorization: Bearer a.new.a",
    ]
    assert (bench.recorder.requests, bench.recorder.upkeep, bench.recorder.refreshes) == (1, 2, 1)


def test_many_requests_that_find_the_token_old_share_one_refresh() -> None:
    turns = (answers(200, pair("a"), more=TOKENS), *[answers(200, ITEM, more=HEADERS)] * 5)
    with Scripted(*turns) as server:
        bench = Bench(server, expires=1)
        for n in range(4):
            bench.data_pool.place(KnownItem(f"i{n + 2}", 3), "working")
        gevent.joinall([gevent.spawn(bench.deliver, "updateContentItem") for _ in range(5)])
        refreshes = sum(b"/auth/refresh" in request for request in server.seen)
    assert refreshes == bench.recorder.refreshes == 1
    assert bench.statuses("updateContentItem") == {"200": 5}
    assert bench.data_pool.callers[0].refreshes == 1


def test_a_refresh_that_is_refused_is_not_tried_again_by_everybody() -> None:
    refused = answers(401, b'{"code": "TOKEN_INVALID"}', "application/problem+json")
    with Scripted(*[refused] * 8) as server:
        bench = Bench(server, expires=1)
        for _ in range(2):
            bench.data_pool.place(KnownItem("i9", 3), "working")
            bench.deliver("updateContentItem")
    assert bench.statuses("updateContentItem") == {"401": 2}


def test_what_is_still_in_flight_at_the_end_is_an_error_at_its_age() -> None:
    with Scripted(*[silent] * 3) as server:
        bench = Bench(server)
        for n in range(2):
            bench.data_pool.place(KnownItem(f"j{n}", 3), "working")
        dispatcher = Dispatcher(bench.executor, ALL)
        dispatcher.run([Arrival(n, "updateContentItem") for n in range(3)])
        assert dispatcher.drain(0.05) == 3
    assert bench.statuses("updateContentItem") == {"error:unfinished": 3}
    assert bench.recorder.unfinished == 3
    assert [call.outcome for call in bench.history] == [Outcome.INFO] * 3
    assert bench.recorder.done == bench.recorder.requests == bench.recorder.planned == 3


@pytest.mark.parametrize(("answered", "greenlets"), [(True, 2), (False, 30)])
def test_a_greenlet_that_has_its_answer_sends_again(
    answered: bool, greenlets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scripted() as server:
        bench, answer, senders = Bench(server), Event(), list[gevent.Greenlet]()
        if answered:
            answer.set()

        def deliver(*told: object, **ready: object) -> None:
            senders.append(gevent.getcurrent())
            answer.wait()

        monkeypatch.setattr(bench.executor, "deliver", deliver)
        Dispatcher(bench.executor, ALL).run([Arrival(n, "getContentItem") for n in range(30)])
        answer.set()
        gevent.joinall(senders, timeout=HANG)
    assert (len(senders), len(set(senders))) == (30, greenlets)
    assert all(sender.dead for sender in senders), "none waits on after the run"


def test_an_arrival_that_cannot_be_sent_is_counted_and_not_silent() -> None:
    with Scripted(answers(200, ITEM, more=HEADERS)) as server:
        bench = Bench(server)
        dispatcher = Dispatcher(bench.executor, ALL, cap=1)
        dispatcher.run(
            [Arrival(0, "logout"), Arrival(0, "revertContentVersion"), Arrival(0, "updateContentItem")]
        )
        dispatcher.drain(5)
    assert dict(bench.recorder.dropped) == {"no session to spend": 1, "no item in the state 'revertable'": 1}
    assert (bench.recorder.planned, bench.recorder.requests) == (3, 1)


def test_at_the_cap_arrivals_are_dropped_with_a_reason() -> None:
    with Scripted(silent) as server:
        bench = Bench(server)
        dispatcher = Dispatcher(bench.executor, ALL, cap=1)
        dispatcher.run(
            [
                Arrival(0, "updateContentItem"),
                Arrival(1, "getContentItem"),
                Arrival(50_000_000, "getContentItem"),
            ]
        )
        dispatcher.drain(0)
    assert "1 requests were in flight already" in bench.recorder.dropped


@pytest.mark.parametrize(
    ("script", "seconds", "first", "then"),
    [
        pytest.param(closes, 5, "error:closed", "error:used-up", id="by closing"),
        pytest.param(answers(502, b"<html>"), 5, "502", "error:used-up", id="by answers"),
        pytest.param(silent, 0, "error:unfinished", "error:starved", id="by silence, of which a saturated generator may be the cause"),
    ],
)  # fmt: skip
def test_where_the_target_used_up_what_is_needed_it_is_the_targets_error(
    script: Any, seconds: float, first: str, then: str
) -> None:
    with Scripted(script) as server:
        bench = Bench(server)
        for _ in range(2):  # the second arrival comes when the first one's item is already lost
            dispatcher = Dispatcher(bench.executor, ALL)
            dispatcher.run([Arrival(0, "updateContentItem")])
            with gevent.Timeout(HANG):
                while not server.seen:
                    gevent.sleep(0.01)
            dispatcher.drain(seconds)
    assert bench.statuses("updateContentItem") == {first: 1, then: 1}
    assert (bench.recorder.starved, bench.recorder.dropped.total()) == (1, 0)


def test_latency_counts_from_the_due_time() -> None:
    with Scripted(answers(200, ITEM, more=HEADERS)) as server:
        bench = Bench(server)
        journey = ALL["updateContentItem"]
        due = perf_counter_ns() - SECOND
        bench.executor.start = due
        bench.executor.deliver(journey, journey.build(bench.data_pool), due)
    tally = bench.recorder.tallies["updateContentItem"]
    assert (tally.over, tally.over_service) == (1, 0)
    assert tally.latency.minimum is not None and tally.latency.minimum >= SECOND


def shows_one_abandoned(tracker: RequestTracker) -> None:
    """The update is neither answered nor an error, and in the history it may have happened."""
    recorder = tracker.recorder
    assert (recorder.requests, recorder.done, recorder.abandoned) == (1, 0, 1)
    assert recorder.wire == {"updateContentItem lost": 1}
    assert not tracker.outstanding and ledger(recorder, ()).grade is Grade.PASS
    (call,) = map(decode, tracker.history)
    assert (call.outcome, call.done, call.facts["base"]) == (Outcome.INFO, None, 3)


def test_a_killed_user_leaves_its_request_abandoned() -> None:
    came = Event()
    with Scripted(lambda peer, request: came.set()) as server:
        bench = Bench(server)
        user = gevent.spawn(bench.deliver, "updateContentItem")
        assert came.wait(HANG)
        user.kill()
    shows_one_abandoned(bench.executor)


def test_a_401_to_a_ready_token_is_nobodys_failure_and_the_token_is_told_to_nobody() -> None:
    """It cannot be renewed, and whether it has ended or the target is wrong nobody knows. It is opaque: no pattern finds it."""
    echo = answers(401, b'{"code": "UNAUTHORIZED", "message": "do not know opaque-0815-secret"}')
    with Scripted(echo) as server:
        bench = Bench(server)
        bench.data_pool.callers = [LoginSession("w0 tokens.csv:3", "opaque-0815-secret", "", expires=FAR)]
        bench.deliver("getContentItem")
        assert len(server.seen) == 1, "no refresh, no second try"
        assert bench.statuses("getContentItem") == {"error:token": 1}
        (line,) = bench.recorder.tallies["getContentItem"].examples
        assert "tokens.csv:3" in line and "<secret>" in line
        told = f"{bench.reported} {bench.recorder} {bench.executor.history!r}"
    assert "opaque-0815-secret" not in told


@pytest.mark.parametrize(
    ("refusal", "counted"),
    [
        pytest.param(answers(429, PROBLEM, more=b"Retry-After: 9\r\n"), "error:token", id="postponed"),
        pytest.param(answers(503, PROBLEM), "error:token", id="not now"),
        pytest.param(answers(401, PROBLEM), "401", id="refused"),
        pytest.param(answers(500, PROBLEM), "401", id="broken"),
    ],
)
def test_a_401_to_a_token_whose_refresh_the_target_has_postponed_is_nobodys_failure(
    refusal: Turn, counted: str
) -> None:
    """A rate limit holds refreshes up too, and the token ends meanwhile: the target's answer is right."""
    with Scripted(refusal, answers(401, PROBLEM), *[refusal, answers(401, PROBLEM)] * 2) as server:
        bench = Bench(server, expires=perf_counter_ns() - 1)
        bench.deliver("getContentItem")
        assert bench.statuses("getContentItem") == {counted: 1}


def test_a_password_that_an_answer_repeats_is_told_to_nobody() -> None:
    with Scripted(answers(400, b'{"code": "X", "message": "hunter2hunter2 is too short"}')) as server:
        bench = Bench(server)
        bench.data_pool.accounts = [AccountCredentials("a@b.example", "hunter2hunter2")]
        bench.deliver("login")
    assert "hunter2" not in f"{bench.reported} {bench.recorder} {bench.executor.history!r}"
    assert "400" in bench.recorder.tallies["login"].examples[0]
