"""Server and model say the same of every request of random programs (TCHAT_DIFFERENTIAL_STEPS, by default 4,000)."""

import functools
import os
from collections import Counter

import pytest

from contracts.model.messages import PERMISSIONS
from tests.differential.harness import failure_text
from tests.differential.harness.content_harness import Outcome, play, world
from tests.differential.harness.http_client import spec
from tests.differential.programs.content_programs import draw

LENGTH = 500
STEPS = int(os.environ.get("TCHAT_DIFFERENTIAL_STEPS", "4000"))
SEEDS = range(max(1, -(-STEPS // LENGTH)))

# Answers without which a run has not looked everywhere. Not all that there are: those that are seldom and telling.
TELLING = (
    ("getContentItem", 304),
    ("getContentByCategory", 404),
    ("createContentItem", 409),
    ("createContentItem", 422),
    ("updateContentItem", 409),
    ("updateContentItem", 412),
    ("publishContent", 409),
    ("publishContent", 403),
    ("archiveContent", 403),
    ("revertContentVersion", 404),
)


@functools.cache
def played(seed: int) -> Outcome:
    return play(draw(seed, LENGTH, world()), seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_agree(seed: int) -> None:
    outcome = played(seed)
    if outcome.found is not None:
        pytest.fail(failure_text.of_content(draw(seed, LENGTH, world()), seed=seed), pytrace=False)
    assert outcome.undecided == (), "what the model cannot judge would hide what it should find"


def test_programs_reach_everything() -> None:
    seen: Counter[tuple[str, int]] = Counter()
    for seed in range(8):
        seen += played(seed).statuses()
    successes = [(name, spec()[name].success.status) for name in PERMISSIONS]
    assert [reached for reached in (*successes, *TELLING) if seen[reached] < 2] == []
    invalid = {operation for operation, status in seen if status == 400}
    assert invalid == {name for name in PERMISSIONS if 400 in spec()[name].answers}
