"""The fan-out: what it says of each planted defect, who is waited for, and whole runs as a user starts them."""

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import gevent
import pytest

from contracts.run import Run, parse
from contracts.run.histogram import Histogram
from contracts.verdict import Grade
from load.engine.recorder import LoadRecorder
from load.http.target import parse as parse_target
from load.journeys.data_pool import KnownItem, LoginSession
from load.realtime.websocket import Endpoint
from load.results.run_outputs import Outputs
from load.runs.sockets.fanout_sockets import EventDeliveries, FanOutSockets
from load.runs.sockets.fanout_verdicts import FanOutPlan, FanOutResult, Staleness, judge, steady
from load.runs.sockets.held_sockets import HeldSockets, held_verdicts
from load.runs.sockets.write_fanout import APART, FanOutRun
from tests.fork_server import reference_server
from tests.load.recorded import MS, SPEC, THRESHOLDS, recorded

ROOT = Path(__file__).resolve().parents[3]
Locust = Callable[..., tuple[int, str, str]]


def outcome_of(
    *,
    deliveries: dict[int, EventDeliveries] | None = None,
    stale: tuple[str, ...] = (),
    written: tuple[int, ...] = (2,),
    read: int = 3,
) -> FanOutResult:
    """Three sockets and one write, of which all three heard."""
    everybody = {2: EventDeliveries(at={0: 1, 1: 1, 2: 1})}
    return FanOutResult(
        clients=3, written=written, deliveries=everybody if deliveries is None else deliveries, lost={}, stale=stale,
        staleness=Staleness(Histogram(), Histogram.of([5 * MS] * read)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "red"),
    [
        pytest.param(outcome_of(), {}, id="clean"),
        pytest.param(outcome_of(deliveries={2: EventDeliveries(at={0: 1, 2: 1})}), {"fanout.told": "FAIL"}, id="one never heard"),
        pytest.param(outcome_of(deliveries={2: EventDeliveries(at={0: 1, 1: 1, 2: 1}, again=Counter({1: 1}))}), {"fanout.once": "FAIL"}, id="one heard twice"),
        pytest.param(outcome_of(stale=("version 1 after the event of version 2",)), {"fanout.fresh": "FAIL"}, id="an old version"),
        pytest.param(outcome_of(written=(), deliveries={}, read=0), {"fanout.told": "UNKNOWN", "fanout.once": "UNKNOWN", "fanout.fresh": "UNKNOWN"}, id="no write"),
    ],
)  # fmt: skip
def test_each_defect_turns_its_check(found: FanOutResult, red: dict[str, str]) -> None:
    verdicts = judge(SPEC, found, LoadRecorder(THRESHOLDS), 0.1, b"")
    told = {v.check: v.grade.name for v in verdicts if v.check.startswith("fanout.")}
    assert {check: grade for check, grade in told.items() if grade != "PASS"} == red
    assert set(told) == {"fanout.told", "fanout.once", "fanout.fresh"}


def late(milliseconds: int) -> LoadRecorder:
    return recorded(400, every=0, late=400, late_ms=milliseconds)


@pytest.mark.parametrize(
    ("lateness", "cpu", "grade"),
    [
        pytest.param(60, 0.2, Grade.PASS, id="sent within half of the threshold"),
        pytest.param(120, 0.2, Grade.UNKNOWN, id="too few to make each other late"),
        pytest.param(60, 0.95, Grade.UNKNOWN, id="our CPU"),
    ],
)
def test_many_sockets_may_be_late_but_not_few(lateness: int, cpu: float, grade: Grade) -> None:
    found = judge(SPEC, outcome_of(), late(lateness), cpu, b"")
    assert {v.subject: v.grade for v in found if v.check == "objective"}["getContentItem"] is grade
    assert bool(steady(late(lateness), cpu).blind) is (grade is Grade.UNKNOWN)


def test_only_events_of_the_item_are_heard_and_each_once() -> None:
    asked: list[tuple[int, int]] = []
    where = Endpoint(address=("127.0.0.1", 1), host="x", path="/ws")
    screens = FanOutSockets(where, 2, "mine", lambda socket, version, now: asked.append((socket, version)))
    for socket, data in (
        (0, {"contentId": "mine", "version": 2}),
        (0, {"contentId": "other", "version": 9}),
        (1, {"contentId": "mine", "version": 2}),
        (0, {"contentId": "mine", "version": 2}),
        (0, {"contentId": "mine"}),
    ):
        screens.received(socket, {"type": "content_updated", "data": data})
    screens.received(0, {"type": "heartbeat_response", "data": {"contentId": "mine", "version": 3}})
    screens.wait(lambda: not screens.refetching, 5)
    assert asked == [(0, 2), (1, 2)]
    assert set(screens.deliveries) == {2} and screens.deliveries[2].again == Counter({0: 1})


def fan_out() -> FanOutRun:
    target = parse_target("http://127.0.0.1:1", prefix="/api")
    run = FanOutRun(SPEC, target, FanOutPlan(clients=0), report=lambda *told: None, outputs=Outputs())
    run.executor.data_pool.callers = [LoginSession("s", "t", "r", expires=1 << 62)]
    run.executor.data_pool.by_state["working"].append(KnownItem("mine", 1))
    run.sockets = FanOutSockets(run._endpoint(), 0, "mine", run._refetch)
    return run


@pytest.mark.parametrize("behind", [0.0, 0.1, 1.0])
def test_the_time_that_an_event_lay_unread_is_part_of_the_spread(
    behind: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fan_out()
    slept: list[float] = []
    dues: list[int] = []
    monkeypatch.setattr(gevent, "sleep", slept.append)
    monkeypatch.setattr(run, "_deliver", lambda name, draft, due: dues.append(due))
    came = perf_counter_ns() - round(behind * 1e9)
    run._refetch(0, 2, came)
    assert came <= dues[0] == dues[1] <= came + APART * 1e9
    assert sum(slept) <= max(0, (dues[0] - came) / 1e9 - behind)


def test_while_it_sends_no_collection_walks_what_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    run, frozen = fan_out(), []
    monkeypatch.setattr(run, "_write", lambda due: frozen.append(gc.get_freeze_count()))
    run._play()
    assert min(frozen) > 0 == gc.get_freeze_count()


def test_the_plan_says_what_it_does() -> None:
    assert (
        FanOutPlan(clients=5, rate=2, seconds=3).words == "6 writes, 2/s, 5 sockets that read again, seed 1"
    )


def loaded_run(path: Path) -> Run:
    return parse(path.read_bytes(), name=path.name)


def test_every_write_is_read_again_by_every_socket(server: int, locust: Locust, tmp_path: Path) -> None:
    out, calls = tmp_path / "run.json", tmp_path / "history.ndjson"
    code, _, err = locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario", "write-fanout", "--clients", "7", "--rate", "4",
        "--duration", "1", "--run-out", str(out), "--history-out", str(calls),
    )  # fmt: skip
    assert (code, err) == (2, "")  # 28 reads prove no objective
    (loaded,) = loaded_run(out).loads
    done = {row.operation: row.answered for row in loaded.operations if row.answered}
    assert done == {"updateContentItem": 4, "getContentItem": 28, "getContentItems": 28}
    grades = {verdict.check: verdict.grade for verdict in loaded.verdicts if verdict.check != "objective"}
    assert set(grades.values()) - {"ADVISORY"} == {"PASS"}, grades
    assert calls.read_bytes().count(b'"getContentItem"') == 28


@pytest.mark.parametrize(
    ("fault", "red"),
    [
        ("read-stale:every=2", "fanout.fresh"),
        ("ws-event-lost:every=3", "fanout.told"),
        ("ws-event-doubled:every=3", "fanout.once"),
    ],
)
def test_a_fault_of_the_server_turns_its_check(fault: str, red: str, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with reference_server("--items", "20", "--fault", fault) as faulty:
        code, _, _ = locust(
            "--host", faulty.url, "--scenario", "write-fanout", "--clients", "5", "--rate", "4", "--duration", "1",
            "--run-out", str(out),
        )  # fmt: skip
    assert code == 1
    (loaded,) = loaded_run(out).loads
    found = {v.check for v in loaded.verdicts if v.check.startswith("fanout.") and v.grade == "FAIL"}
    assert found == {red}


@pytest.mark.parametrize(
    ("told", "grades"),
    [
        pytest.param([{"open": 3, "missing": 0, "due": 6}, {"open": 2, "missing": 0, "due": 4}], ("PASS", "PASS"), id="all"),
        pytest.param([{"open": 4, "lost": {"closed with 1006": 1}, "missing": 0, "due": 5}], ("FAIL", "PASS"), id="one lost"),
        pytest.param([{"open": 5, "missing": 2, "due": 10}], ("PASS", "FAIL"), id="events missing"),
        pytest.param([{"open": 5, "missing": 0, "due": 0}], ("PASS", "UNKNOWN"), id="nothing written"),
        pytest.param([{"open": 3, "missing": 0, "due": 3}], ("UNKNOWN", "PASS"), id="stopped before all came"),
    ],
)  # fmt: skip
def test_held_sockets_are_judged_together(told: list[dict[str, Any]], grades: tuple[str, str]) -> None:
    assert tuple(verdict.grade.name for verdict in held_verdicts(5, told)) == grades


@pytest.mark.parametrize("sockets", [FanOutSockets(None, 1, "i", None), HeldSockets(None, None, ())])  # type: ignore[arg-type]
def test_the_reason_of_a_lost_socket_does_not_say_who_closed_it(sockets: FanOutSockets | HeldSockets) -> None:
    sockets.flawed(0, "sends a message that is no JSON object")
    sockets.closed(0, True, 1001)
    sockets.closed(1, True, 1000)
    assert sockets.lost == {
        "closed with 1001; the server sends a message that is no JSON object": 1,
        "closed with 1000": 1,
    }


@pytest.mark.parametrize(
    ("lost", "blind", "grade"),
    [
        ({"never opened": 2}, "", "FAIL"),
        ({"never opened": 2}, "the load generator was saturated", "UNKNOWN"),
        ({"never opened": 1, "closed with 1006": 1}, "the load generator was saturated", "FAIL"),
    ],
)
def test_what_a_saturated_generator_gave_up_is_not_the_targets(
    lost: dict[str, int], blind: str, grade: str
) -> None:
    held, _ = held_verdicts(5, [{"open": 3, "lost": lost, "missing": 0, "due": 3}], blind)
    assert held.grade.name == grade


def test_sockets_are_held_by_two_processes(
    server: int, locust: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario", "sockets", "--clients", "41", "--ramp", "1", "--rate", "4",
        "--duration", "5", "--processes", "2", "--run-out", str(out),
    )  # fmt: skip
    (load,) = parse(out.read_bytes(), name=out.name).loads
    rows, told = {row.operation: row for row in load.operations}, {v.check: v for v in load.verdicts}
    assert (rows["ws.connect"].answered, rows["ws.connect"].errors) == (41, 0)
    assert rows["ws.event"].answered >= told["sockets.delivered"].evidence["due"] > 100
    assert (told["sockets.held"].grade, told["sockets.delivered"].grade, told["ledger"].grade) == (
        "PASS",
        "PASS",
        "PASS",
    )
    assert {v.subject for v in load.verdicts if v.check == "objective"} == {
        "ws.connect",
        "ws.event",
        "ws.heartbeat",
    }
