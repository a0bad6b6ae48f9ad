"""The timeline of a load run: requests planned, sent and done in each second, and the generator's lateness below.

Where done falls below sent, the target does not keep up. Where the generator's worst lateness is high, the numbers say more
about the generator than about the target.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import mean

from markupsafe import Markup

from contracts.run import Window
from reports.page.drawing.axis_scale import LinearScale, time_axis, value_axis
from reports.page.drawing.svg import line, path, picture, rect, text

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP = 52.0, 92.0, 26.0
SPLIT, LOWER, BOTTOM = 190.0, 214.0, 266.0
POINTS = 320  # more seconds than this are drawn as the mean (above) or the worst (below) of a slot
LATE_MS = 5.0
"""The lateness from which a send counts as late (contracts.run.Generator)."""

Field = Callable[[Window], float]


def timeline(windows: Sequence[Window], ended: float = float("inf")) -> Markup:
    """The picture. `ended` is the end of the run in seconds; a last second that it cuts is left out, because its rate would be
    wrong."""
    if not windows:
        return Markup("")
    missing = sum(window.planned for window in windows) - sum(window.done for window in windows)
    if len(windows) > 2 and windows[-1].second + 0.9 > ended:
        windows = windows[:-1]
    first, last = windows[0].second, windows[-1].second
    # Half a second on either side keeps the first and the last bar within the plot.
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
        # A legend in place of labels at the line ends, because the three lines mostly coincide.
        parts.append(text(WIDTH - RIGHT + 6, TOP + 8 + 15 * row, name, f"label {kind}"))
    parts += _lateness(slots, x, lateness)
    description = f"Requests per second over {last - first + 1} s; {missing} of the planned were not done."
    return picture(WIDTH, HEIGHT, description, parts)


def _slots(windows: Sequence[Window]) -> list[Sequence[Window]]:
    size = -(-len(windows) // POINTS)
    return [windows[i : i + size] for i in range(0, len(windows), size)]


def _errors(slots: list[Sequence[Window]], x: LinearScale) -> Iterator[Markup]:
    for slot in slots:
        if any(window.errors for window in slot):
            yield rect(x(slot[0].second) - 1, TOP, 2.5, SPLIT - TOP, "mark-error")


def _axes(x: LinearScale, y: LinearScale, lateness: LinearScale) -> Iterator[Markup]:
    yield from value_axis(y, y.ticks(4), LEFT, WIDTH - RIGHT)
    yield from time_axis(x, BOTTOM)
    yield from value_axis(lateness, lateness.ticks(2), LEFT, WIDTH - RIGHT)
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
