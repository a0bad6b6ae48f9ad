"""Did the target keep up, second by second, and did the generator? The time series of a load run.

Above, requests planned, sent and done in each second: where done falls below sent, work piles up. Below, the
generator's worst lateness: while it is high, the numbers say more about the generator than about the target.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import mean

from markupsafe import Markup

from contracts.run import Window
from reports.page.drawing.axis_scale import LinearScale
from reports.page.drawing.svg import line, path, picture, rect, text

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP = 52.0, 92.0, 26.0
SPLIT, LOWER, BOTTOM = 190.0, 214.0, 266.0
POINTS = 320  # more seconds than this are drawn as the mean (above) or the worst (below) of a slot
LATE_MS = 5.0
"""From here on a send counts as late (contracts.run.Generator)."""

Field = Callable[[Window], float]


def timeline(windows: Sequence[Window], ended: float = float("inf")) -> Markup:
    """The time series of a load run as a picture. `ended` is when the run was over, s: a last second that it cut is left out,
    because a rate of it would lie."""
    if not windows:
        return Markup("")
    missing = sum(window.planned for window in windows) - sum(window.done for window in windows)
    if len(windows) > 2 and windows[-1].second + 0.9 > ended:
        windows = windows[:-1]
    first, last = windows[0].second, windows[-1].second
    # Half a second on either side, so that the bars of the first and the last one stay within the plot.
    x = LinearScale(first - 0.5, max(last, first + 1) + 0.5, LEFT, WIDTH - RIGHT)
    top = max(max(window.planned, window.sent, window.done) for window in windows) or 1
    y = LinearScale(0, top * 1.1, SPLIT, TOP)
    late = max(max(window.lateness_max for window in windows) / 1e6, LATE_MS * 1.2)
    lateness = LinearScale(0, late, BOTTOM, LOWER)
    slots = _slots(windows)
    series: tuple[tuple[str, Field, str], ...] = (
        ("planned", lambda w: w.planned, "line-dash"),
        ("sent", lambda w: w.sent, "line-soft"),
        ("done", lambda w: w.done, "line-main"),
    )
    parts = [*_errors(slots, x), *_axes(x, y, lateness)]
    for row, (name, field, kind) in enumerate(series):
        parts.append(path([(x(slot[0].second), y(mean(map(field, slot)))) for slot in slots], kind))
        # A legend and not labels at the ends: the three lines mostly lie on each other, and end in a part of a second.
        parts.append(text(WIDTH - RIGHT + 6, TOP + 8 + 15 * row, name, f"label {kind}"))
    parts += _lateness(slots, x, lateness)
    told = f"Requests per second over {last - first + 1} s; {missing} of the planned were not done."
    return picture(WIDTH, HEIGHT, told, parts)


def _slots(windows: Sequence[Window]) -> list[Sequence[Window]]:
    size = -(-len(windows) // POINTS)
    return [windows[i : i + size] for i in range(0, len(windows), size)]


def _errors(slots: list[Sequence[Window]], x: LinearScale) -> Iterator[Markup]:
    for slot in slots:
        if any(window.errors for window in slot):
            yield rect(x(slot[0].second) - 1, TOP, 2.5, SPLIT - TOP, "mark-error")


def _axes(x: LinearScale, y: LinearScale, lateness: LinearScale) -> Iterator[Markup]:
    for value in y.ticks(4):
        yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
        yield text(LEFT - 6, y(value) + 4, f"{value:,g}", anchor="end")
    for value in x.ticks(6):
        yield text(x(value), BOTTOM + 16, f"{value:g} s", anchor="middle")
    for value in lateness.ticks(2):
        yield line(LEFT, lateness(value), WIDTH - RIGHT, lateness(value), "grid")
        yield text(LEFT - 6, lateness(value) + 4, f"{value:,g}", anchor="end")
    yield text(LEFT - 6, TOP - 12, "1/s", anchor="end")
    yield text(LEFT - 6, LOWER - 6, "ms late", anchor="end")


def _lateness(slots: list[Sequence[Window]], x: LinearScale, y: LinearScale) -> Iterator[Markup]:
    width = max(1.0, (WIDTH - LEFT - RIGHT) / len(slots) - 0.5)
    for slot in slots:
        worst = max(window.lateness_max for window in slot) / 1e6
        kind = "bar-bad" if worst > LATE_MS else "bar-soft"
        yield rect(x(slot[0].second) - width / 2, y(worst), width, BOTTOM - y(worst), kind)
    yield line(LEFT, y(LATE_MS), WIDTH - RIGHT, y(LATE_MS), "limit")
    yield text(WIDTH - RIGHT + 6, y(LATE_MS) + 4, f"{LATE_MS:g} ms = late", "label limit")
