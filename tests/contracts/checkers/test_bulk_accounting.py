"""A bulk request accounts for each of its operations exactly once."""

from typing import Any

import pytest

from contracts.checkers.bulk_accounting import bulk
from contracts.history import Call, Outcome
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered

OPS = [["update", "i", 1], ["publish", "j", None], ["archive", "k", None]]


def _call(succeeded: int | None, *failed: list[Any], ops: list[list[Any]] | None = None) -> Call:
    facts: dict[str, Any] = {"ops": ops or OPS, "succeeded": succeeded, "failed": list(failed)}
    return answered("bulkUpdateContent", **facts)


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        pytest.param(_call(3), None, id="all"),
        pytest.param(_call(2, [1, "INVALID_STATE", "j"]), None, id="partial"),
        pytest.param(_call(0, [0, "VERSION_CONFLICT"], [1, "FORBIDDEN"], [2, "CONTENT_NOT_FOUND"]), None, id="none"),
        pytest.param(_call(2), "count", id="one-forgotten"),
        pytest.param(_call(3, [0, "VERSION_CONFLICT"]), "count", id="one-twice"),
        pytest.param(_call(None), "count", id="no-count"),
        pytest.param(_call(1, [0, "FORBIDDEN"], [0, "FORBIDDEN"]), "index", id="same-index"),
        pytest.param(_call(1, [2, "FORBIDDEN"], [0, "FORBIDDEN"]), "index", id="descending"),
        pytest.param(_call(2, [3, "FORBIDDEN"]), "index", id="past-the-end"),
        pytest.param(_call(2, [-1, "FORBIDDEN"]), "index", id="negative"),
        pytest.param(_call(2, [1, "FORBIDDEN", "i"]), "id", id="other-id"),
        pytest.param(_call(2, [2, "VERSION_CONFLICT"]), "code", id="archive-cannot-conflict"),
        pytest.param(_call(2, ops=[["update", "i", 1], ["update", "i", 1]]), "same-base", id="both-accepted"),
        pytest.param(_call(2, ops=[["update", "i", 1], ["update", "i", 2]]), None, id="a-chain"),
    ],
)  # fmt: skip
def test_accounts(call: Call, rule: str | None) -> None:
    verdict = bulk((call,))
    if rule is None:
        assert verdict.grade is Grade.PASS, verdict.reason
    else:
        assert set(verdict.evidence["rules"]) == {rule}


def test_nothing_to_see_is_unknown() -> None:
    lost = answered("bulkUpdateContent", outcome=Outcome.INFO, ops=OPS)
    assert bulk((lost,)).grade is Grade.UNKNOWN
