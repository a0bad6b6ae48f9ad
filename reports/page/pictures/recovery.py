"""The picture of recovery: the share of clients that are connected again, over the seconds since the target's return.

There is one curve for each reconnect policy, from its own histogram. A curve that ends below 100 % shows clients that never
came back.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from contracts.run import ReconnectResult
from reports.page.drawing.axis_scale import LinearScale, time_axis, value_axis
from reports.page.drawing.line_labels import End, names
from reports.page.drawing.svg import path, picture, text

WIDTH, HEIGHT = 640.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 128.0, 14.0, 34.0
KINDS = ("series-5", "series-2", "series-3", "series-4", "series-6", "series-1")
"""Red comes last, because beside verdicts it looks like a failure."""


def recovery(results: Sequence[ReconnectResult]) -> Markup:
    """The picture of all results of one fault."""
    if not results:
        return Markup("")
    longest = max(((r.recovery.max or 0) / 1e9 for r in results), default=0) or 1.0
    x = LinearScale(0.0, longest * 1.05, LEFT, WIDTH - RIGHT)
    y = LinearScale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    parts = list(_axes(x, y))
    ends: list[End] = []
    for result, (kind, _) in zip(results, named(results), strict=True):
        points = _curve(result, x, y)
        parts.append(path(points, kind))
        ends.append((points[-1][1], result.policy, kind))
    parts += names(ends, WIDTH - RIGHT + 6, TOP, HEIGHT - BOTTOM)
    description = "; ".join(f"{r.policy}: {r.recovered} of {r.clients} clients came back" for r in results)
    return picture(WIDTH, HEIGHT, description, parts)


def named(results: Sequence[ReconnectResult]) -> list[tuple[str, str]]:
    """(CSS class, policy): a policy has the same colour in all pictures of an outage."""
    kinds = KINDS * (len(results) // len(KINDS) + 1)
    return [(kind, result.policy) for kind, result in zip(kinds, results, strict=False)]


def _curve(result: ReconnectResult, x: LinearScale, y: LinearScale) -> list[tuple[float, float]]:
    """The curve in steps, because each client comes back at one moment; steps below 0.7 pixels are left out."""
    points = [(x(0), y(0))]
    clients = max(result.clients, 1)
    for value, seen in result.recovery.unpack().cumulative():
        place, height = x(value / 1e9), y(seen / clients)
        if place - points[-1][0] >= 0.7 or points[-1][1] - height >= 0.7:
            points += [(place, points[-1][1]), (place, height)]
    points.append((x.end, points[-1][1]))
    return points


def _axes(x: LinearScale, y: LinearScale) -> Iterator[Markup]:
    yield from value_axis(y, (0.0, 0.25, 0.5, 0.75, 1.0), LEFT, WIDTH - RIGHT, "{:.0%}")
    yield from time_axis(x, HEIGHT - BOTTOM)
    yield text(LEFT, HEIGHT - 4, "since the target was back")
