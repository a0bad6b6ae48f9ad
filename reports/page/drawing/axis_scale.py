"""Linear and logarithmic scales from values to pixels, with their ticks and axes.

>>> round(LogScale(1, 1000, 0, 300)(100), 6), LogScale(1, 1000, 0, 300).ticks()
(200.0, [1.0, 10.0, 100.0, 1000.0])
>>> LinearScale(0, 230, 0, 100).ticks()
[0.0, 50.0, 100.0, 150.0, 200.0]
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from reports.page.drawing.svg import line, text


@dataclass(frozen=True, slots=True)
class AxisScale:
    """The values from `low` to `high` on the pixels from `start` to `end`. A value outside its range sits on its border."""

    low: float
    high: float
    start: float
    end: float


class LinearScale(AxisScale):
    def __call__(self, value: float) -> float:
        width = self.high - self.low
        place = (value - self.low) / width if width else 0.0
        return self.start + (self.end - self.start) * min(1.0, max(0.0, place))

    def ticks(self, about: int = 5) -> list[float]:
        raw = (self.high - self.low) / about
        if raw <= 0:
            return [self.low]
        unit = 10.0 ** math.floor(math.log10(raw))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw)
        first = math.ceil(self.low / step)
        return [step * i for i in range(first, math.floor(self.high / step) + 1)]


class LogScale(AxisScale):
    """A logarithmic scale with positive ends."""

    def __call__(self, value: float) -> float:
        if value <= self.low:
            return self.start
        place = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + (self.end - self.start) * min(1.0, place)

    def ticks(self) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]


def around(low: float, high: float) -> tuple[float, float]:
    """The decades around a span, as the ends of a logarithmic scale.

    >>> around(0.7, 203)
    (0.1, 1000.0)
    """
    bottom = 10.0 ** math.floor(math.log10(low))
    top = 10.0 ** math.ceil(math.log10(high))
    return (bottom, top) if top > bottom else (bottom, bottom * 10)


def value_axis(
    y: LinearScale | LogScale, ticks: Iterable[float], left: float, right: float, label: str = "{:,g}"
) -> Iterator[Markup]:
    """Horizontal grid lines with their values on the left."""
    for value in ticks:
        yield line(left, y(value), right, y(value), "grid")
        yield text(left - 6, y(value) + 4, label.format(value).replace("%", " %"), anchor="end")


def time_axis(x: LinearScale, bottom: float) -> Iterator[Markup]:
    """The seconds below a plot."""
    for value in x.ticks(6):
        yield text(x(value), bottom + 16, f"{value:g} s", anchor="middle")
