"""Judging objectives: exact counts and exact binomial statements."""

import math
import random

import pytest

from contracts.objective import Counts, binomial_at_least, binomial_at_most, judge, samples_needed
from contracts.spec import Objective
from contracts.verdict import Grade

TARGET = Objective(threshold_ms=200, share=0.99, error_share=0.001)


@pytest.mark.parametrize(
    ("answered", "over", "errors", "grade", "reason"),
    [
        pytest.param(0, 0, 0, Grade.UNKNOWN, "never requested", id="nothing was sent"),
        pytest.param(298, 0, 0, Grade.UNKNOWN, "too few samples", id="one clean sample short of 299"),
        pytest.param(299, 0, 0, Grade.PASS, "0 of 299 over 200 ms", id="299 clean samples prove p99"),
        pytest.param(299, 1, 0, Grade.UNKNOWN, "too few samples", id="one violation needs 473"),
        pytest.param(473, 1, 0, Grade.PASS, "1 of 473", id="473 samples prove p99 with one violation"),
        pytest.param(100, 2, 0, Grade.UNKNOWN, "too few", id="2 % of 100 may be chance"),
        pytest.param(1000, 20, 0, Grade.FAIL, "20 of 1000 over 200 ms (2.00%", id="2 % of 1,000 is not"),
        pytest.param(10, 10, 0, Grade.FAIL, "10 of 10", id="ten of ten need no statistics"),
        pytest.param(996, 0, 4, Grade.FAIL, "4 of 1000 requests failed", id="errors over their share"),
        pytest.param(998, 0, 2, Grade.UNKNOWN, "2 of 1000 requests failed", id="errors that may be chance"),
        pytest.param(
            899, 0, 1, Grade.UNKNOWN, "allowed 0.10%): so few may be chance", id="one error in a run"
        ),
        pytest.param(999, 0, 1, Grade.PASS, "0 of 999", id="errors at their share exactly"),
        pytest.param(899, 90, 1, Grade.FAIL, "90 of 899 over 200 ms", id="one error excuses no slowness"),
        pytest.param(0, 0, 5, Grade.FAIL, "5 of 5 requests failed", id="no answer at all"),
    ],
)
def test_judge(answered: int, over: int, errors: int, grade: Grade, reason: str) -> None:
    counts = Counts(answered=answered, over=over, errors=errors)
    verdict = judge(TARGET, counts, operation="getContentItem")
    assert verdict.grade is grade, verdict.reason
    assert reason in verdict.reason
    assert verdict.subject == "getContentItem"


@pytest.mark.parametrize(
    ("violations", "share", "samples"),
    [
        pytest.param(0, 0.05, 59, id="p95"),
        pytest.param(0, 0.01, 299, id="p99"),
        pytest.param(0, 0.001, 2995, id="p99.9"),
        pytest.param(1, 0.01, 473, id="p99, one violation"),
        pytest.param(3, 0.01, 773, id="p99, three violations"),
    ],
)
def test_samples_needed_is_the_least_number_that_proves_it(
    violations: int, share: float, samples: int
) -> None:
    assert samples_needed(violations, share) == samples
    assert (
        binomial_at_most(violations, samples, share)
        <= 0.05
        < binomial_at_most(violations, samples - 1, share)
    )


def test_binomial_tails_against_the_sum_of_exact_terms() -> None:
    chance = random.Random(1)
    for _ in range(300):
        n = chance.randrange(1, 60)
        k, p = chance.randrange(n + 1), chance.uniform(0.001, 0.999)
        terms = [math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
        assert binomial_at_most(k, n, p) == pytest.approx(sum(terms[: k + 1]), rel=1e-9, abs=1e-15)
        assert binomial_at_least(k, n, p) == pytest.approx(sum(terms[k:]), rel=1e-9, abs=1e-15)


def test_large_runs_neither_underflow_nor_take_long() -> None:
    assert (
        judge(TARGET, Counts(answered=10**7, over=10**5 - 2000, errors=0), operation="x").grade is Grade.PASS
    )
    assert (
        judge(TARGET, Counts(answered=10**7, over=10**5 + 2000, errors=0), operation="x").grade is Grade.FAIL
    )
