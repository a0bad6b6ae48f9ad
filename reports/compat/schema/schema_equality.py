"""Whether two schemas say the same: compared word by word, with every `$ref` followed on both sides.

What speaks to people only is left out. A pair that is being compared counts as equal, so recursion ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from reports.compat.pointers import followed, mapped
from reports.compat.schema.json_values import text
from reports.compat.schema.schema_shape import SchemaPart, SchemaShape

# They say something to people or to generators, and nothing about which values are valid.
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


class Equality:
    """Decides whether schemas of two documents say the same. Remembers pairs of nodes by identity, so both documents must live
    on."""

    def __init__(
        self, old: Mapping[str, Any], new: Mapping[str, Any], silenced: frozenset[str] = SILENT
    ) -> None:
        self._old, self._new = old, new
        self._silenced = silenced
        self._equal: set[Pair] = set()
        self._different: set[Pair] = set()

    @cached_property
    def of_xml(self) -> Equality:
        """Of schemas of XML, where `xml` says how a value is written."""
        return Equality(self._old, self._new, self._silenced - {"xml"})

    @cached_property
    def _anchored(self) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        return _dynamic_anchors(self._old), _dynamic_anchors(self._new)

    def silent(self, word: str) -> bool:
        return word in self._silenced or word.startswith("x-")

    def shapes(self, old: SchemaShape, new: SchemaShape) -> bool:
        return len(old.parts) == len(new.parts) and all(map(self.parts, old.parts, new.parts))

    def parts(self, old: SchemaPart, new: SchemaPart) -> bool:
        """The parts themselves are made on the way and forgotten; only what they hold is remembered."""
        return old.mark == new.mark and self._words(old.schema, new.schema, None)

    def _all(self, old: list[Any], new: list[Any], assumed: set[Pair] | None) -> bool:
        return len(old) == len(new) and all(
            self._nodes(one, other, assumed) for one, other in zip(old, new, strict=True)
        )

    def _meant(self, one: str, other: str, assumed: set[Pair] | None) -> bool:
        old, new = mapped(self._old, one), mapped(self._new, other)
        try:
            return self._nodes({"$ref": old}, {"$ref": new}, assumed)
        except LookupError:  # a schema of another document
            return one == other

    def keyword(self, word: str, old: list[Any], new: list[Any]) -> bool:
        """Whether the parts of two shapes say the same by one word."""
        return len(old) == len(new) and all(
            self._said(word, *each, None) for each in zip(old, new, strict=True)
        )

    def schemas(self, old: Any, new: Any) -> bool:
        return self._nodes(old, new, None)

    def _nodes(self, old: Any, new: Any, assumed: set[Pair] | None) -> bool:
        old, new = _target(self._old, old), _target(self._new, new)
        if isinstance(old, bool) or isinstance(new, bool):
            return bool(_plain(old) == _plain(new))
        pair = (id(old), id(new))
        if pair in self._different:
            return False
        if pair in self._equal or (assumed and pair in assumed):
            return True
        under = set() if assumed is None else assumed
        under.add(pair)
        found = self._words(old, new, under)
        if not found:
            # Whatever was assumed on the way could only have hidden a difference, so this one is sure.
            self._different.add(pair)
        elif assumed is None:
            self._equal |= under
        return found

    def _words(self, old: Mapping[str, Any], new: Mapping[str, Any], assumed: set[Pair] | None) -> bool:
        words = {word for word in (*old, *new) if not self.silent(word)}
        return all(
            word in old and word in new and self._said(word, old[word], new[word], assumed) for word in words
        )

    def _said(self, word: str, old: Any, new: Any, assumed: set[Pair] | None) -> bool:
        if word == "$ref":
            return self._nodes({"$ref": old}, {"$ref": new}, assumed)
        if word == "$dynamicRef":  # any schema of that anchor may be meant, so all of them must be the same
            was, now = (
                each.get(str(ref).removeprefix("#"), [])
                for each, ref in zip(self._anchored, (old, new), strict=True)
            )
            return self._all(was, now, assumed) and (bool(was) or text(old) == text(new))
        if word == "discriminator":
            before, here = old.get("mapping") or {}, new.get("mapping") or {}
            alike = old.get("propertyName") == new.get("propertyName") and before.keys() == here.keys()
            return alike and all(self._meant(before[value], here[value], assumed) for value in before)
        if word in _ONE:
            return self._nodes(old, new, assumed)
        if word in _LISTS:
            return self._all(old, new, assumed)
        if word in _MAPS:
            return old.keys() == new.keys() and all(
                self._nodes(old[name], new[name], assumed) for name in old
            )
        if word in _SETS and isinstance(old, list) and isinstance(new, list):
            return set(map(text, old)) == set(map(text, new))
        return text(old) == text(new)


def _dynamic_anchors(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for node in _objects(document):
        if isinstance(node.get("$dynamicAnchor"), str):
            found.setdefault(node["$dynamicAnchor"], []).append(node)
    return found


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    left = [node]
    while left:
        node = left.pop()
        if isinstance(node, Mapping):
            yield node
        if isinstance(node, Mapping | list):
            left += node.values() if isinstance(node, Mapping) else node


def _plain(schema: Any) -> Any:
    """`true` and `{}` are one schema."""
    return True if schema == {} else schema


def _target(document: Mapping[str, Any], schema: Any) -> Any:
    """Follows a `$ref` that stands alone; beside other words it is compared as what it refers to by those words."""
    passed: set[str] = set()
    while (
        isinstance(schema, Mapping) and "$ref" in schema and len(schema) == 1 and schema["$ref"] not in passed
    ):
        passed.add(schema["$ref"])
        schema = followed(document, schema["$ref"])
    return schema
