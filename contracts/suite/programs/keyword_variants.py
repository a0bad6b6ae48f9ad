"""Variants of a valid body: for every keyword of the request schema, bodies that violate only it, and bodies at its bound that are valid.

They are systematic, while the fuzz sweep is random; so every keyword is covered.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contracts.schema import compile_schema, pointer
from contracts.spec import Spec
from contracts.spec.source.references import dereferenced
from contracts.suite.judging.schema_keywords import alternatives

Path = tuple[str | int, ...]

WRONG_TYPE: Mapping[str, Any] = {
    "string": 1, "integer": "1", "number": "1", "boolean": "true", "array": {}, "object": [], "null": 1,
}  # fmt: skip


SIZES = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
LARGEST = 1_000_000
"""No text or list of more than so many characters or elements is made."""


class Variant(NamedTuple):
    """A body, the place and keyword that it varies, and whether the document allows it."""

    where: str
    keyword: str
    valid: bool
    body: Any


def variants(spec: Spec, schema: Mapping[str, Any], base: Any) -> Iterator[Variant]:
    """All variants of `base`, which must be complete: every member is present, and every list has an element."""
    for path, node in _nodes(spec, schema, base, ()):
        value = _at(base, path)
        for keyword in node:
            for valid, changed in _changed(spec, node, keyword, value):
                yield Variant(pointer([*path]), keyword, valid, _with(base, path, changed))


def _nodes(spec: Spec, schema: Any, value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if not isinstance(schema, Mapping):
        return
    schema = dereferenced(spec.document, schema)
    member, choices = alternatives(spec, schema) if "oneOf" in schema else ("", [])
    for name, branch in choices:
        if isinstance(value, dict) and value.get(member) == name:
            yield from _nodes(spec, branch, value, path)
    for part in schema.get("allOf", ()):
        yield from _nodes(spec, part, value, path)
    # Of a choice that no member decides, whatever fits the whole value is meant.
    open_choices = (*schema.get("anyOf", ()), *(() if choices else schema.get("oneOf", ())))
    for part in open_choices:
        if compile_schema(spec, part).is_valid(value):
            yield from _nodes(spec, part, value, path)
    if "oneOf" in schema:
        return
    yield path, schema
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from _nodes(spec, part, value[name], (*path, name))
        for name in value:
            if name not in schema.get("properties", {}):
                yield from _nodes(spec, schema.get("additionalProperties"), value[name], (*path, name))
    elif isinstance(value, list):
        for index, element in enumerate(value[:3]):
            yield from _nodes(spec, schema.get("items"), element, (*path, index))


def _changed(spec: Spec, node: Mapping[str, Any], keyword: str, value: Any) -> Iterator[tuple[bool, Any]]:
    """(valid, new value) for one keyword at one place."""
    bound = node[keyword]
    if keyword in SIZES and bound > LARGEST:
        return
    if keyword == "type":
        kinds = [bound] if isinstance(bound, str) else bound
        yield False, WRONG_TYPE[kinds[0]]
        if "null" not in kinds:
            yield False, None
    elif keyword in ("enum", "const"):
        yield False, "zzz"
        if len(node.get("enum", ())) > 1:
            yield from ((True, choice) for choice in bound)
    elif keyword == "minLength":
        yield False, "x" * (bound - 1)
        if "format" not in node:
            yield True, "x" * bound
    elif keyword == "maxLength":
        yield False, f"{'x' * (bound + 1)}" if "format" not in node else f"{'x' * bound}@b.example"
        if "format" not in node:
            yield True, "x" * bound
    elif keyword == "pattern":
        yield False, "a\u0000b" if "u0000" in bound else "a b"
    elif keyword == "format":
        yield False, "nobody"
    elif keyword == "minimum":
        yield from ((False, bound - 1), (True, bound))
    elif keyword == "maximum":
        yield from ((False, bound + 1), (True, bound))
    elif keyword in ("minItems", "maxItems", "uniqueItems"):
        if isinstance(value, list) and value:
            yield from _lists(spec, node, keyword, value)
    elif isinstance(value, dict):
        yield from _objects(node, keyword, value)


def _lists(spec: Spec, node: Mapping[str, Any], keyword: str, value: list[Any]) -> Iterator[tuple[bool, Any]]:
    if keyword == "uniqueItems":
        yield False, [value[0], value[0]]
    elif keyword == "minItems":
        yield False, value[: node[keyword] - 1]
    else:
        item = dereferenced(spec.document, node.get("items", {}))
        texts = item.get("type") == "string" and "enum" not in item

        def many(count: int) -> list[Any]:
            return [f"t{n}" for n in range(count)] if texts else [value[n % len(value)] for n in range(count)]

        yield False, many(node[keyword] + 1)
        if texts:
            yield True, many(node[keyword])


def _objects(node: Mapping[str, Any], keyword: str, value: Any) -> Iterator[tuple[bool, Any]]:
    if keyword == "required":
        for name in node[keyword]:
            yield False, {key: part for key, part in value.items() if key != name}
    elif keyword == "dependentRequired":
        for names in node[keyword].values():
            yield False, {key: part for key, part in value.items() if key not in names}
    elif keyword == "minProperties":
        kept = node.get("required", ())
        yield False, {key: part for key, part in value.items() if key in kept}
    elif keyword == "maxProperties":
        yield False, {f"k{n}": "v" for n in range(node[keyword] + 1)}
        yield True, {f"k{n}": "v" for n in range(node[keyword])}
    elif keyword == "propertyNames":
        for name in ("", "x" * 51, "a\u0000"):
            yield False, {name: "v"}
        yield True, {"x" * 50: "v"}
    elif keyword == "additionalProperties" and node[keyword] is False:
        yield False, {**value, "zzz": 1}


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _with(base: Any, path: Path, changed: Any) -> Any:
    if not path:
        return changed
    made = copy.deepcopy(base)
    _at(made, path[:-1])[path[-1]] = changed
    return made
