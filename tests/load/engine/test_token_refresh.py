"""Token life: how early, how often, by whom; the refresh itself is a function here."""

from math import inf
from time import perf_counter_ns

import gevent
import pytest
from gevent.event import Event

from load.engine.token_refresh import SECOND, TokenRefresh
from load.journeys.data_pool import LoginSession
from tests.waiting import HANG


class Refresher:
    """Counts refreshes; each waits until it is `let`, then gives a token of `life` seconds."""

    def __init__(self, *, wait: float = 0, life: float = 900) -> None:
        self.wait = wait
        self.life = round(life * SECOND)
        self.count = 0
        self.let = Event()

    def __call__(self, session: LoginSession) -> float:
        self.count += 1
        self.let.wait(HANG)
        if not self.wait:
            session.access = f"new {self.count}"
            session.expires = perf_counter_ns() + self.life
            session.life = self.life
        return self.wait


def session(left: float, life: float) -> LoginSession:
    return LoginSession(
        "s", "old", "r", expires=perf_counter_ns() + round(left * SECOND), life=round(life * SECOND)
    )


@pytest.mark.parametrize(
    ("left", "life", "refreshes"),
    [
        pytest.param(600, 900, 0, id="long to go"),
        pytest.param(40, 900, 0, id="40 s before the end of 15 min"),
        pytest.param(20, 900, 1, id="20 s before the end of 15 min"),
        pytest.param(1.5, 2, 0, id="a short life, most of it left"),
        pytest.param(0.1, 2, 1, id="a short life, a tenth left"),
        pytest.param(-1, 900, 1, id="over"),
    ],
)
def test_when(left: float, life: float, refreshes: int) -> None:
    refresh = Refresher()
    refresh.let.set()
    TokenRefresh(refresh).before(session(left, life))
    gevent.sleep(0)
    assert refresh.count == refreshes


def test_many_find_the_token_ended_and_one_refreshes() -> None:
    refresh = Refresher()
    renewal, old = TokenRefresh(refresh), session(-1, 900)
    waiting = [gevent.spawn(renewal.before, old) for _ in range(50)]
    gevent.sleep(0)
    assert refresh.count == 1 and not any(greenlet.ready() for greenlet in waiting)
    refresh.let.set()
    gevent.joinall(waiting, timeout=HANG)
    assert refresh.count == 1 and old.access == "new 1"


def test_a_401_for_a_token_that_is_replaced_already_refreshes_nothing() -> None:
    refresh = Refresher()
    TokenRefresh(refresh).now(session(900, 900), "an older one")
    assert refresh.count == 0


def test_a_failed_refresh_is_not_tried_before_every_request() -> None:
    refresh = Refresher(wait=inf)
    refresh.let.set()
    renewal, old = TokenRefresh(refresh), session(-1, 900)
    for _ in range(5):
        renewal.before(old)
    assert refresh.count == 1


@pytest.mark.parametrize("by_401", [False, True], ids=["before a request", "after a 401"])
def test_a_postponed_refresh_is_tried_again_when_the_target_says(
    by_401: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = perf_counter_ns()
    clock = [began]
    monkeypatch.setattr("load.engine.token_refresh.perf_counter_ns", lambda: clock[0])
    refresh = Refresher(wait=3)
    refresh.let.set()
    renewal, old = TokenRefresh(refresh), session(-1, 900)
    tried = []
    for seconds in (0, 1, 2.9, 3.1, 4):
        clock[0] = began + round(seconds * SECOND)
        if by_401:
            renewal.now(old, old.access)
        else:
            renewal.before(old)
        tried.append(refresh.count)
        assert renewal.why_ended(old)
    assert tried == [1, 1, 1, 2, 2]
    clock[0], refresh.wait = began + 9 * SECOND, 0
    renewal.now(old, old.access)
    assert old.access == "new 3" and not renewal.why_ended(old)
