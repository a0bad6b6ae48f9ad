"""What a load run says: each defect turns its own verdict, a sick generator turns PASS into UNKNOWN, silence never passes."""

import pytest

from contracts.history import Call, Outcome
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.judging import answers, health, limited, meaning, objective, own
from load.results.reconciliation import ledger
from tests.load.recorded import MS, READ, THRESHOLDS, recorded


def both(one: LoadRecorder, other: LoadRecorder) -> LoadRecorder:
    one.merge(other)
    return one


def judged(found: LoadRecorder, cpu: float = 0.1) -> Verdict:
    return objective(READ, found.tallies.get(READ.id), health(found, cpu))


@pytest.mark.parametrize(
    ("found", "cpu", "grade", "reason"),
    [
        pytest.param(recorded(), 0.1, Grade.PASS, "holds", id="clean"),
        pytest.param(recorded(over=3), 0.1, Grade.PASS, "3 of 900", id="three strays in 900"),
        pytest.param(recorded(over=20), 0.1, Grade.FAIL, "20 of 900", id="2 % over"),
        pytest.param(recorded(errors=4), 0.1, Grade.FAIL, "4 of 904 requests failed", id="errors"),
        pytest.param(recorded(errors=1), 0.1, Grade.UNKNOWN, "so few may be chance", id="one error"),
        pytest.param(recorded(answered=200), 0.1, Grade.UNKNOWN, "too few samples", id="too short"),
        pytest.param(LoadRecorder(THRESHOLDS), 0.1, Grade.UNKNOWN, "never requested", id="never reached"),
        pytest.param(recorded(), 0.97, Grade.UNKNOWN, "97% of a core", id="saturated CPU: no PASS"),
        pytest.param(recorded(over=20), 0.97, Grade.FAIL, "20 of 900", id="saturated CPU, and none of the delay is ours: FAIL"),
        pytest.param(recorded(errors=9), 0.97, Grade.FAIL, "failed", id="saturated CPU: errors are errors"),
        pytest.param(recorded(errors=9, kind="error:timeout"), 0.97, Grade.UNKNOWN, "97% of a core", id="saturated CPU: nobody listened"),
        pytest.param(recorded(errors=9, kind="error:connect-timeout"), 0.97, Grade.UNKNOWN, "97% of a core", id="saturated CPU: nobody connected"),
        pytest.param(recorded(errors=9, kind="error:connect-timeout"), 0.1, Grade.FAIL, "failed", id="no connection in time"),
        pytest.param(recorded(errors=9, kind="error:reset"), 0.97, Grade.FAIL, "failed", id="saturated CPU: a reset is the target's"),
        pytest.param(recorded(errors=9, kind="error:timeout"), 0.1, Grade.FAIL, "failed", id="timeouts"),
        pytest.param(recorded(errors=9, kind="error:token"), 0.1, Grade.UNKNOWN, "9 answers were 401 to a ready token", id="a token ended"),
        pytest.param(recorded(over=20, errors=1, kind="error:token"), 0.1, Grade.FAIL, "1 more, by ended tokens", id="slow anyhow"),
        pytest.param(recorded(late=20), 0.1, Grade.UNKNOWN, "late by over a tenth", id="late arrivals"),
        pytest.param(recorded(late=5), 0.1, Grade.PASS, "holds", id="a few late arrivals"),
        pytest.param(recorded(dropped=2), 0.1, Grade.PASS, "even if all", id="gaps that cannot matter"),
        pytest.param(recorded(over=3, dropped=2), 0.1, Grade.UNKNOWN, "might have been", id="gaps that could matter"),
        pytest.param(recorded(dropped=50), 0.1, Grade.UNKNOWN, "50 not sent", id="not the planned load"),
        pytest.param(recorded(over=40, dropped=50), 0.1, Grade.FAIL, "40 of 900", id="gaps excuse no violation"),
    ],
)  # fmt: skip
def test_objective(found: LoadRecorder, cpu: float, grade: Grade, reason: str) -> None:
    verdict = judged(found, cpu)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


def test_a_stalling_event_loop_is_noticed() -> None:
    found = recorded()
    for _ in range(100):
        found.lag.record(60 * MS)
    assert judged(found).grade is Grade.UNKNOWN
    assert "60 ms late" in judged(found).reason


@pytest.mark.parametrize(
    ("found", "grade", "reason"),
    [
        pytest.param(recorded(over=30, over_ms=201, late=30, late_ms=0, lag=1), Grade.FAIL, "30 of 900", id="a steady generator"),
        pytest.param(recorded(over=30, over_ms=201, late=30, late_ms=0, lag=8), Grade.FAIL, "30 of 900", id="our lag was in none of them"),
        pytest.param(
            recorded(over=30, over_ms=190, late=30, late_ms=15, lag=1), Grade.UNKNOWN, "30 of 900 requests were sent over 5 ms late",
            id="only because we were late",
        ),
        pytest.param(recorded(over=30, over_ms=210, late=30, late_ms=15, lag=1), Grade.FAIL, "30 of 900", id="late, and slow all the same"),
        pytest.param(recorded(over=30, over_ms=5, late=30, late_ms=15, lag=8), Grade.PASS, "holds", id="our delay cannot make a PASS"),
    ],
)  # fmt: skip
def test_an_unsteady_generator(found: LoadRecorder, grade: Grade, reason: str) -> None:
    verdict = judged(found)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


@pytest.mark.parametrize(
    ("found", "grade", "reason"),
    [
        pytest.param(recorded(over=30, still=0), Grade.FAIL, "30 of 900", id="it never stood still"),
        pytest.param(recorded(over=30, still=50), Grade.UNKNOWN, "own delay made 30 of them", id="that alone made them slow"),
        pytest.param(recorded(over=60, still=0), Grade.FAIL, "60 of 900", id="never, and more are slow"),
        pytest.param(recorded(over=60, still=50), Grade.FAIL, "30 of 900", id="the others are slow all the same"),
    ],
)  # fmt: skip
def test_a_generator_that_stood_still_for_a_moment(found: LoadRecorder, grade: Grade, reason: str) -> None:
    verdict = judged(found)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict.reason


@pytest.mark.parametrize(
    ("found", "cpu", "grade"),
    [
        pytest.param(recorded(answered=3), 0.1, Grade.PASS, id="answered"),
        pytest.param(recorded(answered=3, errors=1), 0.1, Grade.FAIL, id="one error"),
        pytest.param(recorded(answered=3, errors=1), 0.97, Grade.FAIL, id="one error, saturated"),
        pytest.param(
            recorded(answered=3, errors=1, kind="error:timeout"), 0.97, Grade.UNKNOWN, id="nobody listened"
        ),
        pytest.param(LoadRecorder(THRESHOLDS), 0.1, Grade.UNKNOWN, id="never reached"),
    ],
)
def test_answers(found: LoadRecorder, cpu: float, grade: Grade) -> None:
    assert answers(READ, found.tallies.get(READ.id), health(found, cpu)).grade is grade


@pytest.mark.parametrize(
    ("found", "grade", "told"),
    [
        pytest.param(
            recorded(answered=3, errors=4, kind="429"),
            Grade.PASS,
            "3 taken, 4 refused for the rate",
            id="a limit",
        ),
        pytest.param(recorded(answered=3), Grade.UNKNOWN, "no request was refused", id="no limit"),
        pytest.param(
            recorded(answered=3, errors=1, kind="500"),
            Grade.FAIL,
            "1 of 4 requests failed",
            id="another error",
        ),
        pytest.param(LoadRecorder(THRESHOLDS), Grade.UNKNOWN, "never requested", id="never reached"),
        pytest.param(
            both(
                recorded(answered=3, errors=4, kind="429"), recorded(answered=0, errors=2, kind="error:token")
            ),
            Grade.UNKNOWN,
            "2 answers were 401 to a ready token, or to one whose refresh was refused for now",
            id="a limit, and tokens that ended",
        ),
        pytest.param(
            both(recorded(answered=3, errors=4, kind="429"), recorded(answered=0, errors=2, kind="401")),
            Grade.FAIL,
            "2 of 9 requests failed",
            id="a limit, and tokens refused",
        ),
    ],
)
def test_what_is_beyond_a_limit_is_refused_for_the_rate_alone(
    found: LoadRecorder, grade: Grade, told: str
) -> None:
    verdict = limited(READ, found.tallies.get(READ.id), health(found, 0.1))
    assert (verdict.grade, told in verdict.reason) == (grade, True), verdict


def test_the_ledger_balances() -> None:
    assert ledger(recorded(errors=4, dropped=3), []).grade is Grade.PASS


def test_the_ledger_knows_every_way_not_to_balance() -> None:
    unsent, lost = recorded(), recorded()
    unsent.planned += 1
    lost.requests += 1
    lost.planned += 1
    for found, missing in (
        (unsent, []),
        (lost, []),
        (recorded(), ["load process 2"]),
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


def test_a_hole_in_the_history_excuses_nothing_that_is_proven_and_lets_nothing_pass() -> None:
    hole = "load process 2 of 2 was lost"
    torn = (*GOOD, call("updateContentItem", 30, item="i", base=1, version=3))
    (lost,) = [v for v in meaning(torn, PLANNED, whole=True, holes=[hole]) if v.check == "lost-update"]
    assert lost.grade is Grade.FAIL and hole not in lost.reason
    good = meaning(GOOD, PLANNED, whole=True, holes=[hole])
    assert all(v.grade is Grade.UNKNOWN and v.reason.startswith(hole) for v in good)


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        pytest.param(
            recorded(953, every=10, late_ms=20, took=250, late=26),
            Grade.FAIL,
            id="250 ms always, 26 sends 20 ms late",
        ),
        pytest.param(
            recorded(953, every=10, late_ms=20, took=5, late=26, stalled=230),
            Grade.FAIL,
            id="24 % in stalls of 1.5 s",
        ),
        pytest.param(
            recorded(953, every=10, late_ms=20, took=190, late=26),
            Grade.UNKNOWN,
            id="over only where we were late",
        ),
    ],
)
def test_only_what_the_generator_caused_is_excused(found: LoadRecorder, grade: Grade) -> None:
    assert health(found, 0.97).blind
    told = judged(found, 0.97)
    assert told.grade is grade, told.reason
    ours = found.tallies[READ.id].ours
    assert grade is Grade.UNKNOWN or (f"; {ours} more, by" in told.reason) is bool(ours)


def test_a_fail_in_a_count_with_a_hole_stands_only_if_the_hole_cannot_change_it() -> None:
    state = health(recorded(over=20), 0.1)
    tally = recorded(over=20).tallies[READ.id]
    stands = objective(READ, tally, state, holes=["load process 2 of 2 was lost"], absent=100)
    falls = objective(READ, tally, state, holes=["load process 2 of 2 was lost"], absent=5_000)
    assert (stands.grade, falls.grade) == (Grade.FAIL, Grade.UNKNOWN)
    assert falls.reason.startswith("load process 2 of 2 was lost")
