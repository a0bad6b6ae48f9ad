"""A schema as a conjunction of plain parts: `$ref` followed, `allOf` flattened, every part with its place.

A conjunction can be asked what it says as a whole (the tightest bound, the common types) without first being
merged into one schema, which JSON Schema does not always allow. Values are compared as JSON text.
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

from reports.compat.pointers import Node, escaped, followed
from reports.compat.schema.json_values import ANY, KINDS, kind, text
from reports.compat.schema.pattern_order import matches

CHOICES = ("anyOf", "oneOf")
CONDITIONS = frozenset({"if", "contains", "dependentSchemas"})
UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
Paths = list[tuple[str, ...]]
_MOST_PRODUCTS = 256  # combinations of several choices
_MOST_VARIANTS = 2000  # variants of one choice


@dataclass(frozen=True, slots=True)
class SchemaPart:
    schema: Mapping[str, Any]
    pointer: str
    mark: str = ""
    """Tells apart what was split from one place."""


@dataclass(frozen=True)
class SchemaShape:
    document: Mapping[str, Any]
    parts: tuple[SchemaPart, ...]

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple((part.pointer, part.mark) for part in self.parts)

    @property
    def pointer(self) -> str:
        """The last part's: a `$ref`'s target rather than the place that refers to it."""
        return self.parts[-1].pointer if self.parts else ""

    def place(self, keyword: str) -> str:
        """Where the keyword stands, or else the schema."""
        return next(
            (f"{part.pointer}/{keyword}" for part in self.parts if keyword in part.schema), self.pointer
        )

    def member(self, name: str) -> str:
        """Where the member is declared, which is not where the schema stands that it may refer to."""
        named = escaped(name)
        return next(
            (f"{part.pointer}/properties/{named}" for part in self.parts if name in declared(part)),
            self.pointer,
        )

    @cached_property
    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """What the parts say, wherever they stand."""
        return tuple(part.schema for part in self.parts)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for schema in self.schemas for word in schema)

    def said(self, keyword: str) -> list[Any]:
        return [schema[keyword] for schema in self.schemas if keyword in schema]

    def texts(self, keyword: str) -> frozenset[str]:
        return frozenset(text(value) for value in self.said(keyword))

    @cached_property
    def values(self) -> frozenset[str] | None:
        """The allowed values as JSON text; None where any is."""
        listed = [*self.said("enum"), *([value] for value in self.said("const"))]
        sets = [frozenset(map(text, values)) for values in listed]
        return frozenset.intersection(*sets) if sets else None

    @cached_property
    def types(self) -> frozenset[str]:
        found = ANY
        for said in self.said("type"):
            names = [said] if isinstance(said, str) else said
            found &= frozenset().union(*(KINDS[name] for name in names))
        if self.values is not None:
            found &= frozenset().union(*(kind(json.loads(value)) for value in self.values))
        if any(float(multiple).is_integer() for multiple in self.said("multipleOf")):
            found -= {"fraction"}
        if any(value == {} or value is True for value in self.said("not")):
            found = frozenset()
        return found

    @cached_property
    def required(self) -> dict[str, str]:
        """Name -> pointer of the list that asks for it."""
        return {
            name: f"{part.pointer}/required"
            for part in self.parts
            for name in part.schema.get("required", ())
        }

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """The names of the members, in the order of the document."""
        return tuple(dict.fromkeys(name for part in self.parts for name in declared(part)))

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(p for part in self.parts for p in part.schema.get("patternProperties", {}))
        )

    @cached_property
    def maps(self) -> bool:
        """Whether it says what undeclared members must be; a schema that is silent leaves them to convention."""
        stated = [*self.said("additionalProperties"), *self.said("unevaluatedProperties")]
        return bool(self.patterns) or any(value not in (True, {}) for value in stated)

    @property
    def free(self) -> bool:
        """A map of anything: it declares nothing and allows all."""
        return "additionalProperties" in self.words and not self.declared and bool(self.rest.types)

    def at(self, name: str) -> SchemaShape:
        """What the member of this name must be, declared or not."""
        return self._of_parts(lambda part: list(_at(part, name)) or _beyond(part), "unevaluatedProperties")

    def under(self, pattern: str) -> SchemaShape:
        """What members whose names match this pattern must be, if they match no other."""

        def asked(part: SchemaPart) -> Paths:
            named = pattern in part.schema.get("patternProperties", {})
            return [("patternProperties", pattern)] if named else _beyond(part)

        return self._of_parts(asked, "unevaluatedProperties")

    @cached_property
    def rest(self) -> SchemaShape:
        """What members must be that are neither declared nor match a pattern."""
        return self._of_parts(_beyond, "unevaluatedProperties")

    def item(self, index: int | None) -> SchemaShape:
        """What the element at an index must be; None is any beyond `prefixItems`."""

        def asked(part: SchemaPart) -> Paths:
            if index is not None and index < len(part.schema.get("prefixItems", ())):
                return [("prefixItems", str(index))]
            return [("items",)] if "items" in part.schema else []

        return self._of_parts(asked, "unevaluatedItems")

    @property
    def prefix(self) -> int:
        """How many elements have a schema of their own."""
        return max((len(listed) for listed in self.said("prefixItems")), default=0)

    def inner(self, *path: str) -> SchemaShape:
        """The schema under a keyword; one that allows everything where there is none."""
        return self._of_parts(lambda part: [path] if _has(part.schema, path) else [])

    def _of_parts(self, asked: Callable[[SchemaPart], Paths], otherwise: str = "") -> SchemaShape:
        """`otherwise` is the keyword that speaks where no part does: `unevaluated…`."""
        parts: list[SchemaPart] = []
        found = [(part, path) for part in self.parts for path in asked(part)]
        found = found or [(part, (otherwise,)) for part in self.parts if otherwise in part.schema]
        for part, path in found:
            value: Any = part.schema
            for step in path:
                value = value[int(step)] if isinstance(value, list) else value[step]
            pointer = part.pointer + "".join(f"/{escaped(step)}" for step in path)
            parts += expanded(self.document, value, pointer)
        return SchemaShape(self.document, tuple(parts))

    @property
    def scattered(self) -> bool:
        """Whether `unevaluated…` stands where it is not sure what it sees: below the top, or beside conditions."""
        words = {word for part in self.parts[1:] for word in part.schema} & UNEVALUATED
        return bool(words or (self.words & UNEVALUATED and (self.chooses or self.words & CONDITIONS)))

    @property
    def chooses(self) -> bool:
        return any(schema.get(keyword) for schema in self.schemas for keyword in CHOICES)

    @cached_property
    def variants(self) -> tuple[SchemaShape, ...] | None:
        """One for each choice that `anyOf` or `oneOf` leaves; else one for each type; each with all that is common.

        None where there are too many to look at, which is found out before they are built.
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
                expanded(self.document, each, f"{part.pointer}/{keyword}/{index}")
                for index, each in enumerate(listed)
            ]
            for part, keyword, listed in groups
        ]
        found: list[SchemaShape] = []
        for chosen in product(*choices):
            split = SchemaShape(self.document, (*common, *(p for parts in chosen for p in parts))).by_type()
            if split is None or len(found) > _MOST_VARIANTS:
                return None
            found += split
        return tuple(found)

    def by_type(self) -> tuple[SchemaShape, ...] | None:
        if self.chooses:
            return self.variants
        names = [name for name, kinds in KINDS.items() if kinds <= self.types and name != "integer"]
        names += ["integer"] if {"integer", "fraction"} & self.types == {"integer"} else []
        if len(names) < 2 or self.types == ANY:
            return (self,)
        return tuple(
            SchemaShape(self.document, (*self.parts, SchemaPart({"type": name}, self.place("type"), name)))
            for name in names
        )


def shape(node: Node) -> SchemaShape:
    return SchemaShape(node.document, tuple(expanded(node.document, node.value, node.pointer)))


def narrowed(one: SchemaShape, schema: Mapping[str, Any], mark: str) -> SchemaShape:
    """The same with one more demand, which stands nowhere in the document."""
    return SchemaShape(one.document, (*one.parts, SchemaPart(schema, one.pointer, mark)))


def expanded(
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
        parts += expanded(document, followed(document, target), place, seen | {target})
    for index, each in enumerate(schema.get("allOf", ())):
        parts += expanded(document, each, f"{pointer}/allOf/{index}", seen)
    return parts


def declared(part: SchemaPart) -> list[str]:
    return list(part.schema.get("properties", {}))


def _beyond(part: SchemaPart) -> Paths:
    return [("additionalProperties",)] if "additionalProperties" in part.schema else []


def _at(part: SchemaPart, name: str) -> Iterator[tuple[str, ...]]:
    if name in declared(part):
        yield "properties", name
    for pattern in part.schema.get("patternProperties", {}):
        if matches(pattern, name):
            yield "patternProperties", pattern


def _has(schema: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    node: Any = schema
    for step in path:
        if not isinstance(node, Mapping) or step not in node:
            return False
        node = node[step]
    return True
