"""A schema as a conjunction of plain parts: `$ref` followed, `allOf` flattened, every part with its place.

A conjunction can be asked what it says as a whole (the tightest bound, the common types) without first being
merged into one schema, which JSON Schema does not always allow. Values are compared as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from reports.compat.pointers import escaped, steps

# `number` is two kinds, so that an integer is one of them.
_KINDS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"integer", "fraction"}),
    **{name: frozenset({name}) for name in ("string", "integer", "boolean", "null", "array", "object")},
}
ANY = frozenset().union(*_KINDS.values())

_CHOICES = ("anyOf", "oneOf")
_MOST = 64  # combinations of choices; beyond this a schema is left as it stands


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
            (
                f"{part.pointer}/properties/{named}"
                for part in self.parts
                if name in part.schema.get("properties", {})
            ),
            self.pointer,
        )

    @cached_property
    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """What the parts say, wherever they stand."""
        return tuple(part.schema for part in self.parts)

    def said(self, keyword: str) -> list[Any]:
        return [schema[keyword] for schema in self.schemas if keyword in schema]

    def texts(self, keyword: str) -> frozenset[str]:
        return frozenset(text(value) for value in self.said(keyword))

    def bound(self, keyword: str, tightest: Callable[[Iterable[float]], float]) -> float | None:
        found = self.said(keyword)
        return tightest(found) if found else None

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
            found &= frozenset().union(*(_KINDS[name] for name in names))
        if self.values is not None:
            found &= frozenset().union(*(_kind(json.loads(value)) for value in self.values))
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
    def properties(self) -> dict[str, SchemaShape]:
        found: dict[str, list[SchemaPart]] = {}
        for part in self.parts:
            for name, schema in part.schema.get("properties", {}).items():
                pointer = f"{part.pointer}/properties/{escaped(name)}"
                found.setdefault(name, []).extend(expanded(self.document, schema, pointer))
        return {name: SchemaShape(self.document, tuple(parts)) for name, parts in found.items()}

    @cached_property
    def rest(self) -> SchemaShape | None:
        """What members without a name of their own must be; None where there may be none."""
        if any(value is False for value in self.said("additionalProperties")):
            return None
        return self.inner("additionalProperties")

    def inner(self, keyword: str) -> SchemaShape:
        """The schema under a keyword; one that allows everything where there is none."""
        parts: list[SchemaPart] = []
        for part in self.parts:
            if keyword in part.schema:
                parts += expanded(self.document, part.schema[keyword], f"{part.pointer}/{keyword}")
        return SchemaShape(self.document, tuple(parts))

    @property
    def chooses(self) -> bool:
        return any(keyword in schema for schema in self.schemas for keyword in _CHOICES)

    @cached_property
    def variants(self) -> tuple[SchemaShape, ...]:
        """One for each choice that `anyOf` or `oneOf` leaves; else one for each type; each with all that is common."""
        choices: list[list[list[SchemaPart]]] = []
        common: list[SchemaPart] = []
        for part in self.parts:
            for keyword in _CHOICES:
                listed = part.schema.get(keyword, ())
                places = [f"{part.pointer}/{keyword}/{index}" for index in range(len(listed))]
                if listed:
                    choices.append(
                        [expanded(self.document, *each) for each in zip(listed, places, strict=True)]
                    )
            plain = {key: value for key, value in part.schema.items() if key not in _CHOICES}
            common.append(SchemaPart(plain, part.pointer, part.mark))
        made = [(*common, *(p for chosen in each for p in chosen)) for each in product(*choices)]
        if len(made) > _MOST:
            return (self,)
        return tuple(split for parts in made for split in SchemaShape(self.document, parts)._by_type())

    def _by_type(self) -> list[SchemaShape]:
        if self.chooses:
            return list(self.variants)
        names = [name for name, kinds in _KINDS.items() if kinds <= self.types and name != "integer"]
        names += ["integer"] if {"integer", "fraction"} & self.types == {"integer"} else []
        if len(names) < 2 or self.types == ANY:
            return [self]
        return [
            SchemaShape(self.document, (*self.parts, SchemaPart({"type": name}, self.place("type"), name)))
            for name in names
        ]


def shape(document: Mapping[str, Any], schema: Any, pointer: str) -> SchemaShape:
    return SchemaShape(document, tuple(expanded(document, schema, pointer)))


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
        parts += expanded(document, followed(document, target), target[1:], seen | {target})
    for index, each in enumerate(schema.get("allOf", ())):
        parts += expanded(document, each, f"{pointer}/allOf/{index}", seen)
    return parts


def followed(document: Mapping[str, Any], target: str) -> Any:
    node: Any = document
    for step in steps(target[1:]):
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


def text(value: Any) -> str:
    """JSON text, in which 2 and 2.0 are one value and true is not 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _kind(value: Any) -> frozenset[str]:
    match value:
        case bool():
            return _KINDS["boolean"]
        case int():
            return _KINDS["integer"]
        case float():
            return frozenset({"fraction"})
        case str():
            return _KINDS["string"]
        case None:
            return _KINDS["null"]
        case list():
            return _KINDS["array"]
    return _KINDS["object"]
