"""Server and model of sessions agree on random programs of logins, refreshes, logouts and uses, across every border of time."""

import functools
import os
from collections import Counter

import pytest

from tests.differential.harness import failure_text
from tests.differential.harness.session_harness import SessionOutcome, play
from tests.differential.programs.session_programs import Use, draw
from tests.differential.programs.steps import Wait

LENGTH = 120
STEPS = int(os.environ.get("TCHAT_DIFFERENTIAL_STEPS", "4000")) // 2
SEEDS = range(max(1, -(-STEPS // LENGTH)))


@functools.cache
def played(seed: int) -> SessionOutcome:
    return play(draw(seed, LENGTH), seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_agree(seed: int) -> None:
    if played(seed).complaints:
        pytest.fail(failure_text.of_sessions(draw(seed, LENGTH), seed=seed), pytrace=False)


def test_programs_reach_everything() -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        for step, answer in played(seed).lines:
            if not isinstance(step, Wait):
                seen[f"{step.operation if isinstance(step, Use) else type(step).__name__} {answer}"] += 1
    wanted = (
        "Login 200", "Login 401 INVALID_CREDENTIALS", "Login 429 LOGIN_THROTTLED", "Refresh 200", "Refresh 401 REFRESH_REUSED",
        "Refresh 401 TOKEN_EXPIRED", "Refresh 401 TOKEN_INVALID", "Refresh 401 TOKEN_MISSING", "logout 200", "verifyToken 200",
        "verifyToken 401 TOKEN_EXPIRED", "verifyToken 401 TOKEN_INVALID",
    )  # fmt: skip
    assert [answer for answer in wanted if seen[answer] < 2] == []


def test_a_session_reaches_its_greatest_age() -> None:
    """Every fourth program goes on for a month, so that the 30 days are met and not only the 24 hours."""
    steps = draw(3, LENGTH)
    assert sum(step.microseconds for step in steps if isinstance(step, Wait)) > 31 * 24 * 3600 * 1_000_000
