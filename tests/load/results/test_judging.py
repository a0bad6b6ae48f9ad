"""What a load run says: each defect turns its own verdict, a sick generator turns PASS into UNKNOWN, silence never passes."""

from __future__ import annotations

import pytest

from contracts.history import Call, Outcome
from contracts.spec import load
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.judging import answers, health, ledger, meaning, objective, own

SPEC = load()
MS = 1_000_000
READ = SPEC["getContentItem"]
THRESHOLDS = {op.id: round(op.objective.threshold_ms * MS) for op in SPEC}


def counted(
    *, answered: int = 900, over: int = 0, errors: int = 0, dropped: int = 0, late: int = 0, kind: str = "500"
) -> LoadRecorder:
    """A run of one operation. `late` of its requests were sent 30 ms after they were due."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(answered + errors):
        due = n * MS
        sent = due + (30 * MS if n < late else 0)
        found.due(READ.id, due)
        found.sent(READ.id, due=due, sent=sent)
        if n < answered:
            done = sent + (201 if n < over else 5) * MS
            found.answered(READ.id, due=due, sent=sent, done=done, status=200)
        else:
            found.failed(READ.id, due=due, done=sent, kind=kind, example="x")
    for _ in range(dropped):
        found.due(READ.id, 0)
        found.drop(READ.id, "no item")
    return found


def judged(found: LoadRecorder, cpu: float = 0.1) -> Verdict:
    return objective(READ, found.tallies.get(READ.id), health(found, cpu))


@pytest.mark.parametrize(
    ("found", "cpu", "grade", "reason"),
    [
        pytest.param(counted(), 0.1, Grade.PASS, "holds", id="clean"),
        pytest.param(counted(over=3), 0.1, Grade.PASS, "3 of 900", id="three strays in 900"),
        pytest.param(counted(over=20), 0.1, Grade.FAIL, "20 of 900", id="2 % over"),
        pytest.param(counted(errors=4), 0.1, Grade.FAIL, "4 of 904 requests failed", id="errors"),
        pytest.param(counted(errors=1), 0.1, Grade.UNKNOWN, "so few may be chance", id="one error"),
        pytest.param(counted(answered=200), 0.1, Grade.UNKNOWN, "too few samples", id="too short"),
        pytest.param(LoadRecorder(THRESHOLDS), 0.1, Grade.UNKNOWN, "never requested", id="never reached"),
        pytest.param(counted(), 0.97, Grade.UNKNOWN, "97% of a core", id="saturated CPU: no PASS"),
        pytest.param(
            counted(over=20),
            0.97,
            Grade.FAIL,
            "20 of 900",
            id="saturated CPU, and none of the delay is ours: FAIL",
        ),
        pytest.param(counted(errors=9), 0.97, Grade.FAIL, "failed", id="saturated CPU: errors are errors"),
        pytest.param(
            counted(errors=9, kind="error:timeout"),
            0.97,
            Grade.UNKNOWN,
            "97% of a core",
            id="saturated CPU: nobody listened",
        ),
        pytest.param(
            counted(errors=9, kind="error:reset"),
            0.97,
            Grade.FAIL,
            "failed",
            id="saturated CPU: a reset is the target's",
        ),
        pytest.param(counted(errors=9, kind="error:timeout"), 0.1, Grade.FAIL, "failed", id="timeouts"),
        pytest.param(counted(late=20), 0.1, Grade.UNKNOWN, "late by over a tenth", id="late arrivals"),
        pytest.param(counted(late=5), 0.1, Grade.PASS, "holds", id="a few late arrivals"),
        pytest.param(counted(dropped=2), 0.1, Grade.PASS, "even if all", id="gaps that cannot matter"),
        pytest.param(
            counted(over=3, dropped=2), 0.1, Grade.UNKNOWN, "might have been", id="gaps that could matter"
        ),
        pytest.param(counted(dropped=50), 0.1, Grade.UNKNOWN, "50 not sent", id="not the planned load"),
        pytest.param(
            counted(over=40, dropped=50), 0.1, Grade.FAIL, "40 of 900", id="gaps excuse no violation"
        ),
    ],
)
def test_objective(found: LoadRecorder, cpu: float, grade: Grade, reason: str) -> None:
    verdict = judged(found, cpu)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


def test_a_stalling_event_loop_is_noticed() -> None:
    found = counted()
    for _ in range(100):
        found.lag.record(60 * MS)
    assert judged(found).grade is Grade.UNKNOWN
    assert "60 ms late" in judged(found).reason


def slow(*, service: int, lateness: int, lag: int) -> LoadRecorder:
    """900 requests, 30 of them with these times in ms, on an event loop with that lag."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(900):
        due = n * MS
        sent = due + (lateness * MS if n < 30 else 0)
        found.due(READ.id, due)
        found.sent(READ.id, due=due, sent=sent)
        done = sent + (service if n < 30 else 5) * MS
        found.answered(READ.id, due=due, sent=sent, done=done, status=200)
    for _ in range(100):
        found.lag.record(lag * MS)
    return found


@pytest.mark.parametrize(
    ("found", "grade", "reason"),
    [
        pytest.param(slow(service=201, lateness=0, lag=1), Grade.FAIL, "30 of 900", id="a steady generator"),
        pytest.param(slow(service=201, lateness=0, lag=8), Grade.FAIL, "30 of 900", id="our lag was in none of them"),
        pytest.param(
            slow(service=190, lateness=15, lag=1), Grade.UNKNOWN, "30 of 900 requests were sent over 5 ms late",
            id="only because we were late",
        ),
        pytest.param(slow(service=210, lateness=15, lag=1), Grade.FAIL, "30 of 900", id="late, and slow all the same"),
        pytest.param(slow(service=5, lateness=15, lag=8), Grade.PASS, "holds", id="our delay cannot make a PASS"),
    ],
)  # fmt: skip
def test_an_unsteady_generator(found: LoadRecorder, grade: Grade, reason: str) -> None:
    verdict = judged(found)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


def stood_still(*, still: int, slow: int = 30) -> LoadRecorder:
    """900 requests, `slow` of them 201 ms; of 30 of those the generator itself stood still for so many ms."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(900):
        due, took = n * MS, 201 if n < slow else 5
        found.due(READ.id, due)
        found.sent(READ.id, due=due, sent=due)
        found.answered(
            READ.id, due=due, sent=due, done=due + took * MS, status=200, still=still * MS if n < 30 else 0
        )
    return found


@pytest.mark.parametrize(
    ("found", "grade", "reason"),
    [
        pytest.param(stood_still(still=0), Grade.FAIL, "30 of 900", id="it never stood still"),
        pytest.param(stood_still(still=50), Grade.UNKNOWN, "own delay made 30 of them", id="that alone made them slow"),
        pytest.param(stood_still(still=0, slow=60), Grade.FAIL, "60 of 900", id="never, and more are slow"),
        pytest.param(stood_still(still=50, slow=60), Grade.FAIL, "30 of 900", id="the others are slow all the same"),
    ],
)  # fmt: skip
def test_a_generator_that_stood_still_for_a_moment(found: LoadRecorder, grade: Grade, reason: str) -> None:
    verdict = judged(found)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


@pytest.mark.parametrize(
    ("found", "cpu", "grade"),
    [
        pytest.param(counted(answered=3), 0.1, Grade.PASS, id="answered"),
        pytest.param(counted(answered=3, errors=1), 0.1, Grade.FAIL, id="one error"),
        pytest.param(counted(answered=3, errors=1), 0.97, Grade.FAIL, id="one error, saturated"),
        pytest.param(
            counted(answered=3, errors=1, kind="error:timeout"), 0.97, Grade.UNKNOWN, id="nobody listened"
        ),
        pytest.param(LoadRecorder(THRESHOLDS), 0.1, Grade.UNKNOWN, id="never reached"),
    ],
)
def test_answers(found: LoadRecorder, cpu: float, grade: Grade) -> None:
    assert answers(READ, found.tallies.get(READ.id), health(found, cpu)).grade is grade


def test_the_ledger_balances() -> None:
    assert ledger(counted(errors=4, dropped=3), []).grade is Grade.PASS


def test_the_ledger_knows_every_way_not_to_balance() -> None:
    unsent, lost = counted(), counted()
    unsent.planned += 1
    lost.requests += 1
    lost.planned += 1
    for found, missing in (
        (unsent, []),
        (lost, []),
        (counted(), ["load process 2"]),
        (LoadRecorder(THRESHOLDS), []),
    ):
        assert ledger(found, missing).grade is Grade.UNKNOWN


def call(
    operation: str, sent: int, *, client: str = "c", outcome: Outcome = Outcome.OK, **facts: object
) -> Call:
    return Call(
        client=client, operation=operation, due=sent, sent=sent, done=sent + 5, outcome=outcome, status=200, facts=facts
    )  # fmt: skip


GOOD = (
    call("createContentItem", 0, item="i", version=1, at="2026-01-01T00:00:00.000001Z"),
    call("updateContentItem", 10, item="i", base=1, version=2, at="2026-01-01T00:00:00.000002Z"),
    call("getContentItem", 20, item="i", version=2),
)
PLANNED = ("createContentItem", "updateContentItem", "getContentItem")


def grades(history: tuple[Call, ...], planned: tuple[str, ...] = PLANNED) -> dict[str, Grade]:
    return {verdict.check: verdict.grade for verdict in meaning(history, planned, whole=True)}


def test_a_good_history_passes() -> None:
    assert set(grades(GOOD).values()) == {Grade.PASS}


@pytest.mark.parametrize(
    ("history", "check"),
    [
        pytest.param((*GOOD, call("getContentItem", 30, item="i", version=1)), "versions", id="a stale read"),
        pytest.param(
            (*GOOD, call("updateContentItem", 30, item="i", base=1, version=3)),
            "lost-update",
            id="a lost update",
        ),
    ],
)
def test_a_planted_defect_turns_its_check(history: tuple[Call, ...], check: str) -> None:
    assert grades(history)[check] is Grade.FAIL


def test_an_operation_that_never_succeeded_is_not_passed_over() -> None:
    assert grades(GOOD, (*PLANNED, "syncContent"))["coverage"] is Grade.UNKNOWN


def test_what_others_write_on_a_shared_target_is_none_of_our_business() -> None:
    foreign = tuple(
        call("getContentItems", at, items=[["other", version, "2026-01-01T00:00:00.000001Z"]])
        for at, version in ((30, 3), (40, 9))
    )
    assert grades((*GOOD, *foreign))["versions"] is Grade.PASS
    mine = call("getContentItems", 50, items=[["i", 1, "2026-01-01T00:00:00.000001Z"]])
    assert grades((*GOOD, *foreign, mine))["versions"] is Grade.FAIL
    assert own((*GOOD, *foreign)) == {"i"}


def test_a_history_too_long_says_so() -> None:
    assert all("first 3 calls" in v.reason for v in meaning(GOOD, PLANNED, whole=False))


def constant(*, service: int, late: int, stalled: int = 0) -> LoadRecorder:
    """953 requests of so many ms, of which some were sent 20 ms late; in `stalled` of them the target stood still for 1.5 s."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(953):
        due = n * 10 * MS
        sent = due + (20 * MS if n < late else 0)
        found.due(READ.id, due)
        found.sent(READ.id, due=due, sent=sent)
        took = 1_500 if n >= 953 - stalled else service
        found.answered(READ.id, due=due, sent=sent, done=sent + took * MS, status=200)
    return found


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        pytest.param(constant(service=250, late=26), Grade.FAIL, id="250 ms always, 26 sends 20 ms late"),
        pytest.param(constant(service=5, late=26, stalled=230), Grade.FAIL, id="24 % in stalls of 1.5 s"),
        pytest.param(constant(service=190, late=26), Grade.UNKNOWN, id="over only where we were late"),
    ],
)
def test_only_what_the_generator_caused_is_excused(found: LoadRecorder, grade: Grade) -> None:
    assert health(found, 0.97).blind
    assert judged(found, 0.97).grade is grade, judged(found, 0.97).reason


def test_a_fail_in_a_count_with_a_hole_stands_only_if_the_hole_cannot_change_it() -> None:
    state = health(counted(over=20), 0.1)
    tally = counted(over=20).tallies[READ.id]
    stands = objective(READ, tally, state, holes=["load process 2 of 2 was lost"], absent=100)
    falls = objective(READ, tally, state, holes=["load process 2 of 2 was lost"], absent=5_000)
    assert (stands.grade, falls.grade) == (Grade.FAIL, Grade.UNKNOWN)
    assert falls.reason.startswith("load process 2 of 2 was lost")
