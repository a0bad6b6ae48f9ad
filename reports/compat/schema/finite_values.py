"""The comparison of schemas that list their values: a validator checks each value against the other schema.

So the result is exact: `enum: [1, 2]` and `minimum: 1, maximum: 2` on an integer allow the same values, and each value
that a change refuses is known.
"""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from reports.compat.schema.keyword_diff import KeywordChange
from reports.compat.schema.schema_shape import SchemaShape

_SMALL = {"boolean": {"true", "false"}, "null": {"null"}}


def listed(shape: SchemaShape, other: SchemaShape) -> frozenset[str] | None:
    """The listed values as JSON text; None without a list. Beside another list, the type boolean counts as a list."""
    if shape.values is None and other.values is not None and shape.types and shape.types <= _SMALL.keys():
        return frozenset().union(*(_SMALL[name] for name in shape.types))
    return shape.values


def values(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    """All differences of two schemas of which at least one lists its values."""
    was, now = listed(old, new), listed(new, old)
    for each in (old, new):
        if not each.keywords <= {"enum", "const"} and validator(each) is None:
            message = (
                "the validator cannot read the keywords beside the values, so the allowed values are unknown"
            )
            yield "keyword-changed", "pattern", message
    keyword = (
        "const"
        if new.values_of("const") or (old.values_of("const") and not new.values_of("enum"))
        else "enum"
    )
    if was is not None:
        was = _allowed(was, old)
    if now is not None:
        now = _allowed(now, new)
    lost = now if was is None else was - _allowed(was, new)
    if was is None:
        yield "enum-narrowed", keyword, f"only {_shown(now or frozenset())} is allowed now"
    elif lost:
        yield "enum-narrowed", keyword, f"{_shown(lost)} is no value any more"
    if now is None:
        yield (
            "enum-widened",
            keyword,
            f"was one of {_shown(was or frozenset())} and is no closed list any more",
        )
    elif gained := now - _allowed(now, old):
        yield "enum-widened", keyword, f"{_shown(gained)} is a new value"


def _allowed(texts: frozenset[str], shape: SchemaShape) -> frozenset[str]:
    if shape.values is not None:
        texts &= shape.values
    check = None if shape.keywords <= {"enum", "const"} else validator(shape)
    return texts if check is None else frozenset(each for each in texts if check.is_valid(json.loads(each)))


def validator(shape: SchemaShape) -> Any:
    """A validator for a schema; None if it cannot read the schema, such as a pattern in another regex dialect."""
    root = {key: value for key, value in shape.document.items() if isinstance(value, dict)}
    try:
        return jsonschema_rs.Draft202012Validator(
            root | {"allOf": [dict(part.schema) for part in shape.parts]}
        )
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _shown(texts: frozenset[str]) -> str:
    return ", ".join(sorted(texts)) or "nothing"
