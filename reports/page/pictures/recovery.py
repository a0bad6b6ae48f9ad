"""How long after the target's return is a client back, by policy? And what do reconnects at once do to the target?

Left axis: share of all clients with an open socket again, over seconds since the return. A curve that ends below
100 % shows clients that never came back. Times come from each policy's own histogram.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from contracts.run import ReconnectResult
from reports.page.drawing.axis_scale import LinearScale
from reports.page.drawing.line_labels import End, names
from reports.page.drawing.svg import line, path, picture, text

WIDTH, HEIGHT = 640.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 128.0, 14.0, 34.0
KINDS = ("series-5", "series-2", "series-3", "series-4", "series-6", "series-1")
"""Red comes last: beside verdicts it would be taken for one."""


def recovery(results: Sequence[ReconnectResult]) -> Markup:
    """All results of one fault and outage."""
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
    told = "; ".join(f"{r.policy}: {r.recovered} of {r.clients} clients came back" for r in results)
    return picture(WIDTH, HEIGHT, told, parts)


def named(results: Sequence[ReconnectResult]) -> list[tuple[str, str]]:
    """(class, policy): one colour a policy in every picture of an outage."""
    kinds = KINDS * (len(results) // len(KINDS) + 1)
    return [(kind, result.policy) for kind, result in zip(kinds, results, strict=False)]


def _curve(result: ReconnectResult, x: LinearScale, y: LinearScale) -> list[tuple[float, float]]:
    """Steps, because each client comes back at one moment; thinned to a pixel."""
    points = [(x(0), y(0))]
    clients = max(result.clients, 1)
    for value, seen in result.recovery.unpack().cumulative():
        place, height = x(value / 1e9), y(seen / clients)
        if place - points[-1][0] >= 0.7 or points[-1][1] - height >= 0.7:
            points += [(place, points[-1][1]), (place, height)]
    points.append((x.end, points[-1][1]))
    return points


def _axes(x: LinearScale, y: LinearScale) -> Iterator[Markup]:
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
        yield text(LEFT - 6, y(value) + 4, f"{value:.0%}".replace("%", " %"), anchor="end")
    for value in x.ticks(6):
        yield text(x(value), HEIGHT - BOTTOM + 16, f"{value:g} s", anchor="middle")
    yield text(LEFT, HEIGHT - 4, "since the target was back")
