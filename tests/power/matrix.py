"""The detection matrix: all cells of one run, as JSON for programs and pictures and as Markdown for people.

It knows nothing of servers. A fault counts as detected when every check that it names went red. power.json has
format 1; a member that was not measured is left out:

    summary      sums: faults, detected, cells, outcomes, cleanTests, falseAlarms, medianRequests, seconds, server
    cells        [Cell.packed()]: one fault, one check, what came of it
    grid         the same, picture-ready: names of rows (faults) and columns (checks) once, and one short array a cell
    stock        {fault: {outcome: found|missed|error|timeout, requests, seconds, told, withHooks?}}: the stock `st run`
    stockRun     {command, which: sample|all, asked, found, seconds, clean: [..], families: {family: [found, asked]}}
    cleanSeeds   [whole.Verdict.packed()]: the whole suite with no fault on, a seed each
    whole        [whole.Verdict.packed()]: the whole suite with one fault on each
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tests.power.cell import OUTCOMES, Cell

BESIDE = ("stock", "stockRun", "cleanSeeds", "whole")


@dataclass(frozen=True, slots=True)
class Matrix:
    cells: Sequence[Cell]
    seconds: float
    clean: int = 0
    """Tests that were run with no fault on, a load run counting as one."""
    alarms: Sequence[str] = ()
    """Those of them that were red all the same."""
    server: str = "uvicorn"
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What else was measured, by its member of power.json: stock, stockRun, cleanSeeds, whole."""

    @classmethod
    def unpacked(cls, document: Mapping[str, Any]) -> Matrix:
        """What `packed` has written."""
        names = {f.name for f in fields(Cell)}
        told = document["summary"]
        return cls(
            [
                Cell(**{key: value for key, value in cell.items() if key in names})
                for cell in document["cells"]
            ],
            seconds=told["seconds"],
            clean=told["cleanTests"],
            alarms=told["falseAlarms"],
            server=told.get("server", "uvicorn"),
            beside={key: document[key] for key in BESIDE if key in document},
        )

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
                "server": self.server,
            },
            **self.beside,
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
        if "stockRun" in self.beside:
            lines += [*_stock(self.beside, self.faults), ""]
        for member, title in (
            ("cleanSeeds", "The clean server, seed by seed"),
            ("whole", "The whole suite on one fault each"),
        ):
            if self.beside.get(member):
                lines += [f"## {title}", "", *_whole(self.beside[member]), ""]
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
    return _rows(lines)


def _stock(beside: Mapping[str, Any], ours: Mapping[str, Sequence[Cell]]) -> list[str]:
    run, rows = beside["stockRun"], beside["stock"]
    hooked = run.get("withHooks")
    told = f"{run['found']} of {run['asked']} faults found by `{run['command']}`"
    if hooked:
        told += f"; {hooked['found']} of {hooked['asked']} with our hooks in it"
    sums = ", ".join(f"{family} {found}/{asked}" for family, (found, asked) in run["families"].items())
    lines = [
        [
            "fault",
            "our requests",
            "seconds",
            "stock st",
            "its requests",
            "seconds",
            *(["with hooks"] if hooked else []),
            "it said",
        ]
    ]
    lines.append(["---"] * len(lines[0]))
    for name, row in rows.items():
        cells = ours.get(name, ())
        first = min(cells, key=lambda cell: cell.requests, default=None)
        mine = ["", ""] if first is None else [f"{first.requests}", f"{first.seconds:.2f}"]
        with_hooks = [row.get("withHooks", {}).get("outcome", "")] if hooked else []
        theirs = [row["outcome"], f"{row['requests']}", f"{row['seconds']:.1f}"]
        lines.append([f"`{name}`", *mine, *theirs, *with_hooks, row["told"][:80]])
    return ["## Beside it: the stock Schemathesis command line", "", f"{told} ({sums}).", "", *_rows(lines)]


def _whole(verdicts: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [
        ["fault", "seed", "exit code", "right", "red tests", "other checks red", "unknown", "seconds"],
        ["---"] * 8,
    ]
    for one in verdicts:
        beside = f"{len(one['collateral'])}" if one["fault"] else ""
        named = f"`{one['fault']}`" if one["fault"] else "none"
        right = "yes" if one["right"] else f"no: {', '.join(one['missing']) or one['told'] or 'see red'}"
        counts = [f"{len(one['red'])}", beside, f"{len(one['unknown'])}", f"{one['seconds']:.0f}"]
        lines.append([named, f"{one['seed']}", f"{one['exit_code']}", right, *counts])
    return _rows(lines)


def _rows(lines: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(text.replace('|', chr(92) + '|').replace(chr(10), ' ') for text in line)} |"
        for line in lines
    ]
