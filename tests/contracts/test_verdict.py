"""The lattice of verdicts: silence is UNKNOWN, the worst wins, a crashed checker never passes."""

import pytest

from contracts.verdict import Grade, Verdict, guarded, worst


def graded(*grades: Grade) -> list[Verdict]:
    return [Verdict(check=f"c{i}", grade=grade) for i, grade in enumerate(grades)]


@pytest.mark.parametrize(
    ("grades", "whole"),
    [
        pytest.param([], Grade.UNKNOWN, id="nothing was looked at"),
        pytest.param([Grade.PASS, Grade.PASS], Grade.PASS, id="all pass"),
        pytest.param([Grade.PASS, Grade.ADVISORY], Grade.ADVISORY, id="a remark"),
        pytest.param([Grade.ADVISORY, Grade.UNKNOWN], Grade.UNKNOWN, id="a guess is worse than a remark"),
        pytest.param([Grade.UNKNOWN, Grade.FAIL, Grade.PASS], Grade.FAIL, id="a failure is worst"),
    ],
)
def test_the_worst_grade_is_the_grade_of_the_whole(grades: list[Grade], whole: Grade) -> None:
    assert worst(graded(*grades)) is whole


def test_a_crashed_checker_is_unknown_and_says_why() -> None:
    def broken() -> Verdict:
        raise KeyError("version")

    verdict = guarded("versions", broken)
    assert verdict.grade is Grade.UNKNOWN
    assert "KeyError" in verdict.reason
    assert "bug in the harness" in verdict.reason


def test_a_working_checker_is_left_alone() -> None:
    verdict = Verdict(check="versions", grade=Grade.PASS)
    assert guarded("versions", lambda: verdict) is verdict
