"""A Result as Markdown whose columns stand in line, so that the terminal and the file show the same text."""

from collections.abc import Sequence

from tests.bench.result import Limit, Result, Row

HEAD = ("what", "median", "unit", "min to max", "ratio", "promised", "met", "note")
MET = {True: "yes", False: "NO", None: "-"}


def markdown(result: Result) -> str:
    lines = [f"## {result.title}", "", result.about, "", *table(HEAD, [cells(row) for row in result.rows])]
    for grid in result.grids:
        lines += ["", f"### {grid.title}", "", *table(grid.head, grid.rows)]
    return "\n".join([*lines, ""])


def cells(row: Row) -> tuple[str, ...]:
    value = "not measured" if row.value is None else number(row.value)
    spread = "" if row.spread is None else f"{number(row.spread[0])} to {number(row.spread[1])}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
    return row.what, value, row.unit, spread, ratio, promise(row.limit), MET[row.met], row.note


def promise(limit: Limit | None) -> str:
    """
    >>> promise(Limit("at least", 0.17, "nginx")), promise(Limit("at most", 150))
    ('at least 0.17 x nginx', 'at most 150')
    """
    if limit is None:
        return ""
    return f"{limit.kind} {limit.number:g}" + (f" x {limit.of}" if limit.of else "")


def number(value: float) -> str:
    """Three significant digits, thousands apart.

    >>> number(21034.4), number(2.3456), number(0.01234)
    ('21,034', '2.35', '0.0123')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """
    >>> print(*table(("a", "b"), [("1", "x|y")]), sep=chr(10))
    | a | b    |
    | - | ---- |
    | 1 | x\\|y |
    """
    text = [[_cell(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[place]) for row in text) for place in range(len(head))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in text]
    lines.insert(1, ["-" * width for width in widths])
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
