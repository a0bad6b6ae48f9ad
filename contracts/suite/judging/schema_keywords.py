"""The keywords of a request schema that a value exercises, each on its valid or its invalid side.

`cells_of` lists all cells of a schema, `visits` those that one value reaches. Both name a cell by its path in the schema
(`/title maxLength invalid`, `/operations[]/version minimum valid`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contracts.schema import compile_schema
from contracts.spec import Spec
from contracts.spec.source.references import dereferenced

Schema = Mapping[str, Any]

# Keywords that restrict a value; the others describe or combine.
JUDGING = (
    "type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
    "dependentRequired", "propertyNames", "additionalProperties",
)  # fmt: skip

NEVER_BROKEN = frozenset({"required", "dependentRequired", "minLength", "minItems", "minProperties"})
"""Keywords that restrict nothing where they are empty or 0."""


def cells_of(spec: Spec, schema: Schema) -> list[str]:
    """The cells of a schema, in its order: both sides of every keyword, or only one if no value can break it."""
    found: dict[str, None] = {}
    for where, node in _nodes(spec, schema, "", frozenset()):
        for keyword in JUDGING:
            if keyword in node and not _idle(keyword, node):
                for side in ("valid", "invalid"):
                    if not (side == "invalid" and _shadowed(keyword, node)):
                        found[f"{where or '/'} {keyword} {side}"] = None
    return list(found)


def visits(spec: Spec, schema: Schema, value: Any) -> Iterator[str]:
    """The cells that this value reaches."""
    yield from _visit(spec, schema, value, "")


def _idle(keyword: str, node: Schema) -> bool:
    # `additionalProperties: {schema}` is a place of its own; only `false` restricts names.
    return keyword == "additionalProperties" and node[keyword] is not False


def _shadowed(keyword: str, node: Schema) -> bool:
    """Whether nothing is on the invalid side: that of `type` cannot be distinguished from that of `enum` or `const`, and generators write
    `required: []` and `minLength: 0`."""
    nothing = keyword in NEVER_BROKEN and node[keyword] in (0, [], {})
    return nothing or (keyword == "type" and ("enum" in node or "const" in node))


def alternatives(spec: Spec, schema: Schema) -> tuple[str, list[tuple[str, Schema]]]:
    """The member that tells the alternatives of a `oneOf` apart, and (its value, schema) of each. Without such a member there are no
    alternatives: none could be called the right one."""
    resolved = [
        dereferenced(spec.document, branch) for branch in schema["oneOf"] if isinstance(branch, Mapping)
    ]
    parts = [branch.get("properties", {}) for branch in resolved]
    for member in parts[0] if len(parts) == len(schema["oneOf"]) else ():
        values = [_only_value(part.get(member)) for part in parts]
        if None not in values:
            return member, list(zip(map(str, values), resolved, strict=True))
    return "", []


def _branches(spec: Spec, schema: Schema) -> tuple[str, list[tuple[str, Schema]]]:
    """The alternatives without a restriction of the member that tells them apart, because a wrong value selects none of them."""
    member, found = alternatives(spec, schema)
    return member, [
        (name, {**branch, "properties": {**branch["properties"], member: True}}) for name, branch in found
    ]


def _only_value(schema: Any) -> str | None:
    """The one text that a schema allows; None if it allows several."""
    if not isinstance(schema, Mapping):
        return None
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def _nodes(spec: Spec, schema: Schema, where: str, around: frozenset[bytes]) -> Iterator[tuple[str, Schema]]:
    """(path, schema) of each place. A schema that stands inside of itself (a comment with replies) is one place, as `around` has it."""
    if not isinstance(schema, Mapping):
        return
    schema = dereferenced(spec.document, schema)
    content = msgspec.json.encode(schema)
    if content in around:
        return
    around |= {content}
    if "oneOf" in schema:
        for name, branch in _branches(spec, schema)[1]:
            yield from _nodes(spec, branch, f"{where}<{name}>", around)
        return
    yield where, schema
    for name, part in schema.get("properties", {}).items():
        yield from _nodes(spec, part, f"{where}/{name}", around)
    for key, step in (("items", "[]"), ("additionalProperties", "/*")):
        yield from _nodes(spec, schema.get(key, False), f"{where}{step}", around)


def _visit(spec: Spec, schema: Schema, value: Any, where: str) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    schema = dereferenced(spec.document, schema)
    if "oneOf" in schema:
        member, branches = _branches(spec, schema)
        for name, branch in branches:
            if not isinstance(value, dict) or value.get(member) == name:
                yield from _visit(spec, branch, value, f"{where}<{name}>")
        return
    for keyword in JUDGING:
        if keyword in schema and not _idle(keyword, schema) and _applies(keyword, value):
            side = "valid" if _holds(spec, schema, keyword, value) else "invalid"
            yield f"{where or '/'} {keyword} {side}"
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from _visit(spec, part, value[name], f"{where}/{name}")
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            for name, part_value in value.items():
                if name not in schema.get("properties", {}):
                    yield from _visit(spec, extra, part_value, f"{where}/*")
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for element in value[:50]:
            yield from _visit(spec, schema["items"], element, f"{where}[]")


APPLIES: Mapping[str, type | tuple[type, ...]] = {
    "minLength": str, "maxLength": str, "pattern": str, "format": str,
    "minimum": (int, float), "maximum": (int, float),
    "minItems": list, "maxItems": list, "uniqueItems": list,
    "minProperties": dict, "maxProperties": dict, "required": dict, "dependentRequired": dict,
    "propertyNames": dict, "additionalProperties": dict,
}  # fmt: skip


def _applies(keyword: str, value: Any) -> bool:
    kinds = APPLIES.get(keyword)
    if kinds is None:
        return True
    return isinstance(value, kinds) and not (isinstance(value, bool) and keyword in ("minimum", "maximum"))


def _holds(spec: Spec, schema: Schema, keyword: str, value: Any) -> bool:
    """Whether the value is valid for this one keyword of the schema."""
    part = {keyword: schema[keyword]}
    if keyword == "additionalProperties":
        part["properties"] = dict.fromkeys(schema.get("properties", {}), True)
    return bool(compile_schema(spec, part).is_valid(value))
