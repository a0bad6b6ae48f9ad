"""What never succeeded is unknown, and never a pass."""

import pytest

from contracts.checkers.operation_coverage import coverage
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import history


@pytest.mark.parametrize(
    ("drawing", "expected", "missing"),
    [
        pytest.param("a: |-read v1-|", (), [], id="all-that-was-tried"),
        pytest.param("a: |-read v1-|", ("getContentItem",), [], id="as-expected"),
        pytest.param("a: |-read v1-|", ("syncContent",), ["syncContent"], id="never-tried"),
        pytest.param("a: |-conflict v2 base=1-| |-read v1-|", (), ["updateContentItem"], id="tried-in-vain"),
        pytest.param("a: |-update v2 ...", (), ["updateContentItem"], id="never-answered"),
    ],
)
def test_coverage(drawing: str, expected: tuple[str, ...], missing: list[str]) -> None:
    verdict = coverage(history(drawing), expected)
    assert verdict.evidence["missing"] == missing
    assert verdict.grade is (Grade.UNKNOWN if missing else Grade.PASS)
    assert all(name in verdict.reason for name in missing)


def test_an_empty_history_is_unknown() -> None:
    assert coverage(()).grade is Grade.UNKNOWN
