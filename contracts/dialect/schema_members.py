"""The members that a schema gives to objects, through references and compositions (allOf, oneOf, anyOf).

That is all that a comparison of two documents needs of JSON Schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from contracts.schema import compile_schema, readings
from contracts.spec import Operation, Spec
from contracts.spec.source.references import followed

Name = TypeVar("Name")
EMPTY: tuple[Any, ...] = (None, [], {}, "", 0, False)
"""The values that a member may have by being absent or null: what Go's `omitempty`, a nil slice and protobuf's JSON leave out."""
DEEPEST = 12
"""The deepest nesting of compositions that is followed."""


@dataclass(frozen=True)
class Members:
    """The members that a schema names. `closed` says that no other members are allowed; `items` is the schema of the elements of a
    list, or None; `listed` says that the schema lists its values."""

    spec: Spec | None = None
    named: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    closed: bool = False
    items: Any = None
    listed: bool = False

    @cached_property
    def elements(self) -> "Members":
        """The members of the elements of a list."""
        return NOTHING if self.spec is None else members(self.spec, self.items)

    @cached_property
    def _inside(self) -> "dict[str, Members]":
        return {}

    def of(self, name: str) -> "Members":
        """The members of a member, read once: to read them again for each answer took two thirds of the time of translating a page."""
        found = self._inside.get(name)
        if found is None:
            known = self.spec is not None and name in self.named
            found = members(self.spec, self.named[name]) if self.spec and known else NOTHING
            self._inside[name] = found
        return found

    def allows(self, name: str, value: Any) -> bool:
        """Whether the schema of a member allows a value."""
        return self.spec is not None and compile_schema(self.spec, self.named[name]).is_valid(value)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The JSON type of each member, null aside; empty if it has several."""
        return {name: kind(self.spec, schema) for name, schema in self.named.items()} if self.spec else {}

    @cached_property
    def only_list(self) -> str:
        """The only member that is a list; empty if there are none or several."""
        lists = [name for name in self.named if self.kinds.get(name) == "array"]
        return lists[0] if len(lists) == 1 else ""

    @cached_property
    def formats(self) -> dict[str, str]:
        """The format of each member, or of one of its alternatives; empty if it has none."""
        return {name: _format(self.spec, schema) for name, schema in self.named.items()} if self.spec else {}

    @cached_property
    def sets(self) -> frozenset[str]:
        """The members that are lists whose order has no meaning: `uniqueItems`, as generators write `Set<String>`, and no word of an order."""
        document = self.spec.document if self.spec else {}
        schemas = {name: followed(document, schema) for name, schema in self.named.items()}
        return frozenset(
            name
            for name, schema in schemas.items()
            if isinstance(schema, Mapping)
            and schema.get("uniqueItems") is True
            and not self.says(name, "order")
        )

    @cached_property
    def _words(self) -> dict[str, list[Any]]:
        return {}

    def says(self, name: str, words: str) -> bool:
        """Whether the description of a member has these words."""
        schema = self.named.get(name)
        known = (schema, followed(self.spec.document, schema) if self.spec else None)
        return any(isinstance(each, Mapping) and words in each.get("description", "") for each in known)

    def words(self, name: str) -> list[Any]:
        """The values that the schema of a member lists for it, or for the elements of its list; of alternatives all."""
        if name not in self._words:
            self._words[name] = _values(self.spec, self.named.get(name), 0) if self.spec else []
        return self._words[name]

    @cached_property
    def _empties(self) -> dict[str, Any]:
        return {}

    def empty(self, name: str) -> Any:
        """The empty value of a member: the first of EMPTY that its schema allows, or `...` for none."""
        if name not in self._empties:
            self._empties[name] = next((value for value in EMPTY if self.allows(name, value)), ...)
        found = self._empties[name]
        return type(found)() if isinstance(found, list | dict) else found


FREE = frozenset({"metadata", "tags"})
"""Members whose content is the client's own: no name in them is the contract's."""
ERROR_WRAPPERS = ("error", "errors", "detail")
"""Members in which some servers nest the error object."""
NOTHING = Members()


def members(spec: Spec, schema: Any, depth: int = 0) -> Members:
    """The members of a schema: of allOf those of all parts; of oneOf and anyOf those that any part names, required if all require
    them."""
    schema = followed(spec.document, schema)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return NOTHING
    named: dict[str, Any] = dict(schema.get("properties", {}))
    required = frozenset(schema.get("required", ()))
    closed = schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
    items = schema.get("items")
    for part in schema.get("allOf", ()):
        found = members(spec, part, depth + 1)
        named = {**found.named, **named}
        required |= found.required
        closed, items = closed or found.closed, items or found.items
    for key in ("oneOf", "anyOf"):
        parts = [members(spec, part, depth + 1) for part in schema.get(key, ()) if not _is_null(spec, part)]
        if parts:
            for part in parts:
                named = {**part.named, **named, **_either(named, part.named)}
                items = items or part.items
            required |= frozenset.intersection(*(part.required for part in parts))
            closed = closed or all(part.closed for part in parts)
    return Members(spec, named, required, closed, items, bool({"enum", "const"} & schema.keys()))


def _either(one: Mapping[str, Any], another: Mapping[str, Any]) -> dict[str, Any]:
    """The members that list other values in another alternative (`type` of a discriminator), with the values of both."""
    return {
        name: {"anyOf": [one[name], schema]}
        for name, schema in another.items()
        if isinstance(schema, Mapping)
        and {"const", "enum"} & schema.keys()
        and one.get(name, schema) != schema
    }


def _values(spec: Spec, schema: Any, depth: int) -> list[Any]:
    schema = followed(spec.document, schema)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return []
    parts = [schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    own = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
    return own + [value for part in parts if part is not None for value in _values(spec, part, depth + 1)]


def request_members(spec: Spec, operation: Operation | None) -> Members:
    """The members of an operation's JSON body; none if it has no body."""
    if operation is None or operation.body is None:
        return NOTHING
    return _kept(spec, (operation.id, 0, ""), only(operation.body.media_types))


def response_members(spec: Spec, operation: Operation | None, status: int, media: str = "") -> Members:
    """The members of an operation's response of this media type (default: the first one); none if the document has no such response."""
    response = operation.response_to(status) if operation else None
    if operation is None or response is None:
        return NOTHING
    types = response.media_types
    return _kept(spec, (operation.id, status, media), types[media] if media else only(types))


def _kept(spec: Spec, key: tuple[str, int, str], schema: Any) -> Members:
    found = spec.members.get(key)
    if found is None:
        found = spec.members[key] = members(spec, schema)
    return found


def _tag_pattern(spec: Spec) -> str:
    """The pattern of an item's entity tag; empty where the document leaves it opaque, such as Express' hash of the body."""
    operation = spec.operations.get("getContentItem")
    headers = operation.success.headers if operation else ()
    schemas = (header.schema for header in headers if header.name.lower() == "etag")
    return next((str(followed(spec.document, schema).get("pattern", "")) for schema in schemas), "")


def has_version_tags(ours: Spec, theirs: Spec) -> bool:
    """Whether the target's entity tags name versions as ours do, by their pattern or by what the target promises."""
    declared = theirs.document.get("x-dialect", {})
    named = declared.get("promises", ()) if isinstance(declared, Mapping) else ()
    return "version tags" in named or _tag_pattern(theirs) == _tag_pattern(ours)


def required_of_error(described: Members) -> set[str]:
    """The names that an error must have, and those of the object around it; all others may be missing from any error."""
    inside = [described.of(name) for name in ERROR_WRAPPERS]
    return {name for part in (described, *inside) for name in (*part.required, *part.elements.required)}


def kind(spec: Spec, schema: Any) -> str:
    """The JSON type of a schema, null aside; empty if it has several."""
    schema = followed(spec.document, schema)
    if not isinstance(schema, Mapping):
        return ""
    parts = [part for part in schema.get("anyOf", schema.get("oneOf", ())) if not _is_null(spec, part)]
    if len(parts) == 1:
        return kind(spec, parts[0])
    types = schema.get("type", "")
    types = [one for one in types if one != "null"] if isinstance(types, list) else [types]
    return types[0] if len(types) == 1 else ""


def _format(spec: Spec, schema: Any) -> str:
    schema = followed(spec.document, schema)
    parts = schema.get("anyOf", [schema]) if isinstance(schema, Mapping) else []
    resolved = (followed(spec.document, part) for part in parts)
    return next((part["format"] for part in resolved if "format" in part), "")


def _is_null(spec: Spec, schema: Any) -> bool:
    schema = followed(spec.document, schema)
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
