"""A target that cannot carry a rate that nobody asked for is not called slow; one that is slow, hangs or fails at any rate is."""

from collections.abc import Callable

import pytest

from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.judging import by_operation, health
from load.runs.overload import without_overload
from tests.load.recorded import MS, SPEC, THRESHOLDS

OPERATIONS = ["getContentItem", "updateContentItem", "syncContent", "verifyToken", "login"]
RATE, SECONDS = 200, 12
Took = Callable[[int, str, int], int | str]
"""(the request's number, its operation, when it was due in ms) -> how many ms it takes, or how it fails."""


def _queue(rate: int) -> Took:
    """One server that answers so many a second, in the order of arrival, and whose clients wait 4 s."""

    def took(n: int, operation: str, due: int) -> int | str:
        waits = max(5, (n + 1) * 1000 // rate - due)
        return waits if waits < 4_000 else "error:timeout"

    return took


def _recorded(took: Took) -> LoadRecorder:
    found = LoadRecorder(THRESHOLDS)
    for n in range(RATE * SECONDS):
        operation, due = OPERATIONS[n % len(OPERATIONS)], n * 1000 // RATE
        found.due(operation, due * MS)
        found.sent(operation, due=due * MS, sent=due * MS)
        fate = took(n, operation, due)
        if isinstance(fate, int):
            found.answered(operation, due=due * MS, sent=due * MS, done=(due + fate) * MS, status=200)
        else:
            lost = due + (4_000 if "timeout" in fate else 5)
            found.failed(operation, due=due * MS, done=lost * MS, kind=fate, example="x")
    return found


def _judged(took: Took) -> list[Verdict]:
    recorder = _recorded(took)
    found = by_operation(
        SPEC, recorder, operations=OPERATIONS, claim="objective", state=health(recorder, 0.1)
    )
    return without_overload(found, recorder)


@pytest.mark.parametrize("rate", [20, 60, 120, 170])
def test_what_it_cannot_carry_is_unknown_and_a_rate_is_named(rate: int) -> None:
    found = _judged(_queue(rate))
    assert {verdict.grade for verdict in found} == {Grade.UNKNOWN}
    assert "of the 200 requests/s of this load the target answers" in found[0].reason
    assert int(found[0].reason.partition("--rate ")[2].split()[0]) < rate
    assert "allow" in found[0].reason


@pytest.mark.parametrize(
    ("took", "failed"),
    [
        pytest.param(lambda n, operation, due: 5, 0, id="fast"),
        pytest.param(lambda n, operation, due: 800, 5, id="slow, as often as it is asked"),
        pytest.param(lambda n, operation, due: 3_000, 5, id="very slow, as often as it is asked"),
        pytest.param(lambda n, operation, due: 800 if operation == "login" else 5, 1, id="one slow operation"),
        pytest.param(lambda n, operation, due: "error:timeout" if operation in OPERATIONS[:2] else 5, 2, id="two operations hang"),
        pytest.param(lambda n, operation, due: "error:timeout", 5, id="all hang"),
        pytest.param(lambda n, operation, due: "error:reset" if n % 3 else 5, 5, id="connections break off"),
        pytest.param(lambda n, operation, due: "500" if n % 3 else 5, 5, id="server errors"),
        pytest.param(_queue(250), 0, id="it can carry it"),
    ],
)  # fmt: skip
def test_what_has_another_cause_fails_as_before(took: Took, failed: int) -> None:
    grades = [verdict.grade for verdict in _judged(took)]
    assert (grades.count(Grade.FAIL), grades.count(Grade.PASS)) == (failed, len(OPERATIONS) - failed)
