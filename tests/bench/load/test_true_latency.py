"""The truth of an accuracy run, and how far a number is from it."""

import doctest

import pytest

from tests.bench.load import true_latency
from tests.bench.load.known_latency_server import RULES
from tests.bench.load.true_latency import MS, of, off, stalled

STALLS = [(1_000 * MS, 2_000 * MS)]


def test_examples() -> None:
    failed, tried = doctest.testmod(true_latency)
    assert tried and not failed


@pytest.mark.parametrize(
    ("due", "waited"),
    [
        pytest.param(0, 20, id="long before"),
        pytest.param(979, 20, id="answered just in time"),
        pytest.param(990, 1_010, id="its answer falls into the pause"),
        pytest.param(1_000, 1_020, id="comes as it begins"),
        pytest.param(1_999, 21, id="comes as it ends"),
        pytest.param(2_000, 20, id="comes after it"),
    ],
)
def test_who_waits_for_a_pause(due: int, waited: int) -> None:
    assert stalled(due * MS, STALLS) == waited * MS


def test_percentiles_are_nearest_ranks_and_over_is_strict() -> None:
    seen = of([200 * MS] * 99 + [200 * MS + 1])
    assert (seen.percentiles["p99"], seen.percentiles["p99.9"]) == (200 * MS, 200 * MS + 1)
    assert (seen.over, seen.share) == (1, 0.01)


def test_how_far_off() -> None:
    assert off(20.2, 20.0) == pytest.approx(1.0)
    assert off(19.8, 20.0) == pytest.approx(1.0)


def test_the_known_distributions() -> None:
    spread = [RULES["spread"](n) for n in range(100_000)]
    assert [spread.count(ms) / 1_000 for ms in (20, 150, 203)] == pytest.approx([95, 4, 1], rel=0.05)
    # Of as many as a run has, no percentile lies at the edge of its kind.
    assert spread[:6_000].count(20) < 5_695 and spread[:6_000].count(203) > 61
    edge = [RULES["edge"](n) for n in range(600)]
    assert sum(ms > 200 for ms in edge) == 300
