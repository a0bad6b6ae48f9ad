"""A mergeable log-linear histogram of durations in nanoseconds, relative error below 0.1 %.

A value keeps its 10 leading bits after the first one: bucket width / value <= 2**-10 = 0.098 %, and the
reported midpoint is off by at most half of that. Merging is addition of counters, so a master's histogram
equals the sum of its workers' to the request. Quantiles are nearest rank: the smallest recorded value
that at least the share `q` of all values does not exceed (`ceil(q * n)`-th of the sorted list).

    >>> h = Histogram()
    >>> for ms in (10, 20, 30, 203): _ = h.record(ms * 1_000_000)
    >>> round(h.quantile(0.5) / 1e6), round(h.quantile(1.0) / 1e6)
    (20, 203)
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from itertools import accumulate
from typing import Any

from contracts.run.bucket_counts import BucketArray, counts_of, flat

BITS = 10
_LEADING = BITS + 1


class Histogram:
    """A histogram of nanoseconds. `counts` are by bucket; `total`, `minimum`, `maximum` and `sum` are exact."""

    __slots__ = ("counts", "maximum", "minimum", "sum", "total")

    def __init__(self) -> None:
        self.counts: MutableMapping[int, int] = {}
        self.total = 0
        self.sum = 0
        self.minimum: int | None = None
        self.maximum: int | None = None

    def record(self, nanoseconds: int, count: int = 1) -> int:
        """Count a value, and return the index of its bucket. (It is one function for speed: each request is recorded several times.)"""
        shift = nanoseconds.bit_length() - _LEADING
        # Below 2**(BITS + 1) ns each value is its own bucket; above, `shift` low bits are dropped.
        index = nanoseconds if shift <= 0 else (shift << BITS) + (nanoseconds >> shift)
        counts = self.counts
        counts[index] = counts.get(index, 0) + count
        self.total += count
        self.sum += nanoseconds * count
        if self.minimum is None or self.maximum is None:
            self.minimum = self.maximum = nanoseconds
        elif nanoseconds < self.minimum:
            self.minimum = nanoseconds
        elif nanoseconds > self.maximum:
            self.maximum = nanoseconds
        return index

    def merge(self, other: Histogram) -> None:
        # A histogram that is merged into is merged into all through a run.
        if not isinstance(self.counts, BucketArray):
            self.counts = BucketArray(self.counts)
        self.counts.add(other.counts)
        self.total += other.total
        self.sum += other.sum
        if other.minimum is not None:
            self.minimum = other.minimum if self.minimum is None else min(self.minimum, other.minimum)
        if other.maximum is not None:
            self.maximum = other.maximum if self.maximum is None else max(self.maximum, other.maximum)

    def quantile(self, q: float) -> float | None:
        """The nearest-rank quantile in nanoseconds; None, and not 0, if nothing was recorded."""
        if not self.total or self.maximum is None or self.minimum is None:
            return None
        indexes, counts = self._cumulated()
        place = bisect_left(counts, max(1, math.ceil(q * self.total)))
        return min(max(middle(indexes[place]), self.minimum), self.maximum)

    def cumulative(self) -> Iterator[tuple[float, int]]:
        """(middle of a bucket in ns, number of values in it and below), ascending."""
        indexes, counts = self._cumulated()
        return zip(map(middle, indexes), counts, strict=True)

    def below(self, bounds: Iterable[float]) -> list[int]:
        """For each bound in ns, the number of values in buckets whose middle is at or below it."""
        indexes, counts = self._cumulated()
        places = (bisect_right(indexes, bound, key=middle) for bound in bounds)
        return [counts[place - 1] if place else 0 for place in places]

    def _cumulated(self) -> tuple[list[int], list[int]]:
        """The bucket indices, ascending, and the cumulative counts."""
        indexes = sorted(self.counts)
        return indexes, list(accumulate(map(self.counts.__getitem__, indexes)))

    def mean(self) -> float | None:
        return self.sum / self.total if self.total else None

    def pack(self) -> dict[str, object]:
        """JSON form."""
        counts = flat(self.counts)
        return {"bits": BITS, "min": self.minimum, "max": self.maximum, "sum": self.sum, "counts": counts}

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Histogram:
        if packed.get("bits") != BITS:
            raise ValueError(
                f"a histogram with {packed.get('bits')} bits cannot be merged with one of {BITS}"
            )
        self = cls()
        self.counts = counts_of(packed["counts"])
        self.total = sum(self.counts.values())
        self.minimum, self.maximum, self.sum = packed["min"], packed["max"], packed["sum"]
        return self

    @classmethod
    def of(cls, values: Iterable[int]) -> Histogram:
        self = cls()
        for value in values:
            self.record(value)
        return self


def middle(index: int) -> float:
    """The middle of a bucket in nanoseconds: the inverse of the indexing in `record`."""
    return (first(index) + first(index + 1) - 1) / 2


def first(index: int, bits: int = BITS) -> int:
    """The smallest value of a bucket, in nanoseconds."""
    if index < 2 << bits:
        return index
    # record() puts (1 << bits) <= value >> shift < (2 << bits), so the index is (shift << bits) + that.
    shift = (index >> bits) - 1
    return (index - (shift << bits)) << shift
