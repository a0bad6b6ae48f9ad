"""The complete form of an example body: every member and an element of every kind in each list, so that each keyword can be varied.

An example in a document shows what matters to its author, and seldom every optional member.
"""

from collections.abc import Mapping
from typing import Any

from contracts.dialect.example_request import DEEPEST, example
from contracts.dialect.schema_members import members
from contracts.schema import compile_schema
from contracts.spec import Spec
from contracts.spec.source.references import dereferenced


def completed(spec: Spec, schema: Any, body: Any) -> Any:
    """The body with all members of its schema; unchanged where that would break the schema."""
    found = _completed(spec, schema, body, 0)
    return found if compile_schema(spec, schema).is_valid(found) else body


def _completed(spec: Spec, schema: Any, value: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return value
    schema = dereferenced(spec.document, schema)
    for branch in _choices(schema):
        if compile_schema(spec, branch).is_valid(value):
            value = _completed(spec, branch, value, depth + 1)
            break
    described = members(spec, {name: part for name, part in schema.items() if name not in ("oneOf", "anyOf")})
    if isinstance(value, Mapping):
        rest = schema.get("additionalProperties")
        missing = {name: part for name, part in described.named.items() if name not in value}
        if isinstance(rest, Mapping) and not value.keys() - described.named.keys():
            missing["k"] = rest
        whole = {**{name: example(spec, part) for name, part in missing.items()}, **value}
        return {
            name: _completed(spec, described.named.get(name, rest), member, depth + 1)
            for name, member in whole.items()
        }
    if isinstance(value, list) and described.items:
        return [
            _completed(spec, described.items, element, depth + 1)
            for element in (*value, *_lacking(spec, described.items, value))
        ]
    return value


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    return [*schema.get("oneOf", ()), *schema.get("anyOf", ())]


def _lacking(spec: Spec, schema: Any, elements: list[Any]) -> list[Any]:
    """An example of each kind of element that the list does not have."""
    kinds = _choices(dereferenced(spec.document, schema)) if isinstance(schema, Mapping) else []
    return [
        example(spec, kind)
        for kind in kinds or [schema]
        if not any(compile_schema(spec, kind).is_valid(element) for element in elements)
    ]
