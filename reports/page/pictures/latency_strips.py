"""The picture of latency distributions: a strip for each operation, all on one logarithmic time axis.

Darker means that more of the operation's requests took that long. The two marks are the median and p99. Latency beyond the
threshold has the colour of a violation, however rare it is.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from contracts.run.histogram import Histogram
from reports.page.drawing.axis_scale import LogScale, around
from reports.page.drawing.svg import line, number, picture, tag, text
from reports.summary.tables import OperationRow
from reports.text.display import share

WIDTH = 640.0
LEFT, RIGHT, TOP, BAND = 158.0, 62.0, 22.0, 20.0
SLOTS, SHADES = 105, 8


def strips(rows: Sequence[OperationRow], threshold_ms: float) -> Markup:
    shown = [row for row in rows if row.latency.total]
    if not shown:
        return Markup("")
    low = min(row.latency.minimum or 1 for row in shown) / 1e6
    high = max(row.latency.maximum or 1 for row in shown) / 1e6
    x = LogScale(*around(max(low, 1e-3), max(high, threshold_ms * 1.2)), LEFT, WIDTH - RIGHT)
    height = TOP + BAND * len(shown) + 24
    parts = list(_axis(x, height))
    for index, row in enumerate(shown):
        parts += _strip(row, x, TOP + BAND * index)
    parts.append(line(x(threshold_ms), TOP - 6, x(threshold_ms), height - 20, "limit"))
    parts.append(text(x(threshold_ms), TOP - 10, f"{threshold_ms:g} ms", "label limit", "middle"))
    return picture(WIDTH, height, "Distribution of latency for each operation.", parts)


def _axis(x: LogScale, height: float) -> Iterator[Markup]:
    for value in x.ticks():
        yield line(x(value), TOP - 4, x(value), height - 20, "grid")
        yield text(x(value), height - 6, f"{value:,g} ms", anchor="middle")
    yield text(WIDTH - RIGHT + 8, TOP - 10, "over")


def _strip(row: OperationRow, x: LogScale, y: float) -> Iterator[Markup]:
    yield text(LEFT - 8, y + 14, row.operation, "name", "end")
    counts = _slots(row.latency, x, row.threshold_ms)
    width = (x.end - x.start) / SLOTS
    move = f"translate({number(x.start)} {number(y + 4)}) scale({width:.3f} {BAND - 8:g})"
    yield tag("g", {"transform": move, "class": "cells"}, *_shades(counts))
    for q, kind in ((0.5, "median"), (0.99, "p99")):
        value = row.quantile_ms(q)
        if value is not None:
            yield line(x(value), y + 2, x(value), y + BAND - 2, kind)
    kind = "name over" if row.over_share else "name"
    yield text(WIDTH - RIGHT + 8, y + 14, share(row.over_share), kind)


def _shades(counts: Mapping[tuple[bool, int], int]) -> Iterator[Markup]:
    """One path for all slots of one shade, in units of slots."""
    most = max(counts.values())
    strokes: dict[tuple[bool, int], list[str]] = {}
    for (over, slot), count in sorted(counts.items()):
        # The square root keeps rare slots visible, because people look for the one slow request in thousands.
        shade = math.ceil(SHADES * math.sqrt(count / most))
        strokes.setdefault((over, shade), []).append(f"M{slot} .5h1")
    # Violations come last, so they lie on top even in the slot that contains the limit.
    for (over, shade), found in sorted(strokes.items()):
        kind = "heat-over" if over else "heat"
        depth = f"{0.1 + 0.9 * shade / SHADES:.2f}"
        yield tag("path", {"d": "".join(found), "class": kind, "opacity": depth})


def _slots(histogram: Histogram, x: LogScale, threshold_ms: float) -> dict[tuple[bool, int], int]:
    """(over the threshold, slot) -> number of requests."""
    counts: dict[tuple[bool, int], int] = {}
    before = 0
    for value, seen in histogram.cumulative():
        place = (x(value / 1e6) - x.start) / (x.end - x.start)
        key = value / 1e6 > threshold_ms, min(SLOTS - 1, int(place * SLOTS))
        counts[key] = counts.get(key, 0) + seen - before
        before = seen
    return counts
