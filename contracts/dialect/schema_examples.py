"""A value for a schema from what the document gives: its examples, defaults and values; where it gives none, an empty one of its type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contracts.dialect.schema_members import followed, members
from contracts.spec import Spec

DEEPEST = 8
EMPTY: Mapping[str, Any] = MappingProxyType({"boolean": False, "object": {}, "null": None})


def example(spec: Spec, schema: Any, depth: int = 0) -> Any:
    schema = followed(spec, schema)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    said = members(spec, schema)
    if said.named:
        return {name: example(spec, part, depth + 1) for name, part in said.named.items()}
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "string":
        return "example".ljust(schema.get("minLength", 0), "e")[: schema.get("maxLength")]
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    if kind == "array":
        return [example(spec, said.items, depth + 1)] * schema.get("minItems", 0)
    return EMPTY.get(kind)
