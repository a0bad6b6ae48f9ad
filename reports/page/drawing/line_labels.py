"""The labels at the right ends of lines: each beside its line, without overlaps, all within the plot.

>>> apart([10.0, 12.0, 90.0], 0.0, 100.0)
[10.0, 24.0, 90.0]
>>> apart([98.0, 99.0, 100.0], 0.0, 100.0)
[72.0, 86.0, 100.0]
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from reports.page.drawing.svg import text

STEP = 14.0
"""The least distance of two labels."""

End = tuple[float, str, str]
"""(the end of a line, its name, its CSS class)."""


def names(ends: Iterable[End], x: float, top: float, bottom: float) -> list[Markup]:
    """The labels of lines. `top` and `bottom` are those of the plot, because a label below it would lie on the axis' labels."""
    ordered = sorted(ends)
    places = apart([place for place, _, _ in ordered], top, bottom)
    return [
        text(x, place + 4, name, f"label {kind}")
        for place, (_, name, kind) in zip(places, ordered, strict=True)
    ]


def apart(places: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places in ascending order, moved down until they are `STEP` apart, then up until all are above the bottom."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, top, moved[-1] + STEP if moved else top))
    limit = bottom
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - STEP
    return moved
