"""The detection matrix: all cells of one run, as JSON for programs and pictures and as Markdown for people.

The picture-ready form is `grid`: names of rows (faults) and columns (checks) once, and one short array a cell.
It knows nothing of servers. A fault counts as detected when every check that it names went red.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.power.cell import OUTCOMES, Cell


@dataclass(frozen=True, slots=True)
class Matrix:
    cells: Sequence[Cell]
    seconds: float
    clean: int = 0
    """Tests that were run with no fault on, a load run counting as one."""
    alarms: Sequence[str] = ()
    """Those of them that were red all the same."""

    @property
    def named(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.named]

    @property
    def faults(self) -> dict[str, list[Cell]]:
        rows: dict[str, list[Cell]] = {}
        for cell in self.named:
            rows.setdefault(cell.fault, []).append(cell)
        return rows

    @property
    def detected(self) -> int:
        return sum(all(cell.caught for cell in row) for row in self.faults.values())

    @property
    def wanting(self) -> list[Cell]:
        """Cells that are not red, in order."""
        return [cell for cell in self.cells if not cell.caught]

    def median_requests(self) -> float:
        """Of the cells that are red by the suite; a load run's length is its plan's, not a finding's."""
        found = [
            cell.requests for cell in self.cells if cell.caught and not cell.provoked.startswith("load run")
        ]
        return statistics.median(found) if found else 0

    def packed(self) -> dict[str, Any]:
        return {
            "format": 1,
            "summary": {
                "faults": len(self.faults),
                "detected": self.detected,
                "cells": len(self.cells),
                "outcomes": dict(Counter(cell.outcome for cell in self.cells)),
                "cleanTests": self.clean,
                "falseAlarms": list(self.alarms),
                "medianRequests": self.median_requests(),
                "seconds": round(self.seconds, 1),
            },
            "cells": [cell.packed() for cell in self.cells],
            "grid": self.grid(),
        }

    def grid(self) -> dict[str, Any]:
        """`cells` are [row, column, outcome's number, requests, seconds]; `families` are [name, first row, rows]."""
        rows = list(self.faults)
        columns = list(dict.fromkeys(cell.check for cell in self.named))
        families: list[list[Any]] = []
        for name, row in self.faults.items():
            if not families or families[-1][0] != row[0].family:
                families.append([row[0].family, rows.index(name), 0])
            families[-1][2] += 1
        names = list(OUTCOMES)
        return {
            "rows": rows,
            "columns": columns,
            "families": families,
            "outcomes": names,
            "cells": [
                [
                    rows.index(c.fault),
                    columns.index(c.check),
                    names.index(c.outcome),
                    c.requests,
                    round(c.seconds, 2),
                ]
                for c in self.named
            ],
        }

    def headline(self) -> str:
        counted = Counter(cell.outcome for cell in self.cells)
        told = ", ".join(f"{counted[name]} {name}" for name in OUTCOMES if counted[name])
        return (
            f"{self.detected} of {len(self.faults)} faults detected by every check that they name; {len(self.cells)} cells: {told};"
            f" median {self.median_requests():g} requests until detection; with no fault {len(self.alarms)} of {self.clean} tests red;"
            f" {self.seconds:.0f} s"
        )

    def markdown(self) -> str:
        lines = ["# Detection matrix", "", f"{self.headline()}.", ""]
        if self.wanting:
            lines += ["## Not red", "", *_table(self.wanting, why=True), ""]
        for family in dict.fromkeys(cell.family for cell in self.named):
            lines += [f"## {family}", "", *_table([c for c in self.named if c.family == family]), ""]
        others = [cell for cell in self.cells if not cell.named]
        if others:
            lines += [
                "## Checks that no fault names, and a fault that turns them red",
                "",
                *_table(others),
                "",
            ]
        return "\n".join(lines)


def _table(cells: Sequence[Cell], *, why: bool = False) -> list[str]:
    head = [
        "fault",
        "named check",
        "outcome",
        "red test",
        "provoked by",
        "requests",
        "seconds",
        *(["why"] if why else []),
    ]
    lines = [head, ["---"] * len(head)]
    for cell in cells:
        row = [
            f"`{cell.given}`",
            f"`{cell.check}`",
            cell.outcome,
            cell.test,
            cell.provoked,
            f"{cell.requests}",
            f"{cell.seconds:.2f}",
        ]
        lines.append([*row, *([cell.told or OUTCOMES[cell.outcome]] if why else [])])
    return [
        f"| {' | '.join(text.replace('|', chr(92) + '|').replace(chr(10), ' ') for text in line)} |"
        for line in lines
    ]
