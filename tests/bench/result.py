"""What a benchmark found: rows with a number each, and what was promised of it. A value; no I/O, no clock.

A limit is either absolute (`Limit("at most", 150)` is held against `value`) or relative: `Limit("at least", 0.17, "nginx")` is
held against `ratio`, the value over that of what is named. A row without a value was not measured, and `note` says why and
what to install: it neither meets its limit nor misses it.

>>> Row("GET", 21_000, "/s", ratio=0.19, limit=Limit("at least", 0.17, "nginx")).met
True
>>> Row("GET", None, "/s", limit=Limit("at least", 0.17, "nginx"), note="wrk is missing").met is None
True
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """`of` names what a ratio is relative to; empty where the value itself is limited."""

    kind: Literal["at least", "at most"]
    number: float
    of: str = ""

    def holds(self, number: float) -> bool:
        return number >= self.number if self.kind == "at least" else number <= self.number


@dataclass(frozen=True, slots=True)
class Row:
    """`spread` is the smallest and the largest value of the rounds whose median `value` is."""

    what: str
    value: float | None
    unit: str
    ratio: float | None = None
    limit: Limit | None = None
    spread: tuple[float, float] | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None: nothing was promised, or nothing was measured."""
        judged = self.ratio if self.limit is not None and self.limit.of else self.value
        if self.limit is None or judged is None:
            return None
        return self.limit.holds(judged)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words beside the numbers: a head, and rows as long as the head."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """One table. `about` is one sentence: what was measured, how and against what."""

    title: str
    about: str
    rows: Sequence[Row]
    grids: Sequence[Grid] = ()

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if row.met is False]

    @property
    def unmeasured(self) -> list[Row]:
        return [row for row in self.rows if row.value is None]

    def packed(self) -> dict[str, Any]:
        """JSON values only; `unpacked` reads it back."""
        rows = [{**asdict(row), "met": row.met} for row in self.rows]
        return {
            "title": self.title,
            "about": self.about,
            "rows": rows,
            "grids": [asdict(grid) for grid in self.grids],
        }


def unpacked(packed: dict[str, Any]) -> Result:
    return Result(
        packed["title"],
        packed["about"],
        tuple(_row(row) for row in packed["rows"]),
        tuple(Grid(grid["title"], grid["head"], grid["rows"]) for grid in packed["grids"]),
    )


def _row(packed: dict[str, Any]) -> Row:
    limit, spread = packed["limit"], packed["spread"]
    return Row(
        packed["what"],
        packed["value"],
        packed["unit"],
        packed["ratio"],
        Limit(**limit) if limit else None,
        (spread[0], spread[1]) if spread else None,
        packed["note"],
    )
