"""The performance monitor: when it flushes, and what becomes of a flush (S:1790-1835)."""

import pytest

from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL, LIMIT, Metric, Monitor
from load.virtual_users.guide.profile import PROFILES
from tests.load.virtual_users.guide_stage import Stage
from tests.load.virtual_users.scripted_server import RequestFate

EXACT = PROFILES["guide-exact"]


def click(at: float = 0.0) -> Metric:
    return Metric("user_interaction", 1, at)


@pytest.mark.parametrize(
    ("profile", "status", "lost", "kept"),
    [
        *(
            pytest.param("guide-exact", s, 10, 0, id=f"exact {s} S:1806")
            for s in (400, 401, 413, 429, 500, 503)
        ),
        *(
            pytest.param("guide-intended", s, 0, 10, id=f"intended {s}")
            for s in (400, 401, 413, 429, 500, 503)
        ),
        pytest.param("guide-exact", 202, 0, 0, id="accepted"),
        pytest.param("guide-exact", None, 0, 10, id="network error S:1820-1828"),
    ],
)
def test_what_a_flush_leaves(profile: str, status: int | None, lost: int, kept: int) -> None:
    monitor = Monitor(PROFILES[profile])
    for _ in range(10):
        monitor.record(click())
    assert len(monitor.take(1)) == 10
    monitor.flushed(1, status, now=1.0)
    assert (monitor.lost, len(monitor.buffer)) == (lost, kept)


@pytest.mark.parametrize(("age", "kept"), [(299.9, 1), (300.0, 0), (301.0, 0)])
def test_only_what_is_younger_than_five_minutes_is_put_back(age: float, kept: int) -> None:
    monitor = Monitor(EXACT, [click(0.0)])
    monitor.take(1)
    monitor.flushed(1, None, now=age)
    assert (len(monitor.buffer), monitor.lost) == (kept, 1 - kept)


def test_what_is_put_back_stands_in_front() -> None:
    monitor = Monitor(EXACT, [click(1.0)])
    monitor.take(1)
    monitor.record(click(2.0))
    monitor.flushed(1, None, now=3.0)
    assert [metric.at for metric in monitor.buffer] == [1.0, 2.0]


def test_a_thousand_flush_and_999_do_not() -> None:
    monitor = Monitor(EXACT)
    assert [monitor.record(click()) for _ in range(LIMIT)] == [False] * (LIMIT - 1) + [True]


def test_after_a_put_back_over_the_limit_every_record_is_a_flush() -> None:
    stage = Stage()
    handle = stage.enter(login=False)
    stage.fate = lambda request, now: RequestFate(acts=False)
    for _ in range(LIMIT):
        handle.clock.do(handle.client, handle.client.record(click(stage.clock.now), stage.clock.now))
    handle.clock.settle()
    before = len(stage.sent("ingestMetrics"))
    for _ in range(20):
        handle.do(handle.client.record(click(stage.clock.now), stage.clock.now))
    assert (before, len(stage.sent("ingestMetrics")) - before) == (1, 20)


@pytest.mark.parametrize(
    ("seconds", "names"),
    [
        pytest.param(0.2, ["api_request_duration"], id="200 ms is within"),
        pytest.param(0.2001, ["api_request_duration", "constitutional_violation"], id="strictly over S:1660"),
    ],
)
def test_a_call_over_the_budget_is_two_measurements(seconds: float, names: list[str]) -> None:
    assert [m.name for m in Monitor(EXACT).measured("GET", "/api/x", 200, seconds, 0.0)] == names


def test_the_flush_of_a_logged_out_page_says_undefined() -> None:
    stage = Stage()
    handle = stage.enter(login=False)
    handle.do(handle.client.record(click(stage.clock.now), stage.clock.now))
    handle.wait(INTERVAL)
    (sent,) = [logged for logged in stage.server.log if logged.request.operation == "ingestMetrics"]
    assert (sent.request.headers["authorization"], sent.status) == ("Bearer undefined", 401)
    assert sent.request.body["metrics"][0]["tags"] == {} and "userId" not in sent.request.body["session"]


@pytest.mark.parametrize("platform", ["ios", "android"])
def test_mobile_clients_have_no_monitor(platform: str) -> None:
    stage = Stage()
    stage.enter(platform).wait(INTERVAL * 3)
    assert stage.sent("ingestMetrics") == []
