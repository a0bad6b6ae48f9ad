"""The members that a schema gives to objects, through references and compositions (allOf, oneOf, anyOf).

That is all that a comparison of two documents needs of JSON Schema.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from contracts.schema import readings
from contracts.spec import Spec
from contracts.spec.source.references import target

Name = TypeVar("Name")
DEEPEST = 12
"""The deepest nesting of compositions that is followed."""


class Members(NamedTuple):
    """The members that a schema names. `closed` says that no other members are allowed; `items` is the schema of the elements of a
    list, or None."""

    named: Mapping[str, Any]
    required: frozenset[str]
    closed: bool
    items: Any


class Itself:
    """A key that is equal to that of the same object alone. It holds the object, so that no other one can take its place."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value


FREE = frozenset({"metadata", "tags"})
"""Members whose content is the client's own: no name in them is the contract's."""
ERROR_WRAPPERS = ("error", "errors", "detail")
"""Members in which some servers nest the error object."""
NOTHING = Members({}, frozenset(), False, None)


def members(spec: Spec, schema: Any) -> Members:
    """The members of a schema: of allOf those of all parts; of oneOf and anyOf those that any part names, required if all require them.
    Each schema is read once: to read it again for each answer took two thirds of the time of translating a page of items."""
    key = Itself(schema)
    known: Members | None = spec.members.get(key)
    if known is None:
        known = spec.members[key] = _members(spec, schema, 0)
    return known


def _members(spec: Spec, schema: Any, depth: int) -> Members:
    schema = followed(spec, schema)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return NOTHING
    named: dict[str, Any] = dict(schema.get("properties", {}))
    required = frozenset(schema.get("required", ()))
    closed = schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
    items = schema.get("items")
    for part in schema.get("allOf", ()):
        found = _members(spec, part, depth + 1)
        named = {**found.named, **named}
        required |= found.required
        closed, items = closed or found.closed, items or found.items
    for key in ("oneOf", "anyOf"):
        parts = [_members(spec, part, depth + 1) for part in schema.get(key, ()) if not _is_null(spec, part)]
        if parts:
            for part in parts:
                named = {**part.named, **named}
                items = items or part.items
            required |= frozenset.intersection(*(part.required for part in parts))
            closed = closed or all(part.closed for part in parts)
    return Members(named, required, closed, items)


def names_of_error(spec: Spec, schema: Any) -> set[str]:
    """The names of an error's members, and of the members of the object around it."""
    described = members(spec, schema)
    inside = [members(spec, described.named[name]) for name in ERROR_WRAPPERS if name in described.named]
    return {name for part in (described, *inside) for name in (*part.named, *members(spec, part.items).named)}


def followed(spec: Spec, schema: Any) -> Any:
    """The schema that a chain of references leads to."""
    for _ in range(DEEPEST):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            break
        schema = target(spec.document, schema["$ref"])
    return schema


def kind(spec: Spec, schema: Any) -> str:
    """The JSON type of a schema, null aside; empty if it has several."""
    schema = followed(spec, schema)
    if not isinstance(schema, Mapping):
        return ""
    parts = [part for part in schema.get("anyOf", schema.get("oneOf", ())) if not _is_null(spec, part)]
    if len(parts) == 1:
        return kind(spec, parts[0])
    types = schema.get("type", "")
    types = [one for one in types if one != "null"] if isinstance(types, list) else [types]
    return types[0] if len(types) == 1 else ""


def _is_null(spec: Spec, schema: Any) -> bool:
    schema = followed(spec, schema)
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def only(media_types: Mapping[str, Any]) -> Any:
    return next(iter(media_types.values()), {})


def all_readings(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [list(value), ",".join(map(str, value))]
    return readings(value)


def inverse(table: Mapping[Name, Any]) -> dict[Any, Name]:
    """The table from our names to the target's; the first of several with the same meaning wins."""
    return {ours: theirs for theirs, ours in reversed(list(table.items()))}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The value with its members renamed at all depths, except inside FREE members."""
    if not names:
        return value
    if isinstance(value, Mapping):
        return {
            names.get(name, name): member if name in FREE else renamed(member, names)
            for name, member in value.items()
        }
    return [renamed(member, names) for member in value] if isinstance(value, list) else value
