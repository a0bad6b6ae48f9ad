"""The picture of error budgets: for each objective a bar of the used share, and a line where the budget ends."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from reports.page.drawing.axis_scale import LinearScale
from reports.page.drawing.svg import line, picture, rect, text
from reports.summary.tables import OperationRow

WIDTH = 640.0
LEFT, RIGHT, TOP, BAND = 158.0, 150.0, 24.0, 20.0
MOST = 2.0
"""The longest bar, in budgets; a longer one is cut off, and its number tells the true length."""


def budgets(rows: Sequence[OperationRow]) -> Markup:
    shown = [row for row in rows if row.budget and row.budget.used is not None]
    if not shown:
        return Markup("")
    x = LinearScale(0.0, MOST, LEFT, WIDTH - RIGHT)
    height = TOP + BAND * len(shown) + 6
    parts = [
        line(x(0), TOP - 4, x(0), height - 4, "grid"),
        text(x(1), TOP - 10, "all of it", "label limit", "middle"),
    ]
    for index, row in enumerate(shown):
        parts += _bar(row, x, TOP + BAND * index)
    parts.append(line(x(1), TOP - 6, x(1), height - 4, "limit"))
    return picture(WIDTH, height, "Share of the error budget used by each operation.", parts)


def _bar(row: OperationRow, x: LinearScale, y: float) -> Iterator[Markup]:
    budget = row.budget
    assert budget is not None and budget.used is not None
    used = budget.used
    yield text(LEFT - 8, y + 14, row.operation, "name", "end")
    yield rect(x(0), y + 5, max(x(min(used, MOST)) - x(0), 1.0), BAND - 10, "bar-bad" if used > 1 else "bar")
    description = f"{100 * used:.0f} % · {budget.over:,} of {budget.allowed:,.1f}"
    yield text(WIDTH - RIGHT + 8, y + 14, description, "name over" if used > 1 else "name")
