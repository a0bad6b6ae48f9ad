"""Late, torn and missing answers: planned without waiting, delivered without a clock, and once on a real socket."""

import asyncio
import contextlib
import http.client
import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.faults import CATALOGUE
from mock_server.faults.delivery import Broken, DeliveryPlan, deliver, pause
from mock_server.message import HttpResponse
from mock_server.servers.serve import SERVERS
from tests.fork_server import reference_server
from tests.waiting import HANG

from .inside import inside

Seen = list[tuple[int, DeliveryPlan]]


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


def some(wanted: Callable[[int, DeliveryPlan], bool]) -> Callable[[Seen], bool]:
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


def test_every_delivery_fault_is_expected_below() -> None:
    assert set(EXPECTED) == {fault.name for fault in CATALOGUE.values() if fault.family == "delivery"}


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_delivery_fault_does_what_it_says(fault: str) -> None:
    parameters, expected = EXPECTED[fault]
    assert expected(requests(100, f"{fault}:{parameters}" if parameters else fault))
    assert requests(3) == [(200, DeliveryPlan())] * 3


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
def test_a_delivery_fault_marks_what_it_touches(fault: str) -> None:
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
        pytest.param(DeliveryPlan(), [200, b"abcdefgh"], id="calm"),
        pytest.param(DeliveryPlan(delay=0.5), ["sleeps 0.5", 200, b"abcdefgh"], id="late"),
        pytest.param(DeliveryPlan(stall=2), ["stalls 2", 200, b"abcdefgh"], id="stall"),
        pytest.param(DeliveryPlan(first_byte=1), [200, "sleeps 1", b"abcdefgh"], id="late body"),
        pytest.param(
            DeliveryPlan(bytes_per_second=80),
            [200, b"abcd", "sleeps 0.05", b"efgh", "sleeps 0.05", b""],
            id="slow body",
        ),
    ],
)
def test_a_plan_is_carried_out_in_order(plan: DeliveryPlan, events: list[Any]) -> None:
    wire = Wire()
    response = HttpResponse(200, [], b"abcdefgh")
    asyncio.run(deliver(plan, response, wire.send, head=False, sleep=wire.sleep, stall=wire.stall))
    assert wire.events == events
    assert response.header(b"content-length") == b"8"


@pytest.mark.parametrize("early", [0.0, 0.000_02, 0.001, 0.059])
def test_an_answer_is_never_earlier_than_planned(early: float) -> None:
    """Whoever measures a target's delay relies on it, and an event loop's timer may end early."""
    now = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += max(seconds - early, 0.000_01)

    asyncio.run(pause(0.06, sleep=sleep, clock=lambda: now))
    assert 100.06 <= now < 100.061


@pytest.mark.parametrize(
    ("plan", "events"),
    [(DeliveryPlan(reset=True), []), (DeliveryPlan(cut=True), [200, b"abcd"])],
    ids=["reset", "cut"],
)
def test_a_broken_connection_is_never_an_answer(plan: DeliveryPlan, events: list[Any]) -> None:
    wire = Wire()
    with pytest.raises(Broken):
        asyncio.run(deliver(plan, HttpResponse(200, [], b"abcdefgh"), wire.send, head=False))
    assert wire.events == events


class Line:
    """A wire whose client has gone, or goes while an answer waits."""

    outside = False

    def __init__(self, *gone: bool) -> None:
        self._gone = [*gone]

    def gone(self) -> bool:
        return self._gone.pop(0)

    def abort(self) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("line", "events"),
    [
        pytest.param(Line(True, True), ["gone", 200, b"abcdefgh"], id="gone"),
        pytest.param(Line(False, True), ["sleeps 0.005", "gone", 200, b"abcdefgh"], id="goes"),
        pytest.param(Line(False, False), ["sleeps 0.005", 200, b"abcdefgh"], id="waits"),
        pytest.param(None, [200, b"abcdefgh"], id="nobody-can-tell"),
    ],
)
def test_what_is_wanted_when_a_client_has_gone_is_done_before_the_answer(
    line: Line | None, events: list[Any]
) -> None:
    wire = Wire()
    plan = DeliveryPlan(gone=lambda: wire.events.append("gone"))
    asyncio.run(
        deliver(plan, HttpResponse(200, [], b"abcdefgh"), wire.send, head=False, wire=line, sleep=wire.sleep)
    )
    assert wire.events == events


def test_a_create_whose_client_has_gone_leaves_its_key_unused() -> None:
    api = inside(faults=("gone-client-key-unused",))
    first = api.post("/content/items", {"title": "One"}, idempotency_key="k").data["id"]
    gone = api.server.faults.plan.gone
    assert api.post("/content/items", {"title": "One"}, idempotency_key="k").data["id"] == first
    assert gone is not None
    gone()
    assert api.post("/content/items", {"title": "One"}, idempotency_key="k").data["id"] != first
    api.post("/content/items", {"title": "Two"})
    assert api.server.faults.plan.gone is None, "without a key there is nothing to forget"


def test_an_update_whose_client_has_gone_is_stored_without_its_version() -> None:
    api = inside(faults=("gone-client-without-version",))
    path = f"/content/items/{api.create()['id']}"
    api.put(path, {"version": 1, "title": "Two"})
    assert [version["version"] for version in api.get(f"{path}/versions").data] == [2, 1]
    api.put(path, {"version": 2, "title": "Three"})
    gone = api.server.faults.plan.gone
    assert gone is not None
    gone()
    assert api.get(path).data["version"] == 3
    assert [version["version"] for version in api.get(f"{path}/versions").data] == [2, 1]


@pytest.mark.parametrize("by", SERVERS)
def test_a_client_that_goes_is_seen_on_a_real_socket(by: str) -> None:
    with reference_server("--fault", "gone-client-key-unused", "--server", by) as server:
        place, fields = urllib.parse.urlsplit(server.url).netloc, {"content-type": "application/json"}

        def send(method: str, path: str, document: Any = None, **more: str) -> http.client.HTTPConnection:
            connection = http.client.HTTPConnection(place, timeout=HANG)
            connection.request(method, path, document and json.dumps(document), {**fields, **more})
            return connection

        def asked(method: str, path: str, document: Any = None, **more: str) -> Any:
            with contextlib.closing(send(method, path, document, **more)) as connection:
                return json.loads(connection.getresponse().read())

        login = asked("POST", "/auth/login", {"email": "demo@tchat.com", "password": "demo-password"})
        fields["authorization"] = f"Bearer {login['tokens']['accessToken']}"

        def made(word: str) -> int:
            """Items of a create whose client goes, and comes back twice."""
            creating = ("POST", "/content/items", {"title": word})
            send(*creating, **{"idempotency-key": word}).close()
            again = [asked(*creating, **{"idempotency-key": word})["data"]["id"] for _ in range(2)]
            assert again[0] == again[1], "who waits for the answer has the key kept"
            return int(asked("GET", f"/content/items?search={word}")["data"]["pagination"]["total"])

        # Now and then the second request overtakes the first; then there was no key to leave unused.
        assert any(made(f"zq{number}z") == 2 for number in range(20))


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
    with reference_server("--fault", fault, "--server", by) as server:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=HANG)
        try:
            connection.request("GET", "/content/items")
            with pytest.raises(error):
                connection.getresponse().read()
        finally:
            connection.close()
