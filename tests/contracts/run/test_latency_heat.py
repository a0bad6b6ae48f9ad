"""Latency over time by operation: bounded, the same whoever counted it, and true to 1.6 %."""

import json
import math
import random

import pytest

from contracts.run.latency_heat import COARSE, WINDOWS, Heat, OperationHeat, edges, slot_of
from tests.buckets import bucket

MS, SECOND = 1_000_000, 1_000_000_000
Calls = list[tuple[str, int, int]]


def calls(seconds: int, seed: int = 1, per_second: int = 5) -> Calls:
    rng = random.Random(seed)
    return [
        (rng.choice(("read", "write")), round(rng.uniform(0, seconds) * SECOND), round(rng.lognormvariate(1, 1) * MS))
        for _ in range(seconds * per_second)
    ]  # fmt: skip


def heat(made: Calls) -> Heat:
    found = Heat()
    for operation, due, latency in made:
        found.record(operation, due // SECOND, bucket(latency))
    return found


def rows(found: Heat) -> list[OperationHeat]:
    return found.rows(["read", "write"])


@pytest.mark.parametrize(
    ("seconds", "width"),
    [
        pytest.param(10, 1, id="seconds"),
        pytest.param(60, 1, id="a minute exactly"),
        pytest.param(61, 2, id="a second more"),
        pytest.param(200, 4, id="release"),
        pytest.param(3600, 64, id="an hour"),
    ],
)
def test_a_run_of_any_length_has_at_most_sixty_windows(seconds: int, width: int) -> None:
    found = heat([("read", second * SECOND, MS) for second in range(seconds)])
    (row,) = found.rows(["read", "write"])
    assert found.width == width and len(row.answered) <= WINDOWS
    assert sum(row.answered) == seconds == sum(sum(slots.values()) for slots in row.slots())


@pytest.mark.parametrize("seconds", [50, 100, 500])
def test_workers_add_up_in_any_order(seconds: int) -> None:
    made = calls(seconds)
    parts = [heat(made[n::3]) for n in range(3)]
    # A process that has seen only the beginning still counts seconds.
    early = heat([call for call in made if call[1] < 10 * SECOND])
    late = heat([call for call in made if call[1] >= 10 * SECOND])
    for order in (parts, parts[::-1], [early, late], [late, early]):
        whole = Heat()
        for part in order:
            whole.merge(Heat.unpack(json.loads(json.dumps(part.pack()))))
        assert rows(whole) == rows(heat(made))


def test_quantiles_are_true_to_a_slot() -> None:
    made = calls(40, per_second=50)
    for row in rows(heat(made)):
        for window, count in enumerate(row.answered):
            inside = sorted(ns for name, due, ns in made if name == row.operation and due // SECOND == window)
            assert len(inside) == count
            for q, told in ((0.5, row.p50[window]), (0.99, row.p99[window])):
                exact = inside[max(1, math.ceil(q * count)) - 1]
                assert told == pytest.approx(exact, rel=2**-6)


def test_an_empty_window_has_no_quantile() -> None:
    (row,) = heat([("read", 0, MS), ("read", 2 * SECOND, MS)]).rows(["read"])
    assert (row.answered, row.p50[1], row.p99[1], row.heat[1]) == ([1, 0, 1], None, None, [])


def test_slots_are_in_order_without_gaps() -> None:
    last = 0
    for slot in range(40 << COARSE):
        low, high = edges(slot)
        assert low == last and slot_of(low) == slot == slot_of(high - 1)
        last = high


def test_what_is_written_is_small() -> None:
    names = [f"operation{n}" for n in range(17)]
    rng = random.Random(1)
    found = Heat()
    for _ in range(100_000):
        found.record(rng.choice(names), rng.randrange(3600), bucket(round(rng.lognormvariate(1, 1) * MS)))
    written = json.dumps([row.model_dump() for row in found.rows(names)], separators=(",", ":"))
    assert len(written) < 200_000
