"""The latency spectrum: latency by percentile, with the slowest requests stretched.

The percentile axis is log(1 / (1 - p)), so that each further nine has the same width; the time axis is logarithmic too.
Latency from the due time (which is judged) is drawn over latency from the send (which most tools show): the gap between
the two lines is the waiting time that a closed-loop tool would not have measured.
"""

import math
from collections.abc import Iterator

from markupsafe import Markup

from contracts.run.histogram import Histogram
from reports.page.drawing.axis_scale import LinearScale, LogScale, around, value_axis
from reports.page.drawing.line_labels import STEP
from reports.page.drawing.svg import line, path, picture, text
from reports.text.display import ms

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 92.0, 26.0, 34.0
NINES = ((0.0, "0"), (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99"))


def spectrum(corrected: Histogram, uncorrected: Histogram, threshold_ms: float) -> Markup:
    """The picture; empty if nothing was measured."""
    if not corrected.total or corrected.maximum is None or corrected.minimum is None:
        return Markup("")
    lows = [h.minimum for h in (corrected, uncorrected) if h.minimum is not None]
    low, high = around(max(1e-3, min(lows) / 1e6), max(corrected.maximum / 1e6, threshold_ms * 1.2))
    x = LinearScale(0.0, max(2.0, math.log10(corrected.total)), LEFT, WIDTH - RIGHT)
    y = LogScale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_axes(x, y), *_threshold(y, threshold_ms)]
    labels = [("from send", uncorrected, "line-soft"), ("from due", corrected, "line-main")]
    places = _apart([y((h.maximum or 0) / 1e6) for _, h, _ in labels])
    for (name, histogram, kind), place in zip(labels, places, strict=True):
        points = [(x(nines), y(value)) for nines, value in _curve(histogram)]
        parts.append(path(_thin(points), kind))
        parts.append(text(WIDTH - RIGHT + 6, place + 4, name, f"label {kind}"))
    p99 = corrected.quantile(0.99)
    description = (
        f"Latency spectrum: p99 from due {ms(p99 / 1e6 if p99 else None)} ms of {corrected.total} requests."
    )
    return picture(WIDTH, HEIGHT, description, parts)


def _curve(histogram: Histogram) -> Iterator[tuple[float, float]]:
    """(log10(1 / (1 - p)), ms). The last value would be infinite, so it sits at the place of one request in total."""
    total = histogram.total
    for value, seen in histogram.cumulative():
        left = max(total - seen, 1)
        yield math.log10(total / left), value / 1e6


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points without those closer than 0.7 pixels to the last kept one: thousands of buckets become some hundred."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.7:
            kept.append(point)
    if points and kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept


def _apart(places: list[float]) -> list[float]:
    """The places of the two labels, moved apart if they would overlap."""
    soft, main = places
    return [main + STEP if abs(soft - main) < STEP else soft, main]


def _axes(x: LinearScale, y: LogScale) -> Iterator[Markup]:
    yield from value_axis(y, y.ticks(), LEFT, WIDTH - RIGHT)
    for share, name in NINES:
        nines = -math.log10(1 - share)
        if nines <= x.high:
            yield line(x(nines), TOP, x(nines), HEIGHT - BOTTOM, "grid")
            yield text(x(nines), HEIGHT - BOTTOM + 16, name, anchor="middle")
    yield text(LEFT - 6, TOP - 12, "ms", anchor="end")
    yield text(LEFT, HEIGHT - 4, "share of requests that were at least this fast")


def _threshold(y: LogScale, threshold_ms: float) -> Iterator[Markup]:
    yield line(LEFT, y(threshold_ms), WIDTH - RIGHT, y(threshold_ms), "limit")
    yield text(LEFT + 4, y(threshold_ms) - 4, f"{threshold_ms:g} ms", "label limit")
