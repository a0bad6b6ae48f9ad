"""Runs with windows, for comparisons: log-normal, each window like the one before it (AR(1)), with a stall now and then."""

import math
import random
from collections.abc import Sequence
from functools import cache

from contracts.run import Generator, LoadResult, Run, Window
from contracts.run.latency_heat import Heat
from tests.buckets import bucket
from tests.reports import sample_runs

QUIET = Generator(planned=1, sent=1, late=0, dropped=0, unfinished=0)


def series(
    rng: random.Random, count: int, likeness: float, spread: float, factor: float = 1.0
) -> list[float]:
    """ns; `likeness` is the correlation of neighbours, `spread` the coefficient of variation."""
    sigma = math.sqrt(math.log(1 + spread**2))
    state, found = rng.gauss(0, 1), []
    for _ in range(count):
        state = likeness * state + math.sqrt(1 - likeness**2) * rng.gauss(0, 1)
        stall = rng.uniform(5, 20) if rng.random() < 0.02 else 1.0
        found.append(10e6 * math.exp(sigma * state) * stall * factor)
    return found


def load(p50: Sequence[float], p99: Sequence[float], *, slow: str = "") -> LoadResult:
    windows = [
        Window(second=i, planned=1, sent=1, done=1, errors=0, over=0, lateness_max=0, p50=a, p99=b)
        for i, (a, b) in enumerate(zip(p50, p99, strict=True))
    ]
    return sample_runs.load(slow=slow).model_copy(
        update={"windows": windows, "generator": QUIET, "heat": [], "heat_seconds": 0}
    )


@cache
def heated(seed: int, *, slow: str = "", factor: float = 1.0, names: int = 4, seconds: int = 60) -> Run:
    """A run whose operations have windows of their own; `slow` is slower by `factor`."""
    rng = random.Random(f"{seed}{slow}")
    heat = Heat()
    chosen = list(sample_runs.LABELS)[:names]
    for name in chosen:
        for number in range(30 * seconds):
            latency = rng.lognormvariate(0, 0.2) * 3e6 * (factor if name == slow else 1.0)
            heat.record(name, number // 30, bucket(round(latency)))
    made = run(seed)
    found = made.loads[0].model_copy(update={"heat": heat.rows(chosen), "heat_seconds": heat.width})
    return made.model_copy(update={"loads": [found]})


@cache
def run(seed: int, *, factor: float = 1.0, count: int = 60, likeness: float = 0.3, slow: str = "") -> Run:
    rng = random.Random(seed)
    p50, p99 = (series(rng, count, likeness, 0.08, factor) for _ in range(2))
    return sample_runs.run(checks=sample_runs.checks(), loads=[load(p50, p99, slow=slow)])
