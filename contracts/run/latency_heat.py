"""The latency of each operation over time: at most 60 windows of equal length, each with a coarse histogram.

The length of a run need not be known: when there are too many windows, neighbours are merged. The length of a window is a power of two of
seconds, so that the counts of several processes can be added. During the run a window counts with an error of 1.6 %, enough for its own
quantiles; the file has four slots an octave, enough for a heat map. Verdicts on objectives never use this; comparisons with a baseline use
the quantiles.

    >>> heat = Heat()
    >>> for second in range(100): heat.record("login", second, 5_000)
    >>> heat.width, heat.rows(["login"])[0].answered[:3]
    (2, [2, 2, 2])
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from pydantic import model_validator

from contracts.run.bucket_counts import BucketArray, counts_of, flat
from contracts.run.histogram import first
from contracts.run.values import Count, RunValue

WINDOWS = 60
COARSE = 2
"""The bits after the leading one that a slot of the file distinguishes: 4 slots an octave."""
LAST_SLOT = (64 - COARSE) << COARSE
_DROPPED = 4
"""The low bits of a histogram's index that are dropped during the run: 64 slots an octave."""

BucketCounts = MutableMapping[int, int]


class OperationHeat(RunValue):
    """The latency of one operation over time. The lists have an entry for each window, from the start of the run to its last answer.

    A window has the requests that were due in it. `heat` has flat [slot delta, count] pairs, ascending; `edges` gives the range of a
    slot.
    """

    operation: str
    answered: list[Count]
    p50: list[Count | None]
    """Latency from due, ns; None in a window without an answer."""
    p99: list[Count | None]
    heat: list[list[Count]]

    @model_validator(mode="after")
    def _sound(self) -> OperationHeat:
        if not len(self.answered) == len(self.p50) == len(self.p99) == len(self.heat):
            raise ValueError("the lists are not of one length")
        if any(len(pairs) % 2 or sum(pairs[::2]) > LAST_SLOT for pairs in self.heat):
            raise ValueError("heat is no list of pairs within all times")
        return self

    def slots(self) -> list[BucketCounts]:
        """Slot -> count, for each window."""
        return [counts_of(pairs) for pairs in self.heat]


class Heat:
    """The latencies of all operations during a run. `width` is the length of a window in seconds; `cells` maps operation -> window ->
    slot -> count."""

    __slots__ = ("cells", "width")

    def __init__(self) -> None:
        self.width = 1
        self.cells: dict[str, dict[int, BucketCounts]] = {}

    def record(self, operation: str, second: int, index: int) -> None:
        """Count one answered request. `second` is the second of the run in which it was due, `index` the bucket of its latency, as
        `Histogram.record` returns it."""
        window = second // self.width
        if window >= WINDOWS:
            self._widen()
            return self.record(operation, second, index)
        try:
            counts = self.cells[operation][window]
        except KeyError:
            counts = self.cells.setdefault(operation, {}).setdefault(window, {})
        slot = index >> _DROPPED
        counts[slot] = counts.get(slot, 0) + 1
        return None

    def merge(self, other: Heat) -> None:
        while self.width < other.width:
            self._widen()
        ratio = self.width // other.width
        for operation, windows in other.cells.items():
            mine = self.cells.setdefault(operation, {})
            for window, counts in windows.items():
                _add(mine, window // ratio, counts)

    def _widen(self) -> None:
        self.width *= 2
        for operation, windows in self.cells.items():
            joined: dict[int, BucketCounts] = {}
            for window, counts in windows.items():
                _add(joined, window // 2, counts)
            self.cells[operation] = joined

    def rows(self, operations: Iterable[str]) -> list[OperationHeat]:
        """The rows of those operations that were answered, in the order given."""
        return [_row(name, self.cells[name]) for name in operations if self.cells.get(name)]

    def pack(self) -> dict[str, Any]:
        """The JSON form, which `unpack` reads."""
        return {
            "width": self.width,
            "cells": {
                operation: [[window, *flat(counts)] for window, counts in sorted(windows.items())]
                for operation, windows in self.cells.items()
            },
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Heat:
        self = cls()
        self.width = packed["width"]
        for operation, rows in packed["cells"].items():
            self.cells[operation] = {row[0]: counts_of(row[1:]) for row in rows}
        return self


def slot_of(nanoseconds: int) -> int:
    """The slot of a latency in the file: the indexing of `contracts.run.histogram`, with fewer bits."""
    shift = nanoseconds.bit_length() - (COARSE + 1)
    return max(0, nanoseconds) if shift <= 0 else (shift << COARSE) + (nanoseconds >> shift)


def edges(slot: int) -> tuple[int, int]:
    """The range of a slot in nanoseconds, the end excluded.

    >>> all(edges(slot_of(ns))[0] <= ns < edges(slot_of(ns))[1] for ns in (0, 3, 9, 4_999_999, 10**10))
    True
    """
    return first(slot, COARSE), first(slot + 1, COARSE)


def _first(slot: int) -> int:
    """The smallest value, in nanoseconds, of a slot during the run."""
    return first(slot << _DROPPED)


def _row(operation: str, windows: Mapping[int, BucketCounts]) -> OperationHeat:
    every = [windows.get(window, {}) for window in range(max(windows) + 1)]
    return OperationHeat(
        operation=operation,
        answered=[sum(counts.values()) for counts in every],
        p50=[_quantile(counts, 0.5) for counts in every],
        p99=[_quantile(counts, 0.99) for counts in every],
        heat=[flat(_coarse(counts)) for counts in every],
    )


def _quantile(counts: BucketCounts, q: float) -> int | None:
    """The nearest-rank quantile, as the middle of its slot."""
    rank = max(1, math.ceil(q * sum(counts.values())))
    for slot in sorted(counts):
        rank -= counts[slot]
        if rank <= 0:
            return (_first(slot) + _first(slot + 1)) // 2
    return None


def _coarse(counts: BucketCounts) -> BucketCounts:
    found: BucketCounts = {}
    for slot, count in counts.items():
        wide = slot_of(_first(slot))
        found[wide] = found.get(wide, 0) + count
    return found


def _add(windows: dict[int, BucketCounts], window: int, counts: BucketCounts) -> None:
    mine = windows.get(window)
    if not isinstance(mine, BucketArray):
        mine = windows[window] = BucketArray(mine)
    mine.add(counts)
