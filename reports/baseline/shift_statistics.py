"""The tests whether a run's windows are slower than an earlier run's; a shift is significant only if two tests agree.

Neighbouring windows of a run are correlated, so neither test treats them as independent: the bootstrap draws whole blocks of
neighbours, and Mann-Whitney compares the medians of blocks. Many comparisons share one rate of false alarms (Holm).

>>> shift([10.0, 11.0] * 20, [10.0, 11.0] * 20, seed=1).significant(ALPHA)
False
>>> shift([10.0, 11.0] * 20, [13.0, 14.0] * 20, seed=1).significant(ALPHA)
True
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist, median

ALPHA = 0.05
"""The false alarms that are stated: per comparison of one run, for all of its operations and quantiles together."""
DRAWS = 1000
LEAST = 20
"""Windows on each side, below which nothing is said."""
MOST = 300
"""Windows on each side that are looked at; more are first joined, so that an hour takes no longer than five minutes."""
BLOCKS = 6
"""Blocks on each side, below which a run is too short for how much its windows resemble each other."""
TAIL = 0.025
"""Left out at either end of the bootstrap's interval: 95 % lie between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyShift:
    """The change of latency between two runs. `ratio` is new over old, of the medians over windows; `low` and `high` are its
    confidence interval."""

    old: float
    new: float
    low: float
    high: float
    p: float
    """One-sided Mann-Whitney: how often so much slower by chance."""
    block: int
    blocks: int
    """Windows in a block, and blocks on the shorter side."""
    comparisons: int = 1
    adjusted: float = 1.0
    """`p` after Holm's correction for so many comparisons."""

    @property
    def ratio(self) -> float:
        return self.new / self.old

    def enough(self, level: float) -> bool:
        """Whether so many blocks can show a significant difference at all."""
        least = self.comparisons / math.comb(2 * self.blocks, self.blocks)
        return self.blocks >= BLOCKS and least < level

    def significant(self, level: float) -> bool:
        return self.enough(level) and self.adjusted < level and self.low > 1.0


def shift(old: Sequence[float], new: Sequence[float], *, seed: int) -> LatencyShift:
    """The change from `old` to `new`. Both need at least LEAST windows, in the order of time, all above zero."""
    before, after = _joined(old), _joined(new)
    block = max(_block(before), _block(after))
    rng = random.Random(seed)
    ratios = sorted(_drawn(after, block, rng) / _drawn(before, block, rng) for _ in range(DRAWS))
    # One-sided: `low` alone decides, and `high` is its mirror image for the reader.
    edge = math.floor(TAIL * DRAWS)
    p = mann_whitney(_medians(before, block), _medians(after, block))
    return LatencyShift(
        old=median(before),
        new=median(after),
        low=ratios[edge],
        high=ratios[-1 - edge],
        p=p,
        block=block,
        blocks=min(len(before), len(after)) // block,
        adjusted=p,
    )


def together(found: Sequence[LatencyShift]) -> list[LatencyShift]:
    """The changes with p-values corrected for their number: the chance of any false alarm among them is that of a single test.

    Holm 1979: the smallest p counts n times, the next n - 1 times, and none counts for less than a smaller one.

    >>> base = shift([10.0, 11.0] * 20, [13.0, 14.0] * 20, seed=1)
    >>> [round(s.adjusted, 3) for s in together([replace(base, p=p) for p in (0.03, 0.01, 0.04)])]
    [0.06, 0.03, 0.06]
    """
    count, worst = len(found), 0.0
    adjusted = [0.0] * count
    for rank, index in enumerate(sorted(range(count), key=lambda index: found[index].p)):
        worst = max(worst, min(1.0, (count - rank) * found[index].p))
        adjusted[index] = worst
    return [replace(one, adjusted=p, comparisons=count) for one, p in zip(found, adjusted, strict=True)]


def _joined(values: Sequence[float]) -> list[float]:
    size = -(-len(values) // MOST)
    return [median(values[i : i + size]) for i in range(0, len(values), size)]


def _block(values: Sequence[float]) -> int:
    """The length of a block of correlated windows: twice the integrated autocorrelation time.

    Ranks are correlated and not values, because one stall would hide the correlation of all other windows.
    """
    ranks = _ranks(values)
    count = len(ranks)
    mean = (count + 1) / 2
    spread = sum((rank - mean) ** 2 for rank in ranks)

    def likeness(lag: int) -> float:
        pairs = zip(ranks, ranks[lag:], strict=False)
        return sum((one - mean) * (other - mean) for one, other in pairs) / spread if spread else 0.0

    summed, lag = 1.0, 1
    # The first lag that looks like noise ends the sum (Bartlett's bound for an independent series).
    while lag < count // 2 and (alike := likeness(lag)) >= 1.0 / math.sqrt(count):
        summed, lag = summed + 2 * alike, lag + 1
    # A short series makes itself look less alike than it is, by about this much (Marriott and Pope 1954).
    first = likeness(1)
    first = min(0.99, first + (1 + 4 * first) / count) if first > 0 else 0.0
    return math.ceil(max(2 * max(summed, (1 + first) / (1 - first)), math.pow(count, 1 / 3)))


def _drawn(values: Sequence[float], block: int, rng: random.Random) -> float:
    """The median of a series made of random blocks of `values` (circular block bootstrap)."""
    count = len(values)
    # Long enough for a block from any place of the circle to be one slice.
    circle = [*values, *values] * (1 + block // count)
    drawn: list[float] = []
    for start in rng.choices(range(count), k=-(-count // block)):
        drawn += circle[start : start + block]
    return median(drawn[:count])


def _medians(values: Sequence[float], block: int) -> list[float]:
    whole = max(1, len(values) // block)
    return [median(values[i * block : (i + 1) * block]) for i in range(whole)]


def mann_whitney(old: Sequence[float], new: Sequence[float]) -> float:
    """P(new this much above old by chance), one-sided: exact for few values without ties, else normal.

    >>> round(mann_whitney([1, 2, 3, 4], [5, 6, 7, 8]), 4)
    0.0143
    """
    n, m = len(old), len(new)
    ranks = _ranks([*old, *new])
    u = sum(ranks[n:]) - m * (m + 1) / 2
    if len(set(ranks)) == n + m and n * m <= 400:
        return sum(_arrangements(n, m)[round(u) :]) / math.comb(n + m, m)
    ties = _ties(ranks)
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    # 0.5 is the correction for continuity.
    return 1.0 - NormalDist().cdf((u - n * m / 2 - 0.5) / math.sqrt(variance))


@lru_cache
def _arrangements(n: int, m: int) -> list[int]:
    """The number of arrangements for each U (Mann and Whitney 1947, the recurrence of section 2). The comparisons of a run share them."""
    # counts[k][v]: ways to place k of the new values among those seen so far with v pairs won.
    counts = [[0] * (n * m + 1) for _ in range(m + 1)]
    counts[0][0] = 1
    for seen in range(1, n + m + 1):
        for k in range(min(m, seen), 0, -1):
            beaten = seen - k
            if beaten > n:
                continue
            for v in range(n * m, beaten - 1, -1):
                counts[k][v] += counts[k - 1][v - beaten]
    return counts[m]


def _ranks(values: Sequence[float]) -> list[float]:
    """The ranks of values, from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for index in order[start : end + 1]:
            ranks[index] = (start + end) / 2 + 1
        start = end + 1
    return ranks


def _ties(ranks: Sequence[float]) -> float:
    counts: dict[float, int] = {}
    for rank in ranks:
        counts[rank] = counts.get(rank, 0) + 1
    return float(sum(count**3 - count for count in counts.values()))
