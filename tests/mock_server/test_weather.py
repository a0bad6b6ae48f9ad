"""Late, torn and missing answers: planned without waiting, delivered without a clock, and once on a real socket."""

from __future__ import annotations

import asyncio
import http.client
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.faults import CATALOGUE
from mock_server.faults.delivery import Broken, deliver
from mock_server.faults.plan import Plan
from mock_server.message import Response
from mock_server.serve import SERVERS

from .inside import inside
from .process import running

Seen = list[tuple[int, Plan]]


def requests(count: int, *faults: str) -> Seen:
    api = inside()
    api.access("demo")  # which does not count
    api.server.faults.set(faults)
    seen = []
    for _ in range(count):
        status = api.get("/content/items/welcome").status
        seen.append((status, api.server.faults.plan))
    return seen


def delays(seen: Seen) -> list[float]:
    return [plan.delay for _, plan in seen]


def statuses(seen: Seen) -> list[int]:
    return [status for status, _ in seen]


def some(wanted: Callable[[int, Plan], bool]) -> Callable[[Seen], bool]:
    """Some of the requests, but not all, and not only at the beginning."""
    return lambda seen: 0 < sum(wanted(*one) for one in seen) < len(seen)


EXPECTED: dict[str, tuple[str, Callable[[Seen], bool]]] = {
    "latency": ("", lambda s: delays(s) == [0.25] * 100),
    "latency-jitter": ("", lambda s: len(set(delays(s))) > 90 and min(delays(s)) >= 0 and max(delays(s)) <= 0.5),
    "latency-tail": ("rate=0.1", lambda s: set(delays(s)) == {0.0, 1.0} and 2 <= delays(s).count(1.0) <= 25),
    "latency-cold": ("requests=10", lambda s: delays(s) == [0.5] * 10 + [0.0] * 90),
    "latency-growth": ("us=1000,most=50", lambda s: delays(s) == [min(n, 50) / 1000 for n in range(100)]),
    "latency-writes": ("", lambda s: delays(s) == [0.0] * 100),
    "latency-by-size": ("", lambda s: min(delays(s)) > 0.01),
    "stall": ("every=10", lambda s: [n for n, (_, p) in enumerate(s) if p.stall] == list(range(9, 100, 10))),
    "outage": ("every=10,length=3", lambda s: statuses(s) == ([200] * 7 + [503] * 3) * 10),
    "outage-without-retry-after": ("every=10,length=1", lambda s: statuses(s) == ([200] * 9 + [503]) * 10),
    "error-500": ("rate=0.2", some(lambda status, plan: status == 500 and not plan.fails)),
    "error-500-after": ("rate=0.2", some(lambda status, plan: status == 500 and plan.fails)),
    "error-429": ("rate=0.2", some(lambda status, plan: status == 429)),
    "reset-before": ("rate=0.2", some(lambda status, plan: status == 500 and plan.reset)),
    "reset-after": ("rate=0.2", some(lambda status, plan: status == 200 and plan.reset)),
    "body-cut": ("rate=0.2", some(lambda status, plan: plan.cut)),
    "body-slow": ("", lambda s: {plan.bytes_per_second for _, plan in s} == {4000}),
    "body-late": ("", lambda s: {plan.first_byte for _, plan in s} == {0.5}),
}  # fmt: skip


def test_every_weather_fault_is_expected_below() -> None:
    assert set(EXPECTED) == {fault.name for fault in CATALOGUE.values() if fault.family == "weather"}


@pytest.mark.parametrize("fault", EXPECTED)
def test_weather_strikes_as_it_says(fault: str) -> None:
    parameters, expected = EXPECTED[fault]
    assert expected(requests(100, f"{fault}:{parameters}" if parameters else fault))
    assert requests(3) == [(200, Plan())] * 3


def test_writes_only_are_late_where_only_writes_should_be() -> None:
    api = inside(faults=("latency-writes:ms=40",))
    api.create()
    assert api.server.faults.plan.delay == 0.04


@pytest.mark.parametrize(("fault", "applied"), [("error-500", False), ("error-500-after", True), ("reset-before", False), ("reset-after", True)])  # fmt: skip
def test_what_is_told_to_have_failed_is_applied_or_not(fault: str, applied: bool) -> None:
    api = inside(faults=(f"{fault}:rate=1,operation=createContentItem",))
    before = api.get("/content/items").data["pagination"]["total"]
    api.post("/content/items", {"title": "One"})
    assert api.get("/content/items").data["pagination"]["total"] == before + applied


@pytest.mark.parametrize(("fault", "told"), [("outage", "1"), ("outage-without-retry-after", None)])
def test_an_outage_says_when_to_come_back(fault: str, told: str | None) -> None:
    answer = inside(faults=(f"{fault}:every=1,length=1",)).get("/content/items", user=None)
    assert answer.status == 503 and answer.code == "UNAVAILABLE"
    assert answer.headers.get("retry-after") == told


@pytest.mark.parametrize("fault", ["latency", "error-429", "stall", "outage", "body-slow"])
def test_weather_marks_what_it_touches(fault: str) -> None:
    given = {"stall": "every=1", "outage": "every=1,length=1", "error-429": "rate=1"}.get(fault, "")
    api = inside(faults=(f"{fault}:{given}" if given else fault,), mark_faults=True)
    assert api.get("/content/items", user=None).headers["x-fault-id"] == fault
    quiet = inside(faults=("stall:every=2",), mark_faults=True)
    marks = [quiet.get("/content/items", user=None).headers.get("x-fault-id") for _ in range(4)]
    assert marks == [None, "stall", None, "stall"]


# Delivery


class Wire:
    """An ASGI `send` that notes what is sent and what is waited for, in order."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def send(self, event: Any) -> None:
        self.events.append(event.get("status") or event["body"])

    async def sleep(self, seconds: float) -> None:
        self.events.append(f"sleeps {seconds:g}")

    def stall(self, seconds: float) -> None:
        self.events.append(f"stalls {seconds:g}")


@pytest.mark.parametrize(
    ("plan", "events"),
    [
        pytest.param(Plan(), [200, b"abcdefgh"], id="calm"),
        pytest.param(Plan(delay=0.5), ["sleeps 0.5", 200, b"abcdefgh"], id="late"),
        pytest.param(Plan(stall=2), ["stalls 2", 200, b"abcdefgh"], id="stall"),
        pytest.param(Plan(first_byte=1), [200, "sleeps 1", b"abcdefgh"], id="late body"),
        pytest.param(
            Plan(bytes_per_second=80),
            [200, b"abcd", "sleeps 0.05", b"efgh", "sleeps 0.05", b""],
            id="slow body",
        ),
    ],
)
def test_a_plan_is_carried_out_in_order(plan: Plan, events: list[Any]) -> None:
    wire = Wire()
    response = Response(200, [], b"abcdefgh")
    asyncio.run(deliver(plan, response, wire.send, head=False, sleep=wire.sleep, stall=wire.stall))
    assert wire.events == events
    assert response.header(b"content-length") == b"8"


@pytest.mark.parametrize(
    ("plan", "events"), [(Plan(reset=True), []), (Plan(cut=True), [200, b"abcd"])], ids=["reset", "cut"]
)
def test_a_broken_connection_is_never_an_answer(plan: Plan, events: list[Any]) -> None:
    wire = Wire()
    with pytest.raises(Broken):
        asyncio.run(deliver(plan, Response(200, [], b"abcdefgh"), wire.send, head=False))
    assert wire.events == events


@pytest.mark.parametrize("by", SERVERS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset-before:rate=1", ConnectionResetError),
        ("reset-after:rate=1", ConnectionResetError),
        ("body-cut:rate=1", http.client.IncompleteRead),
    ],
)
def test_connections_break_on_a_real_socket(fault: str, error: type[Exception], by: str) -> None:
    with running("--fault", fault, "--server", by) as server:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=10)
        try:
            connection.request("GET", "/content/items")
            with pytest.raises(error):
                connection.getresponse().read()
        finally:
            connection.close()
