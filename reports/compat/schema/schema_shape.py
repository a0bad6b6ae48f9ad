"""A schema as a conjunction of plain parts: `$ref` followed, `allOf` flattened, each part with its pointer.

A conjunction answers questions about the whole (the tightest bound, the common types) without being merged into one
schema, which JSON Schema does not always allow. Values are compared as canonical JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any
from urllib.parse import unquote

from reports.compat.pointers import Node, escape_step, resolve
from reports.compat.schema.json_values import ANY, NUMBERS, TYPE_SETS, canonical_json, types_of
from reports.compat.schema.pattern_order import matches

CHOICES = ("anyOf", "oneOf")
CONDITIONS = frozenset({"if", "contains", "dependentSchemas"})
UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
Paths = list[tuple[str, ...]]
_MOST_PRODUCTS = 256  # combinations of several choices
_MOST_VARIANTS = 2000  # variants of one choice


@dataclass(frozen=True, slots=True)
class SchemaPart:
    """One schema object of a conjunction, without `$ref` and `allOf`."""

    schema: Mapping[str, Any]
    pointer: str
    mark: str = ""
    """Distinguishes parts that were split from one place."""

    @property
    def members(self) -> list[str]:
        return list(self.schema.get("properties", {}))


@dataclass(frozen=True)
class SchemaShape:
    """A schema as the conjunction of its parts; without parts it allows everything."""

    document: Mapping[str, Any]
    parts: tuple[SchemaPart, ...]

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple((part.pointer, part.mark) for part in self.parts)

    @property
    def pointer(self) -> str:
        """The pointer of the last part: the target of a `$ref` rather than the place of the `$ref`."""
        return self.parts[-1].pointer if self.parts else ""

    def pointer_of(self, keyword: str) -> str:
        """The pointer of a keyword, or of the schema if it lacks the keyword."""
        return next(
            (f"{part.pointer}/{keyword}" for part in self.parts if keyword in part.schema), self.pointer
        )

    def member_pointer(self, name: str) -> str:
        """The pointer of a member's declaration, even if the declaration is a `$ref`."""
        named = escape_step(name)
        return next(
            (f"{part.pointer}/properties/{named}" for part in self.parts if name in part.members),
            self.pointer,
        )

    @cached_property
    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """The schema objects of the parts."""
        return tuple(part.schema for part in self.parts)

    @cached_property
    def keywords(self) -> frozenset[str]:
        return frozenset(word for schema in self.schemas for word in schema)

    def values_of(self, keyword: str) -> list[Any]:
        return [schema[keyword] for schema in self.schemas if keyword in schema]

    def texts(self, keyword: str) -> frozenset[str]:
        return frozenset(canonical_json(value) for value in self.values_of(keyword))

    @cached_property
    def values(self) -> frozenset[str] | None:
        """The listed values as canonical JSON; None if the schema does not list its values."""
        listed = [*self.values_of("enum"), *([value] for value in self.values_of("const"))]
        sets = [frozenset(map(canonical_json, values)) for values in listed]
        return frozenset.intersection(*sets) if sets else None

    @cached_property
    def types(self) -> frozenset[str]:
        found = ANY
        for types in self.values_of("type"):
            names = [types] if isinstance(types, str) else types
            found &= frozenset().union(*(TYPE_SETS[name] for name in names))
        if self.values is not None:
            found &= frozenset().union(*(types_of(json.loads(value)) for value in self.values))
        if any(float(multiple).is_integer() for multiple in self.values_of("multipleOf")):
            found -= {"fraction"}
        if any(value == {} or value is True for value in self.values_of("not")):
            found = frozenset()
        return found

    @cached_property
    def required(self) -> dict[str, str]:
        """Name of a required member -> pointer of the `required` list."""
        return {
            name: f"{part.pointer}/required"
            for part in self.parts
            for name in part.schema.get("required", ())
        }

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """The names of declared members, in document order."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.members))

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(p for part in self.parts for p in part.schema.get("patternProperties", {}))
        )

    @cached_property
    def constrains_undeclared(self) -> bool:
        """Whether the schema constrains undeclared members."""
        stated = [*self.values_of("additionalProperties"), *self.values_of("unevaluatedProperties")]
        return bool(self.patterns) or any(value not in (True, {}) for value in stated)

    @property
    def is_free_map(self) -> bool:
        """Whether it is a map of any values: no member is declared, and all are allowed."""
        return "additionalProperties" in self.keywords and not self.declared and bool(self.undeclared.types)

    def member(self, name: str) -> SchemaShape:
        """The schema of the member with this name, declared or not."""
        return self._of_parts(lambda part: list(_at(part, name)) or _beyond(part), "unevaluatedProperties")

    def pattern(self, pattern: str) -> SchemaShape:
        """The schema of members whose names match this pattern and no other."""

        def asked(part: SchemaPart) -> Paths:
            named = pattern in part.schema.get("patternProperties", {})
            return [("patternProperties", pattern)] if named else _beyond(part)

        return self._of_parts(asked, "unevaluatedProperties")

    @cached_property
    def undeclared(self) -> SchemaShape:
        """The schema of members that are neither declared nor match a pattern."""
        return self._of_parts(_beyond, "unevaluatedProperties")

    def item(self, index: int | None) -> SchemaShape:
        """The schema of the array element at an index; None stands for the elements after `prefixItems`."""

        def asked(part: SchemaPart) -> Paths:
            if index is not None and index < len(part.schema.get("prefixItems", ())):
                return [("prefixItems", str(index))]
            return [("items",)] if "items" in part.schema else []

        return self._of_parts(asked, "unevaluatedItems")

    @property
    def prefix_length(self) -> int:
        """The number of leading array elements with schemas of their own."""
        return max((len(listed) for listed in self.values_of("prefixItems")), default=0)

    def subschema(self, keyword: str, *name: str) -> SchemaShape:
        """The schema under a keyword, or at a name under it; one that allows everything if it is missing."""

        def asked(part: SchemaPart) -> Paths:
            there = keyword in part.schema and all(each in part.schema[keyword] for each in name)
            return [(keyword, *name)] if there else []

        return self._of_parts(asked)

    def _of_parts(self, asked: Callable[[SchemaPart], Paths], otherwise: str = "") -> SchemaShape:
        """The conjunction of what the parts say; `otherwise` is the keyword (`unevaluated…`) for when no part says anything."""
        parts: list[SchemaPart] = []
        found = [(part, path) for part in self.parts for path in asked(part)]
        found = found or [(part, (otherwise,)) for part in self.parts if otherwise in part.schema]
        for part, path in found:
            value: Any = part.schema
            for step in path:
                value = value[int(step)] if isinstance(value, list) else value[step]
            pointer = part.pointer + "".join(f"/{escape_step(step)}" for step in path)
            parts += flattened(self.document, value, pointer)
        return SchemaShape(self.document, tuple(parts))

    @property
    def unevaluated_unsure(self) -> bool:
        """Whether `unevaluated…` stands where its effect is uncertain: below the top level, or beside conditions."""
        words = {word for part in self.parts[1:] for word in part.schema} & UNEVALUATED
        return bool(
            words or (self.keywords & UNEVALUATED and (self.has_choices or self.keywords & CONDITIONS))
        )

    @property
    def has_choices(self) -> bool:
        return any(schema.get(keyword) for schema in self.schemas for keyword in CHOICES)

    @cached_property
    def variants(self) -> tuple[SchemaShape, ...] | None:
        """One schema for each combination of `anyOf` and `oneOf` choices, or else for each type, common parts included.

        None if there are too many; their number is checked before they are built.
        """
        groups = [
            (part, keyword, part.schema[keyword])
            for part in self.parts
            for keyword in CHOICES
            if part.schema.get(keyword)
        ]
        sizes = [len(listed) for *_, listed in groups]
        if prod(sizes) > (_MOST_VARIANTS if len(groups) < 2 else _MOST_PRODUCTS):
            return None
        chosen_by = {*CHOICES, "discriminator"}
        common = tuple(
            SchemaPart(
                {k: v for k, v in part.schema.items() if k not in chosen_by},
                part.pointer,
                f"{part.mark} chosen",
            )
            for part in self.parts
        )
        choices = [
            [
                flattened(self.document, each, f"{part.pointer}/{keyword}/{index}")
                for index, each in enumerate(listed)
            ]
            for part, keyword, listed in groups
        ]
        found: list[SchemaShape] = []
        for chosen in product(*choices):
            split = SchemaShape(
                self.document, (*common, *(p for parts in chosen for p in parts))
            ).split_by_type()
            if split is None or len(found) > _MOST_VARIANTS:
                return None
            found += split
        return tuple(found)

    def split_by_type(self) -> tuple[SchemaShape, ...] | None:
        if self.has_choices:
            return self.variants
        names = sorted(self.types - NUMBERS)
        if numbers := self.types & NUMBERS:  # fractions alone (`enum: [2.5]`) have no type name of their own
            names.append("integer" if numbers == {"integer"} else "number")
        if len(names) < 2 or self.types == ANY:
            return (self,)
        parts = (SchemaPart({"type": name}, self.pointer_of("type"), name) for name in names)
        return tuple(SchemaShape(self.document, (*self.parts, part)) for part in parts)


def shape(node: Node) -> SchemaShape:
    return SchemaShape(node.document, tuple(flattened(node.document, node.value, node.pointer)))


def with_constraint(one: SchemaShape, schema: Mapping[str, Any], mark: str) -> SchemaShape:
    """The schema with one more constraint, which has no place in the document."""
    return SchemaShape(one.document, (*one.parts, SchemaPart(schema, one.pointer, mark)))


def flattened(
    document: Mapping[str, Any], schema: Any, pointer: str, seen: frozenset[str] = frozenset()
) -> list[SchemaPart]:
    if schema is True:
        return []
    if schema is False:
        return [SchemaPart({"not": {}}, pointer)]
    plain = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    parts = [SchemaPart(plain, pointer)] if plain or not schema else []
    target = schema.get("$ref")
    if target is not None and target not in seen:
        place = unquote(target).removeprefix("#")
        parts += flattened(document, resolve(document, target), place, seen | {target})
    for index, each in enumerate(schema.get("allOf", ())):
        parts += flattened(document, each, f"{pointer}/allOf/{index}", seen)
    return parts


def _beyond(part: SchemaPart) -> Paths:
    return [("additionalProperties",)] if "additionalProperties" in part.schema else []


def _at(part: SchemaPart, name: str) -> Iterator[tuple[str, ...]]:
    if name in part.members:
        yield "properties", name
    for pattern in part.schema.get("patternProperties", {}):
        if matches(pattern, name):
            yield "patternProperties", pattern
