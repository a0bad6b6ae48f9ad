"""The picture of open sockets after a drop, by reconnect policy: too few is an outage, too many are clients that connect twice.

Above, open sockets over time; the dashed line is the number of clients. Below, a strip for each policy, darker for more
connects in a time slot, on one scale for all, so that simultaneous reconnects stand out against spread ones.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from contracts.run import ReconnectResult
from reports.page.drawing.axis_scale import LinearScale, time_axis, value_axis
from reports.page.drawing.line_labels import names
from reports.page.drawing.svg import line, path, picture, rect, text
from reports.page.pictures.recovery import named

WIDTH, LEFT, RIGHT, TOP, UPPER = 640.0, 52.0, 128.0, 14.0, 200.0
STRIP, GAP = 12.0, 4.0
POINTS = 300  # the most slots that are drawn; a longer series is grouped


def sockets(results: Sequence[ReconnectResult]) -> Markup:
    """The picture of all results of one fault; empty if none has a timeline."""
    drawn = [
        (result, kind) for result, (kind, _) in zip(results, named(results), strict=True) if result.timeline
    ]
    if not drawn:
        return Markup("")
    # A slot lasts until the next one begins, so the axis ends with the end of the last slot.
    longest = max(result.timeline[-1][0] + _slot(result) for result, _ in drawn)
    clients = max(result.clients for result, _ in drawn)
    most = max(clients, *(slot[1] for result, _ in drawn for slot in result.timeline))
    x, y = LinearScale(0.0, longest, LEFT, WIDTH - RIGHT), LinearScale(0.0, most * 1.05 or 1.0, UPPER, TOP)
    parts = [*_axes(x, y), line(LEFT, y(clients), WIDTH - RIGHT, y(clients), "line-dash")]
    for result, kind in drawn:
        parts.append(path(_steps(result, x, y), kind))
    ends = [(y(result.timeline[-1][1]), result.policy, kind) for result, kind in drawn]
    parts += names(ends, WIDTH - RIGHT + 6, TOP, UPPER)
    bottom = UPPER + 26
    peak = max((slot[2] for result, _ in drawn for slot in result.timeline), default=0.0)
    for result, kind in drawn:
        parts += _strip(result, kind, x, bottom, peak)
        bottom += STRIP + GAP
    description = "; ".join(
        f"{result.policy}: at most {max(slot[1] for slot in result.timeline):g} open sockets of {result.clients} clients"
        for result, _ in drawn
    )
    return picture(WIDTH, bottom + 4, description, parts)


def _steps(result: ReconnectResult, x: LinearScale, y: LinearScale) -> Iterator[tuple[float, float]]:
    size = -(-len(result.timeline) // POINTS)
    height: float | None = None
    end = x(result.timeline[-1][0] + _slot(result))
    for index in range(0, len(result.timeline), size):
        # The highest number of a slot, because clients that connect twice show there.
        slot = result.timeline[index : index + size]
        place, now = x(slot[0][0]), y(max(entry[1] for entry in slot))
        if height is not None:
            yield place, height
        yield place, now
        height = now
    if height is not None:
        yield end, height


def _slot(result: ReconnectResult) -> float:
    """The seconds from one entry of the timeline to the next."""
    pair = result.timeline[:2]
    return pair[1][0] - pair[0][0] if len(pair) == 2 else 1.0


def _strip(result: ReconnectResult, kind: str, x: LinearScale, top: float, peak: float) -> Iterator[Markup]:
    size = -(-len(result.timeline) // POINTS)
    slots = [result.timeline[i : i + size] for i in range(0, len(result.timeline), size)]
    width = max(1.0, x(size * _slot(result)) - x(0.0))
    for slot in slots:
        connects = max(entry[2] for entry in slot)
        if connects > 0:
            left = x(slot[0][0])
            yield rect(left, top, width, STRIP, "heat", 0.15 + 0.85 * connects / peak)
    yield text(WIDTH - RIGHT + 6, top + STRIP - 2, result.policy, f"label {kind}")


def _axes(x: LinearScale, y: LinearScale) -> Iterator[Markup]:
    yield from value_axis(y, y.ticks(4), LEFT, WIDTH - RIGHT)
    yield from time_axis(x, UPPER)
