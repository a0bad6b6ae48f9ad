"""One request of a person against a scripted server: how it is counted, and what the history says of it."""

import base64
import json
import time
from time import perf_counter_ns

import gevent
import msgspec
import pytest
from gevent.event import Event

from contracts.history import Call, Outcome, decode
from contracts.spec import load
from load.engine.in_flight import RequestTracker, StatisticsRow, thresholds
from load.engine.recorder import LoadRecorder
from load.http.connection import Pool
from load.http.target import parse
from load.virtual_users.guide.exchange import ClientRequest
from load.virtual_users.http_session import HttpSession
from tests.load.engine.test_request_executor import HEADERS, ITEM, TOKENS, example, shows_one_abandoned
from tests.load.scripted import OPEN, Scripted, Turn, answers, closes, says
from tests.waiting import HANG

SPEC = load()


def token(seconds: float, name: str = "x") -> str:
    """A token that ends so many seconds from now."""
    payload = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds, "jti": name}).encode())
    return f"aaaaaaaa.{payload.decode().rstrip('=')}.cccccccc"


def pair(access: str, refresh: str) -> bytes:
    tokens = {"accessToken": access, "refreshToken": refresh, "expiresIn": 900, "tokenType": "Bearer"}
    return msgspec.json.encode({"tokens": tokens})


def login(access: str, refresh: str) -> bytes:
    body = msgspec.json.decode(example("login", 200))
    return msgspec.json.encode(body | msgspec.json.decode(pair(access, refresh)))


class Bench:
    def __init__(self, url: str, *, alone: bool = False) -> None:
        self.reported: list[tuple[str, str]] = []
        self.wrote: list[tuple[str, int]] = []
        self.recorder = LoadRecorder(thresholds(SPEC))
        self.tracker = RequestTracker(SPEC, self.recorder, self._report)
        self.tracker.start = perf_counter_ns()
        pool = Pool(parse(url, prefix="/api"))
        OPEN.append(pool)
        self.http_session = HttpSession(
            self.tracker, pool, "p", alone=alone, wrote=lambda item, version, at: self.wrote.append((item, version))
        )  # fmt: skip

    def _report(self, what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
        self.reported.append((what.label, wrong))

    def ask(self, operation: str, bearer: str = "", **more: object) -> int | None:
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        reply = self.http_session.send(ClientRequest(operation=operation, headers=headers, **more))  # type: ignore[arg-type]
        return None if reply is None else reply.status

    @property
    def history(self) -> list[Call]:
        return [decode(line) for line in self.tracker.history]


PROBLEM = b'{"code": "TOKEN_EXPIRED", "message": "over"}'
REFUSED = says(
    b"HTTP/1.1 401 X\r\nContent-Type: application/problem+json\r\nWWW-Authenticate: Bearer\r\n"
    b"Content-Length: %d\r\n\r\n" % len(PROBLEM) + PROBLEM
)
UPDATE = {"path": {"id": "i1"}, "body": {"version": 3, "title": "t"}}


@pytest.mark.parametrize(
    ("turn", "statuses", "outcome"),
    [
        pytest.param(answers(200, ITEM, more=HEADERS), {"200": 1}, Outcome.OK, id="as documented"),
        pytest.param(answers(200, ITEM), {"error:content": 1}, Outcome.OK, id="a header is missing"),
        pytest.param(answers(200, b"{}", more=HEADERS), {"error:content": 1}, Outcome.INFO, id="an empty answer"),
        pytest.param(answers(200, b"<html>", more=HEADERS), {"error:content": 1}, Outcome.INFO, id="not JSON"),
        pytest.param(answers(299, ITEM, more=HEADERS), {"error:content": 1}, Outcome.OK, id="an undocumented status"),
        pytest.param(answers(500, b"{}"), {"500": 1}, Outcome.INFO, id="500"),
        pytest.param(answers(409, b'{"code": "VERSION_CONFLICT"}'), {"409": 1}, Outcome.FAIL, id="a conflict about an own item"),
        pytest.param(answers(401, PROBLEM), {"401": 1}, Outcome.FAIL, id="401"),
        pytest.param(closes, {"error:closed": 1}, Outcome.INFO, id="no answer"),
    ],
)  # fmt: skip
def test_an_update(turn: Turn, statuses: dict[str, int], outcome: Outcome) -> None:
    with Scripted(turn) as server:
        bench = Bench(server.url)
        bench.ask("updateContentItem", token(900), **UPDATE)
    assert dict(bench.recorder.tallies["updateContentItem"].statuses) == statuses
    (call,) = bench.history
    assert (call.outcome, call.facts["base"], call.client) == (outcome, 3, "p")
    assert bool(bench.reported[0][1]) is (statuses != {"200": 1})
    assert not bench.tracker.outstanding
    assert bench.recorder.planned == bench.recorder.requests == bench.recorder.done == 1
    assert bench.wrote == ([(call.facts["item"], call.facts["version"])] if "version" in call.facts else [])


@pytest.mark.parametrize(
    ("operation", "life", "wrong"),
    [
        pytest.param("getContentItems", -60, False, id="a token that is over"),
        pytest.param("getContentItems", 600, True, id="a good token"),
        pytest.param("refreshTokens", -60, True, id="a refresh"),
        pytest.param("login", None, True, id="a login"),
    ],
)
def test_whose_fault_a_401_is(operation: str, life: int | None, wrong: bool) -> None:
    with Scripted(REFUSED) as server:
        bench = Bench(server.url)
        assert bench.ask(operation, "" if life is None else token(life)) == 401
    assert bool(bench.recorder.errors) is wrong
    (call,) = bench.history
    assert (call.outcome, call.facts["code"]) == (Outcome.FAIL, "TOKEN_EXPIRED")


def test_what_is_under_way_while_a_user_logs_out_may_be_refused() -> None:
    """A request of an open screen may come to the server after the logout that the same user has sent."""
    first, second = token(900, "first"), token(900, "second")
    again = answers(200, login(second, "another.refresh.token"), more=TOKENS)
    turns = (
        answers(200, login(first, "old.refresh.token"), more=TOKENS),
        REFUSED,
        answers(200, b'{"success": true}', more=TOKENS),
    )
    errors = []
    with Scripted(*turns, REFUSED, again, REFUSED) as server:
        bench = Bench(server.url)
        for operation, bearer in (
            ("login", ""), ("getContentItems", first), ("logout", first), ("getContentItems", first), ("login", ""), ("getContentItems", second)
        ):  # fmt: skip
            bench.ask(operation, bearer, **({"body": {}} if operation == "login" else {}))
            errors.append(bench.recorder.errors)
    assert errors == [0, 1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("operation", "condition", "wrong"),
    [
        pytest.param("getContentCategories", {"if-none-match": 'W/"x"'}, False, id="HTTP's own, of a list"),
        pytest.param("getContentCategories", {"If-None-Match": "*"}, False, id="in other case"),
        pytest.param("getContentCategories", {}, True, id="nobody asked"),
        pytest.param("getContentItem", {"if-none-match": '"v1"'}, True, id="documented, without its headers"),
    ],
)
def test_a_304_that_the_document_does_not_list(
    operation: str, condition: dict[str, str], wrong: bool
) -> None:
    path = {"id": "i1"} if operation == "getContentItem" else {}
    with Scripted(says(b'HTTP/1.1 304 X\r\nETag: W/"x"\r\n\r\n')) as server:
        bench = Bench(server.url)
        headers = {"authorization": f"Bearer {token(900)}", **condition}
        reply = bench.http_session.send(ClientRequest(operation=operation, headers=headers, path=path))
    assert reply is not None and reply.status == 304
    assert bool(bench.reported[0][1]) is wrong


def test_nobody_there() -> None:
    bench = Bench("http://127.0.0.1:1")
    assert bench.ask("getContentItems") is None
    (call,) = bench.history
    assert call.outcome is Outcome.FAIL and call.done is not None  # certainly not applied
    assert dict(bench.recorder.tallies["getContentItems"].statuses) == {"error:refused": 1}
    assert not bench.recorder.wire  # no byte left


def test_what_the_server_counts_too() -> None:
    with Scripted(answers(500), closes) as server:
        bench = Bench(server.url)
        bench.ask("getContentItems")
        bench.ask("getContentItems")
    assert bench.recorder.wire == {"getContentItems 500": 1, "getContentItems lost": 1}


@pytest.mark.parametrize(
    "alone", [pytest.param(False, id="shared"), pytest.param(True, id="each for itself")]
)
def test_sessions_have_labels_and_no_secret_is_told(alone: bool) -> None:
    access, later = token(900, "first"), token(900, "later")
    turns = (
        answers(200, login(access, "old.refresh.token"), more=TOKENS),
        answers(200, pair(later, "new.refresh.token"), more=TOKENS),
        answers(500),
        answers(200, b'{"success": true}', more=TOKENS),
    )
    with Scripted(*turns) as server:
        bench = Bench(server.url, alone=alone)
        bench.ask("login", body={"email": "a@b.example", "password": "secret"})
        bench.ask("refreshTokens", "old.refresh.token")
        bench.ask("getContentItems", access)
        bench.ask("logout", later)
    assert [call.facts.get("session") for call in bench.history] == ["p.s1"] * 4
    refresh = bench.history[1].facts
    assert (refresh["presented"], refresh["issued"]) == ("p.s1.r0", "p.s1.r1")
    assert refresh.get("deliberate", False) is alone
    assert bench.http_session.presented == {"p.s1.r0": 1}
    told = b"".join(bench.tracker.history) + repr(bench.reported).encode()
    assert not any(
        secret in told for secret in (b"refresh.token", access.encode(), later.encode(), b"secret")
    )


def test_a_killed_user_leaves_its_request_abandoned() -> None:
    came = Event()
    with Scripted(lambda peer, request: came.set()) as server:
        bench = Bench(server.url)
        user = gevent.spawn(bench.ask, "updateContentItem", token(900), **UPDATE)
        assert came.wait(HANG)
        user.kill()
    shows_one_abandoned(bench.tracker)
