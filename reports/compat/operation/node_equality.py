"""The test whether two objects of a document mean the same, schemas included; descriptions and examples are ignored."""

from collections.abc import Mapping
from typing import Any

from reports.compat.pointers import NAMED_BY_PEOPLE, Node, resolve
from reports.compat.schema.json_values import canonical_json
from reports.compat.schema.schema_equality import SchemaEquality

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


def same(old: Node, new: Node, equality: SchemaEquality, *, named: bool = False) -> bool:
    """Whether two nodes mean the same. `named`: their keys are names chosen by people, so none is ignored."""
    return _same(old.document, old.value, new.document, new.value, equality, frozenset(), named)


def _same(
    document: Mapping[str, Any],
    old: Any,
    other: Mapping[str, Any],
    new: Any,
    equality: SchemaEquality,
    passed: frozenset[str],
    named: bool = False,
) -> bool:
    was, now = _reference(document, old), _reference(other, new)
    if was and was not in passed:
        return _same(document, resolve(document, was), other, new, equality, passed | {was})
    if now and f"new {now}" not in passed:
        return _same(document, old, other, resolve(other, now), equality, passed | {f"new {now}"})
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
    return canonical_json(old) == canonical_json(new)


def _reference(document: Mapping[str, Any], node: Any) -> str:
    """The target of a `$ref` within the document; empty if the node has none that leads anywhere."""
    target = node.get("$ref") if isinstance(node, dict) else None
    if not isinstance(target, str) or not target.startswith("#"):
        return ""
    try:
        resolve(document, target)
    except (LookupError, ValueError):
        return ""
    return target
