"""Before the first arrival and after the last: what fails now and then is tried again, what never answers ends it soon, and what
was made is archived."""

from contextlib import nullcontext
from time import monotonic

import msgspec
import pytest

from load.engine import clean_up, warm_up
from load.engine.send_window import SILENT, SendWindow
from load.engine.warm_up import Refused, greet
from load.http import connection
from load.journeys import ALL
from load.journeys.data_pool import LoginSession
from load.scenarios.stock import Stock
from tests.load.engine.test_request_executor import FAR, TOKENS, Bench, example
from tests.load.scripted import Scripted, Turn, answers, closes, silent

TAKEN = answers(200, example("verifyToken", 200), more=TOKENS)
WELCOME = answers(200, example("login", 200), more=TOKENS)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(warm_up, "FIRST_ANSWER", 0.2)


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param([WELCOME], id="at once"),
        pytest.param([answers(503), WELCOME], id="one 503"),
        pytest.param([answers(500), answers(429), WELCOME], id="a 500 and a 429"),
    ],
)
def test_what_may_pass_by_itself_is_tried_again(turns: list[Turn]) -> None:
    with Scripted(*turns) as server:
        bench = Bench(server)
        before = len(bench.data_pool.callers)
        greet(bench.executor, ALL)
        assert len(bench.data_pool.callers) == before + 1


def test_a_rate_limit_is_waited_for_as_the_target_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(warm_up.gevent, "sleep", slept.append)
    asked = [answers(429, more=b"Retry-After: %s\r\n" % told) for told in (b"7", b"40")]
    with Scripted(*asked, WELCOME) as server:
        greet(Bench(server).executor, ALL)
    assert slept == [7.0, 40.0]


@pytest.mark.parametrize(
    ("turns", "code", "told"),
    [
        pytest.param([answers(401, b'{"code": "BAD"}')], 2, "refuses to log in .* (401)", id="wrong credentials: once"),
        pytest.param([answers(429, more=b"Retry-After: 999999999\r\n")], 2, "429", id="in thirty years"),
        pytest.param([answers(503)] * 3, 1, "503 instead of 200", id="always 503"),
        pytest.param([silent], 69, "does not answer", id="it takes connections and says nothing"),
        pytest.param([closes], 1, "could not log in", id="it hangs up"),
    ],
)  # fmt: skip
def test_what_does_not_pass_ends_the_run_before_it_begins(turns: list[Turn], code: int, told: str) -> None:
    with Scripted(*turns) as server:
        began = monotonic()
        with pytest.raises(Refused, match=told.replace("(", r"\(").replace(")", r"\)")) as found:
            greet(Bench(server).executor, ALL)
        assert found.value.code == code
        assert len(server.seen) == len(turns)
        assert monotonic() - began < connection.CONNECT + connection.FIRST_ANSWER


@pytest.mark.parametrize(("status", "code"), [(429, 2), (503, 1), (404, 1)])
def test_a_limit_of_the_rate_is_no_failure_of_the_target(status: int, code: int) -> None:
    with (
        Scripted(*[answers(status)] * 3) as server,
        pytest.raises(Refused, match=f"log in.*{status}") as found,
    ):
        warm_up._ask(Bench(server).executor, ALL["login"], "log in")
    assert found.value.code == code


def test_silence_is_not_tried_again_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "WAITS", (0.0,) * 5)
    monkeypatch.setattr(warm_up, "SILENCE", 0.3)
    with Scripted(*[silent] * 6) as server:
        with pytest.raises(Refused, match="does not answer"):
            warm_up._ask(Bench(server).executor, ALL["login"], "log in", seconds=0.2)
        assert len(server.seen) == 2


def archived(count: int, failed: int = 0) -> Turn:
    rows = [{"index": n, "code": "NOT_FOUND", "id": f"i{n}", "message": "x"} for n in range(failed)]
    body = msgspec.json.decode(example("bulkUpdateContent", 200))
    body["data"] |= {"successfulOperations": count - failed, "failedOperations": rows}
    return answers(200, msgspec.json.encode(body))


@pytest.mark.parametrize(
    ("turns", "items", "left", "requests"),
    [
        pytest.param([archived(100), archived(50)], 150, 0, 2, id="in bulk"),
        pytest.param([answers(500), archived(50)], 150, 100, 2, id="a request fails"),
        pytest.param([closes], 150, 100, 2, id="the target goes"),
        pytest.param([], 0, 0, 0, id="nothing was made"),
    ],
)
def test_what_a_run_has_made_is_archived(turns: list[Turn], items: int, left: int, requests: int) -> None:
    with Scripted(*turns, archived(50)) as server:
        bench = Bench(server)
        ids = tuple(f"i{n}" for n in range(items))
        assert clean_up.archive(bench.executor, ids, seconds=5) == left
        assert len(server.seen) == requests
        assert bench.recorder.upkeep == requests


def test_a_target_that_is_slow_to_archive_is_left_in_time() -> None:
    with Scripted(silent) as server:
        bench = Bench(server)
        began = monotonic()
        assert clean_up.archive(bench.executor, ("i1", "i2"), seconds=0.2) == 2
        assert monotonic() - began < 5


@pytest.mark.parametrize(
    ("refusals", "silent_for", "ends"),
    [
        pytest.param(5, SILENT + 1, True, id="nothing but refusals for 3 s"),
        pytest.param(5, SILENT - 1, False, id="not for so long"),
        pytest.param(4, SILENT + 1, False, id="too few to say"),
        pytest.param(0, 10 * SILENT, False, id="silence alone may be an answer that takes its time"),
    ],
)
def test_a_dead_target_ends_the_sending(refusals: int, silent_for: int, ends: bool) -> None:
    with Scripted() as server:
        tracker = Bench(server).executor
        window = SendWindow(tracker)
        tracker.last_answer = tracker.start + 1_000_000_000
        tracker.refusals.update({"refused": refusals})
        window._end_if_gone(tracker.last_answer + silent_for)
        assert window.stopped is ends
        assert not ends or window.silent == (
            "the target stopped answering 1.0 s after the start: since then refused × 5"
        )


@pytest.mark.parametrize(
    ("turns", "code", "told"),
    [
        pytest.param([TAKEN, TAKEN], None, "", id="both are taken"),
        pytest.param([answers(503), TAKEN, TAKEN], None, "", id="one 503"),
        pytest.param([TAKEN, answers(401)], 2, "tokens.csv:3: the target does not take this token (401)", id="one has ended"),
        pytest.param([answers(403)], 2, "tokens.csv:2: the target does not take this token (403)", id="no permission"),
        pytest.param([TAKEN, *[answers(500)] * 3], 1, "could not show a ready token", id="always 500"),
        pytest.param([silent], 69, "does not answer", id="it takes connections and says nothing"),
    ],
)  # fmt: skip
def test_each_ready_token_is_shown_before_the_run(turns: list[Turn], code: int | None, told: str) -> None:
    stock = Stock(0, 0, 0, 0, 0)
    with Scripted(*turns) as server:
        bench = Bench(server)
        bench.data_pool.callers = [LoginSession(f"w0 tokens.csv:{n}", f"opaque-{n}", "", FAR) for n in (2, 3)]
        with pytest.raises(Refused) if code else nullcontext() as found:
            warm_up.warm_up(bench.executor, {"verifyToken": ALL["verifyToken"]}, stock, logs_in=False)
        if found is not None:
            assert (found.value.code, "opaque" in str(found.value)) == (code, False)
            assert told in str(found.value)
        assert not any(b"/auth/login" in request for request in server.seen)
        assert len(server.seen) == len(turns)
