"""Compares schemas that list their values: each value is judged by the other schema with the validator itself.

A list of values is exact: `enum: [1, 2]` and `minimum: 1, maximum: 2` on an integer allow the same, and which
values a change refuses is known one by one.
"""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from reports.compat.schema.keyword_diff import Said
from reports.compat.schema.schema_shape import SchemaShape

_SMALL = frozenset({"boolean", "null"})


def listed(shape: SchemaShape, other: SchemaShape) -> frozenset[str] | None:
    """The values that are listed, as JSON text; None if there is no list. Boolean is one beside another list."""
    if shape.values is None and other.values is not None and shape.types and shape.types <= _SMALL:
        return frozenset(
            [
                *(["true", "false"] if "boolean" in shape.types else []),
                *(["null"] if "null" in shape.types else []),
            ]
        )
    return shape.values


def values(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    """All that is different where at least one of the two lists its values."""
    was, now = listed(old, new), listed(new, old)
    for each in (old, new):
        if not each.words <= {"enum", "const"} and validator(each) is None:
            told = (
                "the validator cannot read what stands beside the values, so which are allowed cannot be told"
            )
            yield "keyword-changed", "pattern", told
    keyword = "const" if new.said("const") or (old.said("const") and not new.said("enum")) else "enum"
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
    check = None if shape.words <= {"enum", "const"} else validator(shape)
    return texts if check is None else frozenset(each for each in texts if check.is_valid(json.loads(each)))


def validator(shape: SchemaShape) -> Any:
    """None if the validator cannot read the schema: a pattern of another dialect, say."""
    root = {key: value for key, value in shape.document.items() if isinstance(value, dict)}
    try:
        return jsonschema_rs.Draft202012Validator(
            root | {"allOf": [dict(part.schema) for part in shape.parts]}
        )
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _shown(texts: frozenset[str]) -> str:
    return ", ".join(sorted(texts)) or "nothing"
