"""Counting and judging on ledgers written by hand, so that each number has one cause."""

from dataclasses import replace

import pytest

from contracts.verdict import Grade
from load.realtime.policies.protocol import Notice, Purpose
from load.realtime.realtime_client import Beat, ClientRecord, SeenEvent
from load.realtime.simulation.network import Outage
from load.realtime.simulation.simulator import Simulation
from load.realtime.storm.measurement import heartbeats, measure
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm import unopened
from load.realtime.storm.storm_api import WrittenVersion
from load.realtime.storm.storm_findings import StormEvidence, findings
from load.realtime.storm.storm_record import ObservedClient, StormRecord
from load.realtime.storm.storm_verdicts import StormVerdicts, _of_the_server, judge

DROP, BACK = 100.0, 110.0
BEFORE = (99.0, WrittenVersion(item="c_1", version=2, stamp="s2"))
DURING = (105.0, WrittenVersion(item="c_1", version=3, stamp="s3"))
AFTER = (118.0, WrittenVersion(item="c_1", version=4, stamp="s4"))


def witness(**changes: object) -> ObservedClient:
    """A good client: one failed attempt, back on socket 9 half a second after the return, synced."""
    ledger = ClientRecord(
        connects=[90.0, 101.0, 110.5],
        opened=[90.1, 110.6],
        handshakes=[(90.1, 0.1), (110.6, 0.1)],
        ends=[(DROP, 1, False, 1006)],
        refusals=[(101.0, None)],
        lateness=[0.001, 0.002],
        seen=[SeenEvent(99.1, 1, "c_1", 2), SeenEvent(118.1, 9, "c_1", 4)],
        beats=[Beat(95.0, 1, 7), Beat(112.0, 9, 8)],
        answers=[Beat(95.1, 1, 7), Beat(112.1, 9, 8)],
        syncs=[110.7],
    )
    parts = {name: value for name, value in changes.items() if hasattr(ledger, name)}
    rest = {name: value for name, value in changes.items() if name not in parts}
    good = ObservedClient(
        ledger=replace(ledger, **parts),  # type: ignore[arg-type]
        timers={5: Purpose.HEARTBEAT},
        sockets={9: True},
        dead=frozenset(),
        synced={"c_1": 3},
    )
    return replace(good, **rest)  # type: ignore[arg-type]


def experiment(
    *clients: ObservedClient, policy: str = "guide-fixed", fault: str = "kill", scale: float = 1.0
) -> StormRecord:
    outage = Outage(mode=FAULTS[fault].mode, seconds=(BACK - DROP) / scale, clean=FAULTS[fault].clean)
    return StormRecord(
        policy=policy,
        fault=FAULTS[fault],
        time_scale=scale,
        clients=clients,
        dropped_at=DROP,
        back_at=BACK,
        settled_at=115.0,
        before=[BEFORE],
        during=[DURING],
        after=[AFTER],
        live_after=tuple(frozenset(s for s, is_open in c.sockets.items() if is_open) for c in clients),
        prediction=Simulation(policy, clients=1, outage=outage).run(),
    )


def red(e: StormRecord) -> dict[str, Grade]:
    return {v.check: v.grade for v in judge(e, measure(e)) if v.grade}


def test_a_good_client_in_numbers() -> None:
    m = measure(experiment(witness(), witness()))
    assert (m.counted.recovered, m.counted.attempts, m.counted.sockets) == (2, {2: 2}, {1: 2})
    assert list(m.recovery) == pytest.approx([0.6, 0.6])
    assert m.recovery_from_drop[1.0] == pytest.approx(10.6)
    assert m.handshakes[0.99] == pytest.approx(0.1)
    assert (m.events_missed, m.events_recovered, m.syncs, m.undelivered, m.deliveries_per_client) == (
        2,
        2,
        2,
        0,
        1.0,
    )
    assert (m.peak_connects_100ms, m.peak_first_attempts_100ms) == (2, 2)
    assert m.timeline[0] == [0.0, 0, 0] and m.timeline[10] == [1.0, 0, 2] and m.timeline[-1] == [15.0, 2, 0]
    assert red(experiment(witness(), witness())) == {}


def test_time_scale_divides_what_is_counted_and_not_what_is_measured() -> None:
    m = measure(experiment(witness(), scale=0.5))
    assert list(m.recovery) == pytest.approx([0.6])
    assert m.counted.recovery[1.0] == pytest.approx(1.2)


SLOW = [(110.6, 1.5)]
GAVE_UP = {"sockets": {}, "notices": [(114.0, Notice.CONNECTION_LOST)], "synced": {}, "syncs": []}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"answers": [Beat(95.1, 1, 7)]}, {"realtime.heartbeat"}, id="a heartbeat is never answered"),
        pytest.param({"answers": [Beat(95.1, 1, 7), Beat(113.1, 9, 8)]}, {"realtime.heartbeat"}, id="answered late"),
        pytest.param({"answers": [Beat(95.1, 1, 7), Beat(112.1, 9, 8), Beat(112.2, 9, 8)]}, {"realtime.heartbeat"},
                     id="answered twice"),
        pytest.param({"seen": [SeenEvent(99.1, 1, "c_1", 2)]}, {"realtime.delivery"}, id="an event does not come"),
        pytest.param({"seen": [SeenEvent(118.1, 9, "c_1", 4)]}, {"realtime.delivery"}, id="nor before the drop"),
        pytest.param({"seen": [SeenEvent(118.1, 9, "c_1", 4)], "resyncs": [(99.0, 1)]}, set(),
                     id="sync_required stands in for it"),
        pytest.param({"seen": [SeenEvent(99.1, 1, "c_1", 2), SeenEvent(118.1, 9, "c_1", 4), SeenEvent(118.2, 9, "c_1", 4)]},
                     {"realtime.order"}, id="the same version twice on a socket"),
        pytest.param({"refusals": [(101.0, None), (110.2, 503)]}, {"reconnect.accepted"}, id="refused after return"),
        pytest.param({"refusals": [(101.0, 503)]}, set(), id="refused during the outage"),
        pytest.param({"synced": {"c_1": 2}}, {"reconnect.sync"}, id="sync does not bring the write"),
        pytest.param({"synced": {"c_1": 4}}, set(), id="sync brings a newer version of it"),
        pytest.param({"sync_failures": ("GET /content/sync answered 500",)}, {"reconnect.sync"}, id="sync fails"),
        pytest.param({"sockets": {9: True, 10: True}, "seen": [SeenEvent(99.1, 1, "c_1", 2), SeenEvent(118.1, 9, "c_1", 4),
                      SeenEvent(118.1, 10, "c_1", 4)]}, {"reconnect.sockets"}, id="two sockets"),
        pytest.param({"handshakes": SLOW}, {"reconnect.handshake"}, id="a slow handshake"),
        pytest.param(GAVE_UP, {"reconnect.recovers"}, id="given up"),
        pytest.param({"sockets": {9: False}, "timers": {3: Purpose.RECONNECT}}, {"reconnect.recovers"},
                     id="still trying"),
    ],
)  # fmt: skip
def test_each_defect_turns_its_check_red(changes: dict[str, object], expected: set[str]) -> None:
    found = red(experiment(witness(), witness(**changes)))
    assert set(found) == expected
    assert set(found.values()) <= {Grade.FAIL}


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        pytest.param({"handshakes": SLOW}, Grade.UNKNOWN, id="time proves nothing"),
        pytest.param(
            {"answers": [Beat(95.1, 1, 7), Beat(113.5, 9, 8)]}, Grade.UNKNOWN, id="nor a late answer"
        ),
        pytest.param({"answers": [Beat(95.1, 1, 7)]}, Grade.FAIL, id="but no answer is no answer"),
        pytest.param({"synced": {}}, Grade.FAIL, id="and a lost event is lost"),
    ],
)
def test_a_busy_generator_proves_nothing_about_time(changes: dict[str, object], grade: Grade) -> None:
    busy = witness(lateness=[0.5] * 10, **changes)
    assert list(red(experiment(busy)).values()) == [grade]
    stopped = replace(experiment(witness(**changes)), lag=0.6)
    assert list(red(stopped).values()) == [grade]
    assert set(red(replace(stopped, lag=0.4)).values()) == {Grade.FAIL}


@pytest.mark.parametrize("policy", ["guide-documented", "guide-as-written"])
def test_the_guides_own_failures_are_not_the_servers(policy: str) -> None:
    e = experiment(witness(**GAVE_UP), policy=policy)
    assert red(e) == {}


def test_what_a_cut_takes_along_is_neither_answered_nor_held_against_the_server() -> None:
    cut = witness(beats=[Beat(99.5, 1, 7)], answers=[])
    h = heartbeats([cut], DROP)
    assert (h.sent, h.acknowledged, h.cut, h.unanswered) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("lived", "lag", "grade"),
    [
        pytest.param(1.2, 0.0, Grade.FAIL, id="we were in time"),
        pytest.param(1.2, 0.3, Grade.UNKNOWN, id="we stood still for longer than it was late"),
        pytest.param(9.0, 0.3, Grade.FAIL, id="it had much more time than we took"),
        pytest.param(None, 0.9, Grade.FAIL, id="its socket lives on"),
    ],
)
def test_an_answer_that_a_close_cut_off_may_have_been_late_by_our_delay(
    lived: float | None, lag: float, grade: Grade
) -> None:
    ends = [] if lived is None else [(112.0 + lived, 9, True, 1012)]
    client = witness(beats=[Beat(112.0, 9, 1)], answers=[], ends=ends)
    m = replace(measure(experiment(client)), heartbeats=heartbeats([client], DROP))
    (verdict, *_) = _of_the_server(m, StormVerdicts("a storm", 0.0, lag))
    assert (verdict.check, verdict.grade) == ("realtime.heartbeat", grade)


def test_a_silenced_socket_owes_no_answer() -> None:
    silenced = witness(beats=[Beat(100.5, 1, 7)], answers=[], ends=[(140.0, 1, False, 1006)], silenced={1})
    assert heartbeats([silenced], DROP).unanswered == 0


@pytest.mark.parametrize(
    ("echoes", "expected"),
    [
        pytest.param([1, 2, 3], (3, 0, 0, 0), id="in order"),
        pytest.param([1, 3, 2], (3, 0, 0, 1), id="reordered"),
        pytest.param([1, 2, 3, 3], (3, 0, 1, 0), id="duplicated"),
        pytest.param([1, 3], (2, 1, 0, 0), id="one lost"),
        pytest.param([None, None, None], (3, 0, 0, 0), id="without echo, in order"),
    ],
)
def test_the_ledger_of_heartbeats(echoes: list[int | None], expected: tuple[int, int, int, int]) -> None:
    client = witness(
        beats=[Beat(112.0, 9, stamp) for stamp in (1, 2, 3)],
        answers=[Beat(112.1 + at / 100, 9, echo) for at, echo in enumerate(echoes)],
    )
    h = heartbeats([client], DROP)
    assert (h.acknowledged, h.unanswered, h.duplicated, h.reordered) == expected


NEVER = {"connects": [90.0], "opened": [90.1], "sockets": {}, "timers": {}, "syncs": [], "synced": {}}
FROZEN = {"notices": [(111.0, Notice.FROZEN)]}
FIVE = {"sockets": dict.fromkeys(range(9, 14), True)}


@pytest.mark.parametrize(
    ("policy", "fault", "changes", "ids"),
    [
        pytest.param("guide-as-written", "graceful", NEVER, ["CF-1"], id="a clean close"),
        pytest.param("guide-as-written", "kill", FIVE, ["CF-2"], id="five sockets"),
        pytest.param("guide-as-written", "kill", {}, [], id="one socket is no finding"),
        pytest.param("guide-documented", "kill", {"syncs": [], "synced": {}}, ["CF-8", "CF-9"], id="in step, no sync"),
        pytest.param("guide-as-written", "half-open", {**NEVER, "sockets": {1: True}, "dead": frozenset({1})},
                     ["CF-10"], id="half-open"),
        pytest.param("guide-as-written", "kill", FROZEN, ["CF-11"], id="frozen"),
        pytest.param("guide-fixed", "kill", {}, [], id="fixed has none"),
    ],
)  # fmt: skip
def test_findings_need_their_evidence(
    policy: str, fault: str, changes: dict[str, object], ids: list[str]
) -> None:
    e = experiment(witness(**changes), policy=policy, fault=fault)
    found = findings([StormEvidence(experiment=e, measured=measure(e))] * 2)
    assert [finding.id for finding in found] == ids
    assert all(finding.number and finding.source.startswith("S:") for finding in found)


@pytest.mark.parametrize(
    ("answers", "lag", "ours"),
    [
        pytest.param(set(), 0.1, False, id="silence"),
        pytest.param(set(), 1.2, True, id="silence, and a generator that stood still"),
        pytest.param({"403"}, 1.2, False, id="a refusal"),
    ],
)
def test_sockets_that_do_not_open_are_the_targets_fault_unless_we_stood_still(
    answers: set[str], lag: float, ours: bool
) -> None:
    """On a busy machine none of 200 sockets opened within 11 s, and an honest server failed."""
    error = unopened(3, 200, 11.0, answers, lag)
    assert error.ours == ours
    assert str(error).startswith(
        "only 3 of 200 sockets opened within 11 s while nothing was wrong (answers: "
    )
    assert ("stood still for 1.2 s" in str(error)) == ours
