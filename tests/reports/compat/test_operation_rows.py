"""Each pair of documents is told as what it is, by its rules and no others."""

import copy

import pytest

from reports.compat.pointers import resolve
from tests.reports.compat.operation_rows import ROWS
from tests.reports.compat.small_documents import Document, differences, letter


@pytest.mark.parametrize(
    ("old", "new", "worst", "rules"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_a_difference_of_operations_is_what_the_table_says(
    old: Document, new: Document, worst: str, rules: set[str]
) -> None:
    before = copy.deepcopy((old, new))
    found = differences(old, new)
    assert (letter(found), {change.rule for change in found}) == (worst, rules), found
    assert (old, new) == before, "a comparison changes no document"
    for change in found:
        resolve(new if change.side == "new" else old, f"#{change.pointer}")
        assert change.text and "\n" not in change.text
