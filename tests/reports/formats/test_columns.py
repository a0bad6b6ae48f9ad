"""Every row of a table has a cell for each column, in HTML and in Markdown: a new column has a head and a cell, or neither."""

import re

import pytest

from reports.formats import markdown
from reports.page import report_page
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import report

TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd][ >]")
MARKDOWN_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
MARKDOWN_BORDER = re.compile(r"(?<!\\)\|")


@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_rows_have_as_many_cells_as_the_head(name: str) -> None:
    page, comment = report_page.render(report(name)), markdown.render(report(name))
    tables = [[len(CELL.findall(row)) for row in ROW.findall(table)] for table in TABLE.findall(page)]
    tables += [
        [len(MARKDOWN_BORDER.findall(row)) for row in table.splitlines()]
        for table in MARKDOWN_TABLE.findall(comment)
    ]
    assert tables or name == "empty"
    uneven = [counts for counts in tables if len(set(counts)) > 1]
    assert uneven == [], (
        "rows of a table with a cell too many or too few: [cells of the head, cells of each row]"
    )
