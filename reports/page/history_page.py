"""The history page: the latest verdicts of the kept runs, and a trend line of p99 for each operation.

It reads only the small `verdict.json` of each run. Runs against different targets are never drawn in one line; the port of
a loopback target is ignored, because the embedded server takes a free one each time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from markupsafe import Markup

from contracts.command import atomic_file
from reports.baseline.baseline_file import place
from reports.page.drawing.axis_scale import LinearScale
from reports.page.drawing.svg import line, path, picture, tag
from reports.page.report_page import template

KEPT = 60
"""Runs shown, newest first."""
BEFORE, SLOWER = 5, 1.5
"""A point is marked if its p99 is `SLOWER` times the median of the `BEFORE` runs before it."""
WIDTH, HEIGHT = 260.0, 34.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """One kept run. `p99` maps (scenario, operation) to ms."""

    folder: str
    started: str
    verdict: str
    target: str
    reason: str
    p99: Mapping[tuple[str, str], float]
    page: bool = True
    """Whether its report.html exists."""

    @property
    def place(self) -> str:
        """The target without the port of a loopback address; runs with the same place are comparable."""
        return place(self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The p99 of one operation over several runs."""

    place: str
    scenario: str
    operation: str
    values: tuple[float, ...]
    """Oldest first, ms."""

    @property
    def marked(self) -> tuple[int, ...]:
        """The indices of points that are slower than the runs before them.

        >>> Trend(place="", scenario="", operation="", values=(4, 4, 5, 9, 4)).marked
        (3,)
        """
        return tuple(
            index
            for index in range(3, len(self.values))
            if self.values[index] > SLOWER * median(self.values[max(0, index - BEFORE) : index])
        )

    @property
    def picture(self) -> Markup:
        top = max(self.values) or 1.0
        x = LinearScale(0, max(len(self.values) - 1, 1), 4, WIDTH - 4)
        y = LinearScale(0, top, HEIGHT - 3, 4)
        points = [(x(index), y(value)) for index, value in enumerate(self.values)]
        marks = [
            tag("circle", {"cx": points[i][0], "cy": points[i][1], "r": 3, "class": "bar-bad"})
            for i in self.marked
        ]
        parts = [line(4, HEIGHT - 3, WIDTH - 4, HEIGHT - 3, "grid"), path(points, "line-main"), *marks]
        description = f"p99 of {self.operation} over {len(points)} runs, {len(marks)} marked as slower"
        return picture(WIDTH, HEIGHT, description, parts)


def write(out: Path) -> list[str]:
    """Write `index.html` into `out`. The result is an error message if that failed, else empty."""
    try:
        atomic_file.write(out / "index.html", render(collect(out)))
    except OSError as error:
        return [f"could not write {out / 'index.html'}: {error.strerror or error}"]
    return []


def render(runs: Sequence[KeptRun]) -> str:
    return template("index.html.j2").render(runs=runs, trends=trends(runs), before=BEFORE, slower=SLOWER)


def collect(out: Path) -> list[KeptRun]:
    """The kept runs, newest first. A folder without a readable `verdict.json` is skipped."""
    found = [kept for path in out.glob("*/verdict.json") if (kept := _read(path))]
    return sorted(found, key=lambda kept: (kept.started, kept.folder), reverse=True)[:KEPT]


def _read(path: Path) -> KeptRun | None:
    try:
        raw: Any = json.loads(path.read_text(encoding="utf-8"))
        return KeptRun(
            folder=path.parent.name,
            page=path.with_name("report.html").is_file(),
            started=str(raw["started"]),
            verdict=str(raw["verdict"]),
            target=str(raw["target"]),
            reason=next((str(reason["reason"]) for reason in raw["reasons"]), ""),
            p99={
                (str(row["scenario"]), str(row["operation"])): float(row["p99"])
                for row in raw["operations"]
                if row["p99"] is not None
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def trends(runs: Iterable[KeptRun]) -> list[Trend]:
    """Trend lines of at least two points, in the order of the newest run."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for kept in runs:
        for (scenario, operation), value in kept.p99.items():
            found.setdefault((kept.place, scenario, operation), []).append(value)
    return [
        Trend(place=where, scenario=scenario, operation=operation, values=tuple(reversed(values)))
        for (where, scenario, operation), values in found.items()
        if len(values) > 1
    ]
