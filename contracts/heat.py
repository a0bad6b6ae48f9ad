"""Latency of each operation over time: at most 60 equal windows, in each a coarse histogram. Pure.

A run of unknown length fits, because two neighbours become one window whenever there would be too many: the length of a
window is a power of two of seconds, so what several processes counted adds up. While it grows, a window counts to 1.6 %
of a latency, enough for its own quantiles; what is written down keeps four slots an octave, enough for a picture.
Verdicts on objectives never read this, comparisons with a baseline read the quantiles.

    >>> heat = Heat()
    >>> for second in range(100): heat.record("login", due=second * SECOND, latency=5_000_000)
    >>> heat.width, heat.rows(["login"])[0].answered[:3]
    (2, [2, 2, 2])
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

SECOND = 1_000_000_000
WINDOWS = 60
FINE, COARSE = 6, 2
"""Bits kept behind the leading one: 64 and 4 slots an octave."""

Counts = dict[int, int]


class OperationHeat(BaseModel):
    """One operation; the lists have an entry for each window from the start of the run to its last answer.

    A window holds the requests that were due in it. `heat` has flat [slot delta, count] pairs, ascending; `edges` says what
    a slot spans.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: str
    answered: list[int]
    p50: list[int | None]
    """Latency from due, ns; None in a window without an answer."""
    p99: list[int | None]
    heat: list[list[int]]

    def slots(self) -> list[Counts]:
        """For each window, slot -> count."""
        return [_counts(flat) for flat in self.heat]


class Heat:
    """What grows while a run is on. `width` is the length of a window in seconds."""

    __slots__ = ("cells", "width")

    def __init__(self) -> None:
        self.width = 1
        self.cells: dict[str, dict[int, Counts]] = {}

    def record(self, operation: str, *, due: int, latency: int) -> None:
        """Times are ns from the start of the run."""
        second = max(0, due) // SECOND
        while second >= WINDOWS * self.width:
            self._widen()
        windows = self.cells.get(operation)
        if windows is None:
            windows = self.cells[operation] = {}
        window = second // self.width
        counts = windows.get(window)
        if counts is None:
            counts = windows[window] = {}
        slot = slot_of(latency, FINE)
        counts[slot] = counts.get(slot, 0) + 1

    def merge(self, other: Heat) -> None:
        while self.width < other.width:
            self._widen()
        ratio = self.width // other.width
        for operation, windows in other.cells.items():
            mine = self.cells.setdefault(operation, {})
            for window, counts in windows.items():
                _add(mine.setdefault(window // ratio, {}), counts)

    def _widen(self) -> None:
        self.width *= 2
        for operation, windows in self.cells.items():
            joined: dict[int, Counts] = {}
            for window, counts in windows.items():
                _add(joined.setdefault(window // 2, {}), counts)
            self.cells[operation] = joined

    def rows(self, operations: Iterable[str]) -> list[OperationHeat]:
        """Those of these operations that were answered, in the order given."""
        return [_row(name, self.cells[name]) for name in operations if self.cells.get(name)]

    def pack(self) -> dict[str, Any]:
        """JSON form, the whole of it."""
        return {
            "width": self.width,
            "cells": {
                operation: [[window, *_flat(counts)] for window, counts in sorted(windows.items())]
                for operation, windows in self.cells.items()
            },
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Heat:
        self = cls()
        self.width = packed["width"]
        for operation, rows in packed["cells"].items():
            self.cells[operation] = {row[0]: _counts(row[1:]) for row in rows}
        return self


def slot_of(nanoseconds: int, bits: int) -> int:
    """As in `contracts.histogram`, with fewer bits."""
    shift = nanoseconds.bit_length() - (bits + 1)
    return max(0, nanoseconds) if shift <= 0 else (shift << bits) + (nanoseconds >> shift)


def edges(slot: int, bits: int = COARSE) -> tuple[int, int]:
    """The first ns of a slot, and the first beyond it.

    >>> all(edges(slot_of(ns, COARSE))[0] <= ns < edges(slot_of(ns, COARSE))[1] for ns in (0, 3, 9, 4_999_999, 10**10))
    True
    """
    if slot < 1 << (bits + 1):
        return slot, slot + 1
    shift = (slot >> bits) - 1
    low = (slot - (shift << bits)) << shift
    return low, low + (1 << shift)


def _row(operation: str, windows: Mapping[int, Counts]) -> OperationHeat:
    every = [windows.get(window, {}) for window in range(max(windows) + 1)]
    return OperationHeat(
        operation=operation,
        answered=[sum(counts.values()) for counts in every],
        p50=[_quantile(counts, 0.5) for counts in every],
        p99=[_quantile(counts, 0.99) for counts in every],
        heat=[_flat(_coarse(counts)) for counts in every],
    )


def _quantile(counts: Counts, q: float) -> int | None:
    """Nearest rank, at the middle of its slot."""
    rank = max(1, math.ceil(q * sum(counts.values())))
    for slot in sorted(counts):
        rank -= counts[slot]
        if rank <= 0:
            low, high = edges(slot, FINE)
            return (low + high) // 2
    return None


def _coarse(counts: Counts) -> Counts:
    found: Counts = {}
    for slot, count in counts.items():
        wide = slot_of(edges(slot, FINE)[0], COARSE)
        found[wide] = found.get(wide, 0) + count
    return found


def _add(mine: Counts, more: Counts) -> None:
    for slot, count in more.items():
        mine[slot] = mine.get(slot, 0) + count


def _flat(counts: Counts) -> list[int]:
    flat: list[int] = []
    previous = 0
    for slot in sorted(counts):
        flat += (slot - previous, counts[slot])
        previous = slot
    return flat


def _counts(flat: list[int]) -> Counts:
    slot, counts = 0, {}
    for delta, count in zip(flat[::2], flat[1::2], strict=True):
        slot += delta
        counts[slot] = count
    return counts
