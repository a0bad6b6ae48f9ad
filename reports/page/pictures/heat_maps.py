"""The latency heat maps: a small picture for each operation, with time to the right, latency upwards, darker for more requests.

All have the same time axis and the same logarithmic latency axis, so that a stall of the whole server appears as a column in
every picture, and a slow operation as one picture that differs. Cells beyond the operation's limit have the colour of a
violation. Cells of one shade are one path in units of cells, which keeps seventeen pictures small.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contracts.run import LoadResult
from contracts.run.latency_heat import OperationHeat, edges
from reports.page.drawing.axis_scale import LogScale
from reports.page.drawing.svg import line, number, picture, tag, text
from reports.summary.tables import THRESHOLD_MS, LoadTable
from reports.text.display import ms

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 250.0, 112.0, 30.0, 4.0, 20.0, 16.0
SHADES = 4


@dataclass(frozen=True, slots=True)
class _Ground:
    """The axes that all pictures of a run share: the lowest and highest latency slot, and the number of windows."""

    low: int
    high: int
    windows: int
    seconds: int

    @property
    def y(self) -> LogScale:
        low = max(1, edges(self.low)[0])  # slot 0 begins at no time at all
        return LogScale(low / 1e6, max(2 * low, edges(self.high)[1]) / 1e6, HEIGHT - BOTTOM, TOP)

    @property
    def box(self) -> tuple[float, float]:
        """The width and height of one cell in pixels."""
        return (WIDTH - LEFT - RIGHT) / self.windows, (HEIGHT - TOP - BOTTOM) / (self.high - self.low + 1)


def heats(table: LoadTable) -> list[Markup]:
    """A picture for each recorded operation, in the order of the rows."""
    load = table.load
    if load is None or not load.heat:
        return []
    ground = _ground(load)
    limits = {row.operation: row.threshold_ms for row in table.rows}
    order = {row.operation: place for place, row in enumerate(table.rows)}
    rows = sorted(load.heat, key=lambda row: order.get(row.operation, len(order)))
    return [_one(row, ground, limits.get(row.operation, THRESHOLD_MS)) for row in rows]


def _ground(load: LoadResult) -> _Ground:
    slots = [slot for row in load.heat for counts in row.slots() for slot in counts]
    return _Ground(
        low=min(slots),
        high=max(slots),
        windows=max(len(row.answered) for row in load.heat),
        seconds=max(1, load.heat_seconds),
    )


def _one(row: OperationHeat, ground: _Ground, limit_ms: float) -> Markup:
    y = ground.y
    parts = [text(LEFT, TOP - 8, row.operation, "name")]
    for value in y.ticks():
        parts.append(line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid"))
        parts.append(text(LEFT - 4, y(value) + 4, f"{value:g}", anchor="end"))
    wide, tall = ground.box
    move = f"translate({number(LEFT)} {number(HEIGHT - BOTTOM)}) scale({wide:.3f} {-tall:.3f})"
    shades = [
        tag("path", {"d": data, "class": "heat-over" if over else "heat", "opacity": f"{shade / SHADES:.2f}"})
        for (over, shade), data in sorted(_paths(row, ground, limit_ms).items())
    ]
    parts.append(tag("g", {"transform": move, "class": "cells"}, *shades))
    if y.low < limit_ms < y.high:
        parts.append(line(LEFT, y(limit_ms), WIDTH - RIGHT, y(limit_ms), "limit"))
    end = ground.windows * ground.seconds
    parts += [text(LEFT, HEIGHT - 3, "0"), text(WIDTH - RIGHT, HEIGHT - 3, f"{end} s", anchor="end")]
    return picture(WIDTH, HEIGHT, _description(row, ground.seconds), parts)


def _paths(row: OperationHeat, ground: _Ground, limit_ms: float) -> Mapping[tuple[bool, int], str]:
    """(over the limit, shade) -> path data; neighbouring windows of one shade are one stroke."""
    windows = row.slots()
    most = max((count for counts in windows for count in counts.values()), default=1)
    # A stroke is as thick as a cell and lies on its middle; each move counts from where the last stroke ended.
    strokes: dict[tuple[bool, int], list[str]] = {}
    pens: dict[tuple[bool, int], tuple[int, int]] = {}
    for slot in sorted({slot for counts in windows for slot in counts}):
        over = edges(slot)[0] / 1e6 >= limit_ms
        for start, length, shade in _runs([counts.get(slot, 0) for counts in windows], most):
            key, up = (over, shade), slot - ground.low
            x, y = pens.get(key, (0, 0))
            strokes.setdefault(key, ["M0 .5"]).append(f"m{start - x} {up - y}h{length}")
            pens[key] = start + length, up
    return {key: "".join(found) for key, found in strokes.items()}


def _runs(counts: Sequence[int], most: int) -> Iterator[tuple[int, int, int]]:
    """(first window, number of windows, shade from 1); the square root keeps a single slow request visible."""
    shades = [math.ceil(SHADES * math.sqrt(count / most)) for count in counts]
    start = 0
    for place in range(1, len(shades) + 1):
        if place == len(shades) or shades[place] != shades[start]:
            if shades[start]:
                yield start, place - start, shades[start]
            start = place


def _description(row: OperationHeat, seconds: int) -> str:
    worst = max((value, -window) for window, value in enumerate(row.p99) if value is not None)
    return (
        f"{row.operation}: {sum(row.answered)} answers; p99 at its worst {ms(worst[0] / 1e6)} ms, "
        f"in the {seconds} s from second {-worst[1] * seconds}"
    )
