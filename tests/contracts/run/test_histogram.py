"""The histogram: bounded error, exact totals, merging that equals recording together."""

import math
import random

import pytest

from contracts.run.histogram import Histogram, middle


def test_a_bucket_is_within_a_tenth_of_a_percent_of_what_went_in() -> None:
    chance = random.Random(7)
    for _ in range(20_000):
        value = int(10 ** chance.uniform(0, 12))
        histogram = Histogram.of([value])
        assert abs(middle(next(iter(histogram.counts))) - value) <= value * 0.001


@pytest.mark.parametrize("value", [0, 1, 2047, 2048, 2049, 4095, 4096, 200_000_000, 2**40 - 1, 2**40])
def test_borders_of_buckets_are_ordered_and_close(value: int) -> None:
    low, high = (next(iter(Histogram.of([v]).counts)) for v in (value, value + 1))
    assert low <= high
    assert abs(middle(low) - value) <= max(0.5, value * 0.0005)


def test_quantiles_are_nearest_rank() -> None:
    chance = random.Random(3)
    values = [int(chance.lognormvariate(17, 1)) for _ in range(4321)]
    histogram = Histogram.of(values)
    ordered = sorted(values)
    for q in (0.001, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0):
        exact = ordered[max(1, math.ceil(q * len(values))) - 1]
        assert histogram.quantile(q) == pytest.approx(exact, rel=0.001)


def test_what_lies_below_a_bound_is_what_the_steps_say() -> None:
    chance = random.Random(4)
    histogram = Histogram.of([int(chance.expovariate(1e-7)) for _ in range(700)])
    bounds = [0, 1, 5e6, 1e7, 3.3e7, 1e12, *(middle(index) for index in list(histogram.counts)[:20])]
    steps = list(histogram.cumulative())
    assert histogram.below(bounds) == [
        max((n for at, n in steps if at <= bound), default=0) for bound in bounds
    ]
    assert Histogram().below([1.0]) == [0]


def test_the_ends_are_exact() -> None:
    histogram = Histogram.of([199_999_999, 203_000_001, 20_000_003])
    assert (histogram.minimum, histogram.maximum, histogram.total) == (20_000_003, 203_000_001, 3)
    assert histogram.quantile(1.0) == pytest.approx(203_000_001, rel=0.0005)
    assert histogram.sum == 199_999_999 + 203_000_001 + 20_000_003


def test_nothing_recorded_has_no_quantile_rather_than_zero() -> None:
    assert Histogram().quantile(0.99) is None
    assert Histogram().mean() is None


def test_merging_workers_equals_recording_in_one() -> None:
    chance = random.Random(5)
    workers = [[int(chance.expovariate(1e-7)) for _ in range(500)] for _ in range(4)]
    merged = Histogram()
    for values in workers:
        merged.merge(Histogram.of(values))
    together = Histogram.of(value for values in workers for value in values)
    assert merged.counts == together.counts
    assert merged.pack() == together.pack()


def test_packing_is_lossless() -> None:
    chance = random.Random(9)
    histogram = Histogram.of(int(chance.expovariate(1e-8)) for _ in range(1000))
    copy = Histogram.unpack(histogram.pack())
    assert copy.pack() == histogram.pack()
    assert copy.quantile(0.99) == histogram.quantile(0.99)


def test_another_resolution_is_refused() -> None:
    packed = Histogram.of([1]).pack()
    with pytest.raises(ValueError, match="bits"):
        Histogram.unpack({**packed, "bits": 7})
