"""From a quantity to a place on an axis, and the ticks worth writing.

>>> round(LogScale(1, 1000, 0, 300)(100), 6), LogScale(1, 1000, 0, 300).ticks()
(200.0, [1.0, 10.0, 100.0, 1000.0])
>>> LinearScale(0, 230, 0, 100).ticks()
[0.0, 50.0, 100.0, 150.0, 200.0]
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinearScale:
    low: float
    high: float
    start: float
    end: float

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


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic axis. Both ends are positive; what is outside sits on the border."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if value <= self.low:
            return self.start
        place = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + (self.end - self.start) * min(1.0, place)

    def ticks(self) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]


def around(low: float, high: float) -> tuple[float, float]:
    """Whole decades around a span: the ends of a log axis.

    >>> around(0.7, 203)
    (0.1, 1000.0)
    """
    bottom = 10.0 ** math.floor(math.log10(low))
    top = 10.0 ** math.ceil(math.log10(high))
    return (bottom, top) if top > bottom else (bottom, bottom * 10)
