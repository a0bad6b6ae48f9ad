"""Whether two objects of a document say the same outside and inside their schemas; descriptions and examples apart."""

from collections.abc import Mapping
from typing import Any

from reports.compat.pointers import NAMED_BY_PEOPLE, Node, followed
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


def same(old: Node, new: Node, equality: Equality, *, named: bool = False) -> bool:
    """`named`: whether the keys are names of people, of which none is silent."""
    return _same(old.document, old.value, new.document, new.value, equality, frozenset(), named)


def _same(
    document: Mapping[str, Any],
    old: Any,
    other: Mapping[str, Any],
    new: Any,
    equality: Equality,
    passed: frozenset[str],
    named: bool = False,
) -> bool:
    was, now = _reference(document, old), _reference(other, new)
    if was and was not in passed:
        return _same(document, followed(document, was), other, new, equality, passed | {was})
    if now and f"new {now}" not in passed:
        return _same(document, old, other, followed(other, now), equality, passed | {f"new {now}"})
    if isinstance(old, dict) and isinstance(new, dict):
        keys = {key for key in (*old, *new) if named or not (key in _SILENT or key.startswith("x-"))}
        return all(
            key in old and key in new
            and (
                equality.schemas(old[key], new[key])
                if key == "schema" and not named and all(isinstance(each, dict | bool) for each in (old[key], new[key]))
                else _same(document, old[key], other, new[key], equality, passed, key in NAMED_BY_PEOPLE and not named)
            )
            for key in keys
        )  # fmt: skip
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same(document, one, other, each, equality, passed) for one, each in zip(old, new, strict=True)
        )
    return text(old) == text(new)


def _reference(document: Mapping[str, Any], node: Any) -> str:
    """What it refers to within its document; empty where it does not, under a key that is none of OpenAPI's, say."""
    target = node.get("$ref") if isinstance(node, dict) else None
    if not isinstance(target, str) or not target.startswith("#"):
        return ""
    try:
        followed(document, target)
    except (LookupError, ValueError):
        return ""
    return target
