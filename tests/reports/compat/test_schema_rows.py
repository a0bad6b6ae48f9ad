"""Each pair of schemas is told as what it is, in a request, in an answer, and in a parameter; and behind a reference."""

from typing import Any

import pytest

from tests.reports.compat.schema_rows import AB, ABC, BEHIND, REF, ROWS
from tests.reports.compat.small_documents import asking, differences, letter, telling


@pytest.mark.parametrize(
    ("old", "new", "request_", "answer"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_a_difference_of_schemas_is_what_the_table_says(
    old: Any, new: Any, request_: str, answer: str
) -> None:
    asked, message = differences(asking(old), asking(new)), differences(telling(old), telling(new))
    assert (letter(asked), letter(message)) == (request_, answer), [*asked, *message]


@pytest.mark.parametrize(
    ("old", "new", "request_", "answer"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_nor_does_it_matter_that_the_schema_is_behind_a_reference(
    old: Any, new: Any, request_: str, answer: str
) -> None:
    asked = differences(asking(REF, X=old), asking(REF, X=new))
    message = differences(
        telling({"type": "array", "items": REF}, X=old), telling({"type": "array", "items": REF}, X=new)
    )
    assert (letter(asked), letter(message)) == (request_, answer), [*asked, *message]


@pytest.mark.parametrize("schema", [pytest.param(entry, id=name) for name, entry in BEHIND.items()])
def test_a_change_behind_a_reference_is_found_wherever_the_reference_stands(
    schema: tuple[Any, str, str],
) -> None:
    holder, request_, answer = schema
    asked = differences(asking(holder, X=ABC), asking(holder, X=AB))
    message = differences(telling(holder, X=ABC), telling(holder, X=AB))
    assert (letter(asked), letter(message)) == (request_, answer), [*asked, *message]
    # The other way round, what was narrower is wider.
    turned = {"B": "H", "H": "B"}
    asked = differences(asking(holder, X=AB), asking(holder, X=ABC))
    message = differences(telling(holder, X=AB), telling(holder, X=ABC))
    assert (letter(asked), letter(message)) == (turned.get(request_, request_), turned.get(answer, answer))


def test_a_schema_that_refers_to_itself_is_compared_once() -> None:
    tree = {"type": "object", "properties": {"next": REF, "value": ABC}}
    less = {"type": "object", "properties": {"next": REF, "value": AB}}
    found = differences(asking(REF, X=tree), asking(REF, X=less))
    assert [change.rule for change in found] == ["request.enum-narrowed"]
    assert differences(asking(REF, X={"allOf": [REF]}), asking(REF, X={"allOf": [REF]})) == ()
