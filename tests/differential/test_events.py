"""Each socket hears what the model's Feed owes it, whatever is written, and a sync makes up for what it could not hear."""

import functools
import os
from collections import Counter

import pytest

from tests.differential.harness import failure_text
from tests.differential.harness.content_harness import world
from tests.differential.harness.event_harness import EventOutcome, draw_events, play

LENGTH = 200
STEPS = int(os.environ.get("TCHAT_DIFFERENTIAL_STEPS", "4000")) // 4
SEEDS = range(max(1, -(-STEPS // LENGTH)))


@pytest.fixture(autouse=True)
def _short_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1,000 places a queue would never overflow here."""
    monkeypatch.setattr("mock_server.realtime.socket.LONGEST_QUEUE", 4)


@functools.cache
def played(seed: int) -> EventOutcome:
    return play(draw_events(seed, LENGTH, world()), seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_agree(seed: int) -> None:
    if played(seed).complaints:
        pytest.fail(failure_text.of_events(draw_events(seed, LENGTH, world()), seed=seed), pytrace=False)


def test_programs_reach_everything() -> None:
    heard: Counter[str] = Counter()
    for seed in range(5):
        heard.update(played(seed).heard)
    assert heard["content_updated"] > 100
    assert heard["sync_required"] > 1
