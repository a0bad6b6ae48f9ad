"""Time for which a load process stood still, told by the beats that came late."""

import random

import pytest

from load.engine.timing.generator_stalls import KEPT, LEAST, GeneratorStalls

MS = 1_000_000


@pytest.mark.parametrize(
    ("begin", "end", "still"),
    [
        pytest.param(0, 90, 0, id="before it"),
        pytest.param(50, 150, 50, id="into it"),
        pytest.param(50, 450, 200, id="around it"),
        pytest.param(150, 250, 100, id="within it"),
        pytest.param(250, 350, 50, id="out of it"),
        pytest.param(300, 350, 0, id="after it"),
        pytest.param(50, 1_050, 250, id="two of them"),
    ],
)
def test_what_of_a_time_was_a_pause(begin: int, end: int, still: int) -> None:
    stalls = GeneratorStalls()
    stalls.beat(100 * MS, 300 * MS)
    stalls.beat(500 * MS, 500 * MS + LEAST)  # late, and no pause
    stalls.beat(1_000 * MS, 1_100 * MS)
    assert stalls.within(begin * MS, end * MS) == still * MS


def test_a_pause_whose_beat_is_still_to_come() -> None:
    stalls = GeneratorStalls()
    stalls.expected = 100 * MS
    assert stalls.within(0, 100 * MS + LEAST) == 0
    assert stalls.within(0, 400 * MS) == 300 * MS
    assert stalls.within(200 * MS, 400 * MS) == 200 * MS
    stalls.expected = 0
    assert stalls.within(0, 400 * MS) == 0


def test_many_of_them_are_added_up_as_one_by_one() -> None:
    rng, stalls, made, now = random.Random(1), GeneratorStalls(), [], 0
    for _ in range(200):
        began = now + rng.randrange(100) * MS
        now = began + LEAST + rng.randrange(1, 50) * MS
        stalls.beat(began, now)
        made.append((began, now))
    for _ in range(2_000):
        begin, end = sorted(rng.choices(range(now + 10), k=2))
        still = sum(max(0, min(end, b) - max(begin, a)) for a, b in made)
        assert stalls.within(begin, end) == still


def test_only_so_many_are_remembered() -> None:
    stalls = GeneratorStalls()
    for n in range(2 * KEPT + 5):
        stalls.beat(n * 100 * MS, n * 100 * MS + 50 * MS)
    assert stalls.within(0, 500 * MS) == 0
    assert stalls.within(0, 1 << 62) == (KEPT + 5) * 50 * MS
