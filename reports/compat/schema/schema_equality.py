"""The test whether two schemas mean the same: compared keyword by keyword, with every `$ref` followed on both sides.

Keywords for people only are ignored. A pair whose comparison is under way counts as equal, so recursion ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from reports.compat.pointers import mapping_target, objects, resolve
from reports.compat.schema.json_values import canonical_json
from reports.compat.schema.schema_shape import SchemaPart, SchemaShape

# Keywords for people or generators; they do not decide which values are valid.
SILENT = frozenset(
    {
        "title", "description", "example", "examples", "deprecated", "externalDocs", "xml", "$comment", "$schema", "$id",
        "$anchor", "$defs", "definitions", "$vocabulary",
    }
)  # fmt: skip
_ONE = frozenset(
    {
        "not", "contains", "if", "then", "else", "propertyNames", "items", "additionalProperties",
        "unevaluatedProperties", "unevaluatedItems", "contentSchema",
    }
)  # fmt: skip
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_SETS = frozenset({"required", "enum", "type"})

Pair = tuple[int, int]
T = TypeVar("T")


class SchemaEquality:
    """The comparison of schemas of two documents for equality. It remembers pairs of nodes by identity, so both documents must
    stay alive."""

    def __init__(
        self, old: Mapping[str, Any], new: Mapping[str, Any], silenced: frozenset[str] = SILENT
    ) -> None:
        self._old, self._new = old, new
        self._silenced = silenced
        self._equal: set[Pair] = set()
        self._different: set[Pair] = set()

    @cached_property
    def of_xml(self) -> SchemaEquality:
        """The same for schemas of XML bodies, where the keyword `xml` decides how a value is written."""
        return SchemaEquality(self._old, self._new, self._silenced - {"xml"})

    @cached_property
    def _anchored(self) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        return _dynamic_anchors(self._old), _dynamic_anchors(self._new)

    def silent(self, word: str) -> bool:
        return word in self._silenced or word.startswith("x-")

    def shapes(self, old: SchemaShape, new: SchemaShape) -> bool:
        return len(old.parts) == len(new.parts) and all(map(self.parts, old.parts, new.parts))

    def parts(self, old: SchemaPart, new: SchemaPart) -> bool:
        """Whether two parts mean the same. Parts are temporary, so only their contents are remembered."""
        return old.mark == new.mark and self._keywords(old.schema, new.schema, None)

    def _all(self, old: list[Any], new: list[Any], assumed: set[Pair] | None) -> bool:
        return len(old) == len(new) and all(
            self._nodes(one, other, assumed) for one, other in zip(old, new, strict=True)
        )

    def _mapping_targets(self, one: str, other: str, assumed: set[Pair] | None) -> bool:
        old, new = mapping_target(self._old, one), mapping_target(self._new, other)
        try:
            return self._nodes({"$ref": old}, {"$ref": new}, assumed)
        except LookupError:  # a schema of another document
            return one == other

    def keyword(self, word: str, old: list[Any], new: list[Any]) -> bool:
        """Whether two shapes mean the same by one keyword."""
        return len(old) == len(new) and all(
            self._values(word, *each, None) for each in zip(old, new, strict=True)
        )

    def schemas(self, old: Any, new: Any) -> bool:
        return self._nodes(old, new, None)

    def _nodes(self, old: Any, new: Any, assumed: set[Pair] | None) -> bool:
        old, new = _target(self._old, old), _target(self._new, new)
        if isinstance(old, bool) or isinstance(new, bool):
            old, new = (True if each == {} else each for each in (old, new))  # one and the same schema
            return bool(old == new)
        pair = (id(old), id(new))
        if pair in self._different:
            return False
        if pair in self._equal or (assumed and pair in assumed):
            return True
        under = set() if assumed is None else assumed
        under.add(pair)
        found = self._keywords(old, new, under)
        if not found:
            # Whatever was assumed on the way could only have hidden a difference, so this one is sure.
            self._different.add(pair)
        elif assumed is None:
            self._equal |= under
        return found

    def _keywords(self, old: Mapping[str, Any], new: Mapping[str, Any], assumed: set[Pair] | None) -> bool:
        words = {word for word in (*old, *new) if not self.silent(word)}
        return all(
            word in old and word in new and self._values(word, old[word], new[word], assumed)
            for word in words
        )

    def _values(self, word: str, old: Any, new: Any, assumed: set[Pair] | None) -> bool:
        if word == "$ref":
            return self._nodes({"$ref": old}, {"$ref": new}, assumed)
        if word == "$dynamicRef":  # it may mean any schema of that anchor, so all of them must be equal
            was, now = (
                each.get(str(ref).removeprefix("#"), [])
                for each, ref in zip(self._anchored, (old, new), strict=True)
            )
            return self._all(was, now, assumed) and (bool(was) or canonical_json(old) == canonical_json(new))
        if word == "discriminator":
            before, here = old.get("mapping") or {}, new.get("mapping") or {}
            alike = old.get("propertyName") == new.get("propertyName") and before.keys() == here.keys()
            return alike and all(
                self._mapping_targets(before[value], here[value], assumed) for value in before
            )
        if word in _ONE:
            return self._nodes(old, new, assumed)
        if word in _LISTS:
            return self._all(old, new, assumed)
        if word in _MAPS:
            return old.keys() == new.keys() and all(
                self._nodes(old[name], new[name], assumed) for name in old
            )
        if word in _SETS and isinstance(old, list) and isinstance(new, list):
            return set(map(canonical_json, old)) == set(map(canonical_json, new))
        if isinstance(old, str) and isinstance(new, str):
            return old == new
        return canonical_json(old) == canonical_json(new)


def without_equal_pairs(
    old: Sequence[T], new: Sequence[T], equal: Callable[[T, T], bool]
) -> tuple[list[T], list[T]]:
    """What remains of two lists when equal members are taken out in pairs."""
    removed: list[T] = []
    added = list(new)
    for one in old:
        twin = next((other for other in added if equal(one, other)), None)
        if twin is None:
            removed.append(one)
        else:
            added = [other for other in added if other is not twin]
    return removed, added


def _dynamic_anchors(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for node in objects(document):
        if isinstance(node.get("$dynamicAnchor"), str):
            found.setdefault(node["$dynamicAnchor"], []).append(node)
    return found


def _target(document: Mapping[str, Any], schema: Any) -> Any:
    """The target of a `$ref` that stands alone; one beside other keywords is compared as a keyword."""
    passed: set[str] = set()
    while (
        isinstance(schema, Mapping) and "$ref" in schema and len(schema) == 1 and schema["$ref"] not in passed
    ):
        passed.add(schema["$ref"])
        schema = resolve(document, schema["$ref"])
    return schema
