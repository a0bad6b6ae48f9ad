"""The verdict on an objective, by exact counts and binomial tests and not by rounded percentiles.

PASS means: if the true share of violations were as large as the objective forbids, a run with so few would have a probability of at most
5 %. So 99 % needs 299 clean samples, 95 % needs 59, 99.9 % needs 2,995. FAIL means the reverse. Everything between is UNKNOWN, because the
run is too short. Errors are compared with `error_share` in the same way, except for PASS: 0.1 % would need 2,995 clean samples, so a
share of errors up to the allowed one passes. A greater share is FAIL if chance does not explain it, else UNKNOWN.
"""

import math
from dataclasses import dataclass

from contracts.spec import Objective
from contracts.verdict import Grade, Verdict

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The counts of one operation in a run. `over` is the number of answered requests strictly over the threshold."""

    answered: int
    over: int
    errors: int


def judge(objective: Objective, counts: Counts, *, operation: str, confidence: float = CONFIDENCE) -> Verdict:
    """The verdict on one operation, with its reason."""
    share = 1 - objective.share
    evidence = {
        "answered": counts.answered,
        "over": counts.over,
        "errors": counts.errors,
        "thresholdMs": objective.threshold_ms,
        "share": objective.share,
        "confidence": confidence,
    }

    def verdict(grade: Grade, reason: str) -> Verdict:
        return Verdict(check="objective", grade=grade, subject=operation, reason=reason, evidence=evidence)

    requests = counts.answered + counts.errors
    if requests == 0:
        return verdict(Grade.UNKNOWN, "never requested")
    failed = counts.errors / requests
    allowed = objective.error_share
    broken = f"{counts.errors} of {requests} requests failed ({failed:.2%}; allowed {allowed:.2%})"
    if failed > allowed and (
        not allowed or binomial_at_least(counts.errors, requests, allowed) <= 1 - confidence
    ):
        return verdict(Grade.FAIL, broken)
    measured = f"{counts.over} of {counts.answered} over {objective.threshold_ms:g} ms"
    if binomial_at_most(counts.over, counts.answered, share) <= 1 - confidence:
        if failed > allowed:
            return verdict(Grade.UNKNOWN, f"{broken}: so few may be chance")
        return verdict(Grade.PASS, f"{measured}: {objective.share:.4g} holds at {confidence:.0%} confidence")
    if binomial_at_least(counts.over, counts.answered, share) <= 1 - confidence:
        observed = counts.over / counts.answered
        return verdict(Grade.FAIL, f"{measured} ({observed:.2%}; the objective allows {share:.2%})")
    needed = samples_needed(counts.over, share, confidence)
    return verdict(
        Grade.UNKNOWN,
        f"{measured}: too few samples for {objective.share:.4g} at {confidence:.0%} confidence "
        f"({needed} with {counts.over} violation{'s' * (counts.over != 1)} would do)",
    )


def samples_needed(violations: int, share: float, confidence: float = CONFIDENCE) -> int:
    """The smallest number of samples with which so many violations still prove that their share is below `share`.

    >>> [samples_needed(0, s) for s in (0.05, 0.01, 0.001)]
    [59, 299, 2995]
    """
    low, high = violations, max(64, violations * 2)
    while binomial_at_most(violations, high, share) > 1 - confidence:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_at_most(violations, middle, share) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def binomial_at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X ~ Binomial(n, p). The sum begins with the largest term, so that nothing underflows early."""
    if k >= n:
        return 1.0
    return min(1.0, math.fsum(_terms(k, n, p, -1)))


def binomial_at_least(k: int, n: int, p: float) -> float:
    """P(X >= k) for X ~ Binomial(n, p)."""
    if k <= 0:
        return 1.0
    return min(1.0, math.fsum(_terms(k, n, p, +1)))


def _terms(k: int, n: int, p: float, step: int) -> list[float]:
    log_term = (
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        + k * math.log(p) + (n - k) * math.log1p(-p)
    )  # fmt: skip
    terms: list[float] = []
    peak = log_term
    while 0 <= k <= n:
        terms.append(math.exp(log_term))
        peak = max(peak, log_term)
        # Terms 40 e-folds below the largest are beyond double precision.
        if log_term < peak - 40:
            break
        if step < 0:
            if k == 0:
                break
            log_term += math.log(k) - math.log(n - k + 1) + math.log1p(-p) - math.log(p)
        else:
            if k == n:
                break
            log_term += math.log(n - k) - math.log(k + 1) + math.log(p) - math.log1p(-p)
        k += step
    return terms
