"""Names at the right ends of lines: each beside its line, none over another, all within the plot.

>>> apart([10.0, 12.0, 90.0], 0.0, 100.0)
[10.0, 24.0, 90.0]
>>> apart([98.0, 99.0, 100.0], 0.0, 100.0)
[72.0, 86.0, 100.0]
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from reports.page.drawing.svg import text

STEP = 14.0
"""Units from one name to the next."""

End = tuple[float, str, str]
"""Where a line ends, its name, its class."""


def names(ends: Iterable[End], x: float, top: float, bottom: float) -> list[Markup]:
    """The names at the ends of lines. `top` and `bottom` are of the plot: what hangs below its last line would lie on the axis'
    own words."""
    ordered = sorted(ends)
    places = apart([place for place, _, _ in ordered], top, bottom)
    return [
        text(x, place + 4, name, f"label {kind}")
        for place, (_, name, kind) in zip(places, ordered, strict=True)
    ]


def apart(places: Sequence[float], top: float, bottom: float, step: float = STEP) -> list[float]:
    """In ascending order; pushed down from above as far as needed, then back up from below the bottom."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, top, moved[-1] + step if moved else top))
    limit = bottom
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - step
    return moved
