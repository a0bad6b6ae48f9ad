"""How often chance alone would raise an alarm, and how surely a slowdown does: simulations, and the tests behind them.

The numbers are from a fixed seed; the bounds leave room for nothing but that.
"""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import pytest

from contracts.verdict import Grade
from reports.baseline import baseline_verdicts, shift_statistics
from reports.baseline.quantile_comparison import QUANTILES, QuantileComparison
from reports.baseline.shift_statistics import ALPHA, mann_whitney, shift, together
from tests.reports.baseline.windowed_runs import series


def asked(
    rng: random.Random, operation: str, count: int, likeness: float, spreads: Sequence[float], factor: float
) -> list[QuantileComparison]:
    return [
        QuantileComparison(
            since="",
            scenario="gate",
            operation=operation,
            quantile=quantile,
            unit="second",
            old=series(rng, count, likeness, spread),
            new=series(rng, count, likeness, spread, factor),
        )
        for quantile, spread in zip(QUANTILES, spreads, strict=True)
    ]


def alarms(
    count: int,
    likeness: float,
    spread: float,
    factor: float,
    times: int,
    *,
    alone: int = 0,
    slow: int | None = None,
) -> dict[str, float]:
    """How often a run is called slower, when all that `compare` looks at is looked at together.

    `alone` operations are compared beside all together; with `slow`, only that one of them is slower by `factor`.
    """
    rng = random.Random(f"{count} {likeness} {spread} {factor} {alone} {slow}")
    found = dict.fromkeys(Grade.__members__, 0)
    for seed in range(times):
        questions = asked(rng, "", count, likeness, (spread, spread), factor if slow is None else 1.0)
        for number in range(alone):
            moved = factor if slow is None or number == slow else 1.0
            # Of one operation there are few answers in a window, so its p99 is a noisy thing.
            questions += asked(rng, f"op{number}", count, likeness, (spread, 0.3), moved)
        found[max(Grade[record.grade] for record in baseline_verdicts.answers(questions, seed)).name] += 1
    return {name: number / times for name, number in found.items()}


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a quantile of 2.5 %, and five times faster."""
    monkeypatch.setattr(shift_statistics, "DRAWS", 200)


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("count", "likeness", "spread"),
    [(30, 0.0, 0.05), (30, 0.8, 0.3), (30, 0.9, 0.05), (50, 0.5, 0.3), (50, 0.9, 0.05), (200, 0.8, 0.3)],
)
def test_two_runs_of_the_same_are_not_called_slower(count: int, likeness: float, spread: float) -> None:
    found = alarms(count, likeness, spread, 1.0, 60)
    assert found["FAIL"] <= ALPHA


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("count", "likeness", "spread", "power"),
    [
        pytest.param(50, 0.0, 0.05, 0.95, id="quick, strangers"),
        pytest.param(50, 0.5, 0.05, 0.8, id="quick, neighbours alike"),
        pytest.param(200, 0.5, 0.1, 0.9, id="release, neighbours alike"),
    ],
)
def test_a_slowdown_of_15_percent_is_found(count: int, likeness: float, spread: float, power: float) -> None:
    assert alarms(count, likeness, spread, 1.15, 40)["FAIL"] >= power


@pytest.fixture
def very_few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of comparisons: Mann-Whitney and Holm decide, the interval only has to lie above one."""
    monkeypatch.setattr(shift_statistics, "DRAWS", 40)


@pytest.mark.usefixtures("very_few_draws")
@pytest.mark.parametrize(
    ("count", "likeness", "spread"),
    [
        pytest.param(50, 0.0, 0.3, id="noisy strangers"),
        pytest.param(30, 0.9, 0.3, id="short, noisy and very alike"),
    ],
)
def test_seventeen_operations_raise_no_more_false_alarms_than_one(
    count: int, likeness: float, spread: float
) -> None:
    found = alarms(count, likeness, spread, 1.0, 30, alone=17)
    assert found["FAIL"] <= ALPHA


def test_without_the_correction_they_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_statistics, "DRAWS", 40)
    monkeypatch.setattr(baseline_verdicts, "together", list)
    assert alarms(50, 0.5, 0.3, 1.0, 30, alone=17)["FAIL"] > 3 * ALPHA


@pytest.mark.usefixtures("very_few_draws")
@pytest.mark.parametrize(
    ("factor", "slow", "power"),
    [
        pytest.param(1.15, None, 0.95, id="all of them"),
        pytest.param(1.15, 3, 0.9, id="one of seventeen"),
    ],
)
def test_a_slowdown_of_15_percent_is_found_among_many(factor: float, slow: int | None, power: float) -> None:
    assert alarms(50, 0.3, 0.05, factor, 20, alone=17, slow=slow)["FAIL"] >= power


def between_runs(kept: int, apart: float, factor: float, times: int, *, alone: int = 0) -> float:
    """How often a run is a FAIL, where every run of the machine is as a whole faster or slower, by `apart` on average, and
    each operation by a fifth of that on its own."""
    rng = random.Random(f"{kept} {apart} {factor} {alone}")
    failed = 0
    for seed in range(times):
        speeds = [math.exp(rng.gauss(0, apart)) for _ in range(kept + 1)]
        questions = []
        for name in ["", *(f"op{number}" for number in range(alone))]:
            for quantile in QUANTILES:
                *old, new = [
                    series(rng, 47, 0.3, 0.05, speed * math.exp(rng.gauss(0, apart / 5))) for speed in speeds
                ]
                asked_of = QuantileComparison(
                    since="", scenario="gate", operation=name, quantile=quantile, unit="second",
                    old=old[0], new=[factor * value for value in new], kept=[median(one) for one in old],
                )  # fmt: skip
                questions.append(asked_of)
        failed += "FAIL" in {record.grade for record in baseline_verdicts.answers(questions, seed)}
    return failed / times


@pytest.mark.usefixtures("very_few_draws")
@pytest.mark.parametrize("apart", [0.03, 0.1, 0.2])
@pytest.mark.parametrize(("kept", "alone", "times"), [(3, 0, 60), (5, 0, 60), (5, 17, 12)])
def test_a_machine_that_is_not_always_as_fast_raises_no_alarm_where_runs_are_kept(
    apart: float, kept: int, alone: int, times: int
) -> None:
    assert between_runs(kept, apart, 1.0, times, alone=alone) <= ALPHA


@pytest.mark.usefixtures("very_few_draws")
def test_with_one_kept_run_it_would_raise_many() -> None:
    """Which is why a folder of several is worth keeping."""
    assert between_runs(1, 0.1, 1.0, 60) > 3 * ALPHA


@pytest.mark.usefixtures("very_few_draws")
@pytest.mark.parametrize(("kept", "apart", "power"), [(5, 0.01, 0.95), (5, 0.03, 0.7), (10, 0.03, 0.75)])
def test_a_slowdown_of_15_percent_is_found_beside_kept_runs(kept: int, apart: float, power: float) -> None:
    assert between_runs(kept, apart, 1.15, 40) >= power


def test_what_could_be_no_failure_blocks_nothing() -> None:
    """Up to 10 % slower it is at most a warning, however sure; so too short a run is one as well, and no UNKNOWN."""
    rng = random.Random(5)
    old = series(rng, 40, 0.97, 0.2)
    for factor, grade in ((1.08, Grade.ADVISORY), (1.5, Grade.UNKNOWN)):
        found = shift(old, [factor * value for value in old], seed=1)
        assert not found.enough(ALPHA) and baseline_verdicts.grade(found) is grade


def test_holm_is_what_the_paper_says() -> None:
    base = shift([10.0, 11.0] * 20, [10.0, 11.0] * 20, seed=1)
    ps = [0.01, 0.04, 0.03, 0.005]
    adjusted = [one.adjusted for one in together([replace(base, p=p) for p in ps])]
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert together([]) == []


def test_windows_too_alike_are_never_a_failure() -> None:
    rng = random.Random(5)
    old, new = series(rng, 40, 0.97, 0.2), series(rng, 40, 0.97, 0.2, 1.5)
    found = shift(old, new, seed=1)
    assert not found.enough(ALPHA) and not found.significant(ALPHA)
    assert baseline_verdicts.grade(found) in (Grade.UNKNOWN, Grade.PASS)


@pytest.mark.parametrize(("n", "m"), [(3, 4), (5, 5), (6, 3)])
def test_mann_whitney_is_the_share_of_arrangements(n: int, m: int) -> None:
    arranged = [set(chosen) for chosen in itertools.combinations(range(n + m), m)]

    def wins(chosen: set[int]) -> int:
        return sum(1 for a in chosen for b in range(n + m) if b not in chosen and a > b)

    for chosen in arranged[::5]:
        expected = sum(wins(other) >= wins(chosen) for other in arranged) / len(arranged)
        old = [float(v) for v in range(n + m) if v not in chosen]
        assert mann_whitney(old, sorted(map(float, chosen))) == pytest.approx(expected)


def test_mann_whitney_with_ties_and_many_values() -> None:
    assert mann_whitney([1.0] * 10, [1.0] * 10) == 1.0
    assert mann_whitney([1.0, 2.0] * 20, [1.0, 2.0] * 20) == pytest.approx(0.5, abs=0.01)
    assert mann_whitney([1.0, 2.0] * 20, [3.0, 4.0] * 20) < 1e-9
