"""A person's line, told by hand what its sockets do: what is counted, what remembered, and what is nobody's failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import gevent
import pytest

from contracts.checkers import judge
from contracts.history import Call, Outcome, decode
from contracts.spec import load
from contracts.verdict import Grade
from load.engine.in_flight import RequestTracker, StatisticsRow, thresholds
from load.engine.recorder import LoadRecorder
from load.realtime import realtime_client
from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import Abort, Message, Start, Submitted
from load.realtime.policies.reconnect_policies import make
from load.results.judging import health
from load.virtual_users.realtime_session import OVERDUE, RealtimeSession
from load.virtual_users.user_verdicts import verdicts

SPEC = load()


class Wire:
    """What a WebSocket looks like to its client."""

    def __init__(self, number: int, dial: Any, listener: Any) -> None:
        self.is_open = False
        self.sent: list[Message] = []
        self.ended: list[str] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def close(self, code: int) -> None:
        self.ended.append(f"close {code}")

    def abort(self) -> None:
        self.ended.append("abort")


@pytest.fixture(autouse=True)
def wires(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(realtime_client, "WebSocket", Wire)
    with gevent.Timeout(20):
        yield


class Bench:
    def __init__(self, policy: str = "guide-fixed", acknowledged: int | None = 0) -> None:
        self.reported: list[tuple[str, str]] = []
        self.handled: list[Mapping[str, Any]] = []
        self.tally: Counter[str] = Counter()
        self.recorder = LoadRecorder(thresholds(SPEC))
        self.tracker = RequestTracker(SPEC, self.recorder, self._report)
        self.line = RealtimeSession(
            make(policy, Timing(), Random(1)), lambda: None, lambda client, since: None,  # type: ignore[arg-type, return-value]
            name="p", tracker=self.tracker, tally=self.tally, subscriptions={"content_updated": self.handled.append},
            acknowledged=lambda item, version, now: acknowledged,
        )  # fmt: skip
        self.line.feed(Start())
        self.socket = next(iter(self.line.connections))

    def _report(self, what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
        self.reported.append((what.label, wrong))

    def opened(self) -> Bench:
        self.line.opened(self.socket)
        return self

    def beat(self, *stamps: int) -> Bench:
        for stamp in stamps:
            self.line.feed(Submitted({"type": "heartbeat", "data": {"timestamp": stamp}}))
        return self

    def says(self, kind: str, **data: Any) -> Bench:
        self.line.received(self.socket, {"type": kind, "data": data})
        return self

    def event(self, version: int) -> Bench:
        action = "created" if version == 1 else "updated"
        return self.says("content_updated", contentId="i", version=version, action=action, updatedAt="t")

    @property
    def statuses(self) -> dict[str, dict[str, int]]:
        return {name: dict(tally.statuses) for name, tally in self.recorder.tallies.items()}

    @property
    def history(self) -> list[Call]:
        return [decode(line) for line in self.tracker.history]


@pytest.mark.parametrize(
    ("happens", "statuses"),
    [
        pytest.param(lambda b: b.opened(), {"ws.connect": {"101": 1}}, id="opened"),
        pytest.param(lambda b: b.line.refused(b.socket, 401), {"ws.connect": {"error:401": 1}}, id="refused"),
        pytest.param(lambda b: b.line.refused(b.socket, None), {"ws.connect": {"error:no answer": 1}}, id="no answer"),
        pytest.param(lambda b: b.line.perform[Abort](Abort(b.socket)), {"ws.connect": {"error:timeout": 1}}, id="too slow"),
        pytest.param(lambda b: b.line.overdue(1 << 62), {"ws.connect": {"error:timeout": 1}}, id="never answered"),
        pytest.param(lambda b: b.line.overdue(OVERDUE // 2), {}, id="not answered yet"),
        pytest.param(lambda b: b.line.leave(), {}, id="we left before"),
    ],
)  # fmt: skip
def test_a_connect(happens: Callable[[Bench], object], statuses: dict[str, dict[str, int]]) -> None:
    bench = Bench()
    happens(bench)
    assert bench.statuses == statuses
    assert bench.recorder.planned == bench.recorder.requests == bench.recorder.done == len(statuses)
    assert not bench.line.waiting or not statuses
    bench.line.leave()


@pytest.mark.parametrize(
    ("happens", "statuses"),
    [
        pytest.param(lambda b: b.beat(7).says("heartbeat_response", timestamp=1, echo=7), {"200": 1}, id="by echo"),
        pytest.param(lambda b: b.beat(7).says("heartbeat_response", timestamp=1), {"200": 1}, id="without one"),
        pytest.param(
            lambda b: b.beat(7, 8).says("heartbeat_response", echo=8).says("heartbeat_response", echo=7),
            {"200": 2}, id="in any order",
        ),
        pytest.param(lambda b: b.beat(7).says("heartbeat_response", echo=6), None, id="another's"),
        pytest.param(lambda b: b.says("heartbeat_response", echo=6), None, id="nobody asked"),
        pytest.param(lambda b: b.beat(7).line.closed(b.socket, False, 1006), {"error:cut": 1}, id="cut"),
        pytest.param(lambda b: b.beat(7).line.overdue(1 << 62), {"error:timeout": 1}, id="never answered"),
        pytest.param(lambda b: b.beat(7).line.overdue(OVERDUE // 2), None, id="not answered yet"),
        pytest.param(lambda b: b.beat(7).line.leave(), None, id="we left"),
    ],
)  # fmt: skip
def test_a_heartbeat(happens: Callable[[Bench], object], statuses: dict[str, int] | None) -> None:
    bench = Bench().opened()
    happens(bench)
    assert bench.statuses.get("ws.heartbeat") == statuses
    bench.line.leave()


@pytest.mark.parametrize(
    ("acknowledged", "timed"), [pytest.param(0, 1, id="our own"), pytest.param(None, 0, id="somebody else's")]
)
def test_an_event(acknowledged: int | None, timed: int) -> None:
    bench = Bench(acknowledged=acknowledged).opened().event(2)
    assert bench.statuses.get("ws.event", {}).get("200", 0) == timed
    assert [data["version"] for data in bench.handled] == [2]
    call = bench.history[-1]
    assert (call.operation, call.facts["socket"], call.facts["version"]) == ("socket.event", "p.1", 2)
    bench.line.leave()


def write(version: int, at: int) -> Call:
    return Call(
        client="w", operation="createContentItem" if version == 1 else "updateContentItem", due=at, sent=at, done=at,
        outcome=Outcome.OK, facts={"item": "i", "version": version, "at": "t", **({"base": version - 1} if version > 1 else {})},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("versions", "grade"),
    [
        pytest.param((1, 2, 3), Grade.PASS, id="each once, in order"),
        pytest.param((1, 3), Grade.FAIL, id="one is left out"),
        pytest.param((1, 2, 2, 3), Grade.FAIL, id="one came twice"),
        pytest.param((1, 3, 2), Grade.FAIL, id="out of order"),
    ],
)
def test_the_checkers_judge_what_the_line_remembers(versions: tuple[int, ...], grade: Grade) -> None:
    bench = Bench().opened()
    opened = bench.history[0].done
    assert opened is not None
    for version in versions:
        bench.event(version)
    writes = [write(version, opened + 1) for version in (1, 2, 3)]
    (verdict,) = judge((*writes, *bench.history), checks=("events",))
    assert verdict.grade is grade, verdict.reason
    bench.line.leave()


@pytest.mark.parametrize("policy", ["guide-documented", "guide-as-written", "guide-fixed"])
def test_who_leaves_closes_and_schedules_nothing_more(policy: str) -> None:
    bench = Bench(policy).opened()
    wire: Any = bench.line.connections[bench.socket]
    bench.line.leave()
    assert "close 1000" in wire.ended
    assert [call.operation for call in bench.history] == ["socket.open", "socket.close"]
    bench.line.closed(bench.socket, False, 1006)
    assert not bench.line.alarms and not bench.line.connections
    assert len(bench.history) == 2 and bench.tally["connects"] == 1


@pytest.mark.parametrize(
    ("flaws", "grade"),
    [((), Grade.PASS), (("breaks RFC 6455 (masked)", "breaks RFC 6455 (masked)"), Grade.FAIL)],
)
def test_what_breaks_the_protocol_fails_the_run(flaws: tuple[str, ...], grade: Grade) -> None:
    """Sockets that the target's frames ended were counted as closed, and the run was UNKNOWN for want of events."""
    bench = Bench().opened()
    for reason in flaws:
        bench.line.flawed(bench.socket, reason)
    reports = [{"people": {}, "lines": {"guide-fixed": bench.tally}}] * 2
    found = {one.check: one for one in verdicts(reports, bench.recorder, health(bench.recorder, None))}
    assert found["realtime.protocol"].grade is grade
    assert not flaws or found["realtime.protocol"].reason == "a socket breaks RFC 6455 (masked) (4 x)"


def test_a_quiet_line_tries_nothing_more() -> None:
    bench = Bench().opened()
    bench.line.hush()
    bench.line.closed(bench.socket, False, 1006)
    assert not bench.line.alarms and bench.tally["connects"] == 1
