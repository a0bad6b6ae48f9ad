"""A value from the examples of a schema keeps the schema: else what is only in somebody's document would be asked, and answered, wrongly."""

import json
from operator import attrgetter
from typing import Any

import pytest

from contracts.dialect.example_request import example
from contracts.schema import compile_schema
from contracts.spec import Operation, load, parse


def schemas(operation: Operation) -> dict[str, Any]:
    """All that an answer or a request of it consists of."""
    body = operation.body.media_types if operation.body else {}
    named = {part.name: part.schema for part in (*operation.success.headers, *operation.parameters)}
    return {**operation.success.media_types, **{f"request {media}": schema for media, schema in body.items()}, **named}  # fmt: skip


@pytest.mark.parametrize("operation", load().endpoints, ids=attrgetter("id"))
def test_every_part_of_our_own_document_keeps_its_schema(operation: Operation) -> None:
    spec = load()
    wrong = {
        name: [error.message for error in compile_schema(spec, schema).iter_errors(example(spec, schema))]
        for name, schema in schemas(operation).items()
    }
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": r"^\d{3,}[^e]\S?$"},
        {"type": "string", "pattern": "^(?:b|c)+?$", "minLength": 4},
        {"type": "string", "pattern": "x.y", "maxLength": 3},
        {"type": "integer", "exclusiveMinimum": 7},
        {"oneOf": [{"type": "array", "items": {"type": "string", "pattern": "^[A-Z]$"}, "minItems": 2}, {"type": "null"}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_value_keeps(schema: dict[str, Any]) -> None:
    assert compile_schema(load(), schema).is_valid(example(load(), schema))


def test_an_example_of_schemas_that_refer_to_each_other_stays_small() -> None:
    """Six members in each of ten schemas were 160 MB, and a request of that size."""
    schemas = {
        f"A{number}": {
            "type": "object",
            "required": ["m0"] if number < 5 else [],
            "properties": {f"m{place}": {"$ref": f"#/components/schemas/A{(number * 6 + place + 1) % 10}"} for place in range(6)},
        }
        for number in range(10)
    }  # fmt: skip
    paths = {"/x": {"get": {"responses": {"200": {"description": "x"}}}}}
    text = json.dumps({"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}})
    spec = parse(text.encode(), name="many.json")
    made = example(spec, {"$ref": "#/components/schemas/A0"})
    assert {"m0", "m5"} <= made.keys() and len(json.dumps(made)) < 50_000
    assert compile_schema(spec, {"$ref": "#/components/schemas/A0"}).is_valid(made)
