"""Whether two objects of a document say the same outside and inside their schemas; descriptions and examples apart."""

from collections.abc import Mapping
from typing import Any

from reports.compat.pointers import Node, followed
from reports.compat.schema.json_values import text
from reports.compat.schema.schema_equality import Equality

_SILENT = frozenset(
    {
        "summary",
        "description",
        "tags",
        "operationId",
        "externalDocs",
        "example",
        "examples",
        "links",
        "deprecated",
    }
)


def same(old: Node, new: Node, equality: Equality) -> bool:
    return _same(old.document, old.value, new.document, new.value, equality, frozenset())


def _same(
    document: Mapping[str, Any],
    old: Any,
    other: Mapping[str, Any],
    new: Any,
    equality: Equality,
    passed: frozenset[str],
) -> bool:
    if isinstance(old, dict) and "$ref" in old and old["$ref"] not in passed:
        return _same(document, followed(document, old["$ref"]), other, new, equality, passed | {old["$ref"]})
    if isinstance(new, dict) and "$ref" in new and f"new {new['$ref']}" not in passed:
        return _same(
            document, old, other, followed(other, new["$ref"]), equality, passed | {f"new {new['$ref']}"}
        )
    if isinstance(old, dict) and isinstance(new, dict):
        keys = {key for key in (*old, *new) if key not in _SILENT and not key.startswith("x-")}
        return all(
            key in old and key in new
            and (
                equality.schemas(old[key], new[key])
                if key == "schema"
                else _same(document, old[key], other, new[key], equality, passed)
            )
            for key in keys
        )  # fmt: skip
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same(document, one, other, each, equality, passed) for one, each in zip(old, new, strict=True)
        )
    return text(old) == text(new)
