"""The table of operations that change items says what openapi.yaml says, and so does the model's."""

from contracts.content_writes import BULK_TYPES, SINGLE_WRITES, WRITES
from contracts.model import messages
from contracts.spec import load

SPEC = load()


def test_they_are_the_content_operations_that_are_no_reads() -> None:
    document = {op.id for op in SPEC if op.path.startswith("/content/") and op.method != "GET"}
    assert document == WRITES == messages.WRITES


def test_an_answer_shows_the_item_where_the_document_says_so() -> None:
    shown = {
        name for name in WRITES for schema in SPEC[name].success.media_types.values()
        if schema.get("$ref", "").endswith("/ContentItemResponse")
    }  # fmt: skip
    assert shown == {name for name, write in SINGLE_WRITES.items() if write.shows}


def test_a_bulk_request_knows_the_types_of_the_document() -> None:
    schemas = SPEC.document["components"]["schemas"]
    assert set(schemas["BulkOperation"]["discriminator"]["mapping"]) == set(BULK_TYPES)
