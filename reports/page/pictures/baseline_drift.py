"""The picture of changes since a baseline: a row for each operation, and for each quantile its relative change.

The dot is the change, the bar its 95 % interval. Right of the red line it is slower than allowed; a change that is
statistically significant has a coloured dot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contracts.run import VerdictRecord
from reports.baseline.baseline_verdicts import SLOWER
from reports.page.drawing.axis_scale import LinearScale
from reports.page.drawing.svg import line, picture, rect, tag, text
from reports.summary.evidence import numbers

WIDTH, LEFT, PANEL, GAP, TOP, BAND = 640.0, 158.0, 200.0, 34.0, 40.0, 20.0
LOW, HIGH = -0.3, 0.5
"""The range of the axis as a relative change."""
KINDS = {"PASS": "bar-soft", "ADVISORY": "line-soft", "UNKNOWN": "bar-soft", "FAIL": "bar-bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The comparison of one operation with the baseline, read from a verdict's evidence."""

    record: VerdictRecord

    @property
    def who(self) -> str:
        return self.record.subject or "all together"

    @property
    def quantile(self) -> str:
        return self.record.check.rpartition(".")[2]

    def number(self, name: str) -> float:
        return float(self.record.evidence[name])

    @property
    def change(self) -> float:
        return self.number("ratio") - 1.0

    @property
    def interval(self) -> str:
        return f"{100 * (self.number('low') - 1):+.0f} to {100 * (self.number('high') - 1):+.0f} %"


def drifts(records: Sequence[VerdictRecord]) -> list[Drift]:
    """The comparisons among a run's verdicts."""
    wanted = ("ratio", "low", "high", "old", "new", "adjusted")
    return [
        Drift(record=record)
        for record in records
        if record.check.startswith("baseline.") and numbers(record.evidence, *wanted) is not None
    ]


def drift(found: Sequence[Drift]) -> Markup:
    """The picture; empty if nothing was compared."""
    if not found:
        return Markup("")
    rows = list(dict.fromkeys(one.who for one in found))
    quantiles = list(dict.fromkeys(one.quantile for one in found))
    bottom = TOP + BAND * len(rows)
    parts: list[Markup] = []
    for number, name in enumerate(quantiles):
        start = LEFT + number * (PANEL + GAP)
        x = LinearScale(LOW, HIGH, start, start + PANEL)
        parts += _axis(x, name, bottom)
        for one in found:
            if one.quantile == name:
                parts += _row(one, x, TOP + BAND * rows.index(one.who) + BAND / 2)
    parts += [text(LEFT - 8, TOP + BAND * place + 14, who, "name", "end") for place, who in enumerate(rows)]
    worst = max(found, key=lambda one: one.change)
    description = f"{len(found)} comparisons; {worst.quantile} of {worst.who} moved most, by {100 * worst.change:+.0f} %"
    return picture(WIDTH, bottom + 8, description, parts)


def _axis(x: LinearScale, name: str, bottom: float) -> Iterator[Markup]:
    yield text(x.start, TOP - 24, name, "name")
    for value in (-0.25, 0.0, 0.25, 0.5):
        yield line(x(value), TOP - 4, x(value), bottom, "grid")
        yield text(x(value), TOP - 8, f"{100 * value:+.0f} %" if value else "0", anchor="middle")
    yield line(x(SLOWER), TOP - 4, x(SLOWER), bottom, "limit")


def _row(one: Drift, x: LinearScale, y: float) -> Iterator[Markup]:
    low, high = x(one.number("low") - 1), x(one.number("high") - 1)
    kind = KINDS[one.record.grade]
    yield rect(low, y - 1, max(high - low, 1.0), 2, "bar-soft")
    yield tag("circle", {"cx": x(one.change), "cy": y, "r": 4, "class": f"dot {kind}"})
