"""The objects that an OpenAPI document consists of, as tables, and the walk over them that all code for raw documents uses.

The walk distinguishes keywords from the author's own names (a property called `x-trace` is not an extension key). It follows no
references, and refuses values of a wrong JSON type, with their place.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from contracts.spec.source.spec_error import SpecError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Kind of object -> keyword -> type of its value: a kind, [kind] (a list), {kind} (a map with names of the author's own), text, flag, any.
_COMMON = {"summary": "text", "description": "text", "externalDocs": "any"}
_MEDIA = {"schema": "schema", "example": "any", "examples": "{example}", "encoding": "any"}
KINDS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "openapi": "label", "info": "info", "servers": "[server]", "paths": "paths", "webhooks": "any",
        "components": "components", "security": "[requirement]", "tags": "[tag]", "externalDocs": "any",
    },
    "info": {**_COMMON, "title": "label", "version": "label", "license": "any", "contact": "any"},
    "server": {**_COMMON, "url": "text", "variables": "{variable}"},
    "variable": {**_COMMON, "default": "label", "enum": "any"},
    "tag": {**_COMMON, "name": "text"},
    "requirement": {},
    "paths": {},
    "path": {
        **_COMMON, "servers": "[server]", "parameters": "[parameter]", **dict.fromkeys(METHODS, "operation"),
    },
    "operation": {
        **_COMMON, "operationId": "text", "tags": "[text]", "parameters": "[parameter]", "requestBody": "body",
        "responses": "responses", "callbacks": "any", "deprecated": "flag", "security": "[requirement]",
        "servers": "[server]",
    },
    "parameter": {
        **_COMMON, **_MEDIA, "name": "text", "in": "text", "required": "flag", "deprecated": "flag", "style": "text",
        "explode": "flag", "content": "{media}",
    },
    "header": {**_COMMON, **_MEDIA, "required": "flag", "style": "text", "explode": "flag", "content": "{media}"},
    "body": {**_COMMON, "required": "flag", "content": "{media}"},
    "media": _MEDIA,
    "responses": {},
    "response": {**_COMMON, "headers": "{header}", "content": "{media}", "links": "{link}"},
    "link": {
        **_COMMON, "operationId": "text", "operationRef": "text", "parameters": "any", "requestBody": "any", "server": "server",
    },
    "example": {**_COMMON, "value": "any", "externalValue": "text"},
    "scheme": {**_COMMON, "type": "text", "name": "text", "in": "text", "scheme": "text", "flows": "any"},
    "components": {
        "schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}", "examples": "{example}",
        "requestBodies": "{body}", "headers": "{header}", "securitySchemes": "{scheme}", "links": "{link}",
        "callbacks": "any", "pathItems": "{path}",
    },
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), "{schema}"),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(
            (
                "items", "not", "if", "then", "else", "contains", "additionalProperties", "unevaluatedItems",
                "unevaluatedProperties", "propertyNames", "contentSchema",
            ),
            "schema",
        ),
        **dict.fromkeys(("example", "examples", "default", "enum", "const"), "any"),
    },
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "document": ("paths",),
    "parameter": ("name", "in"),
    "server": ("url",),
}
REFERABLE = frozenset(
    {"path", "parameter", "header", "body", "response", "link", "example", "scheme", "schema"}
)
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_STATUS = re.compile(r"[1-5](\d\d|[xX][xX])|default")
_IS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text"),
    "label": ((str, int, float), "a text"),
    "flag": ((bool,), "true or false"),
}


class Place(NamedTuple):
    """One object of the document, at `holder[key]`."""

    kind: str
    node: dict[str, Any]
    pointer: str
    holder: Any
    key: str | int


def token(key: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def walk(document: dict[str, Any], name: str) -> Iterator[Place]:
    """All objects of a document, each before those inside of it. If the caller replaces one in its holder, the replacement is walked."""
    yield from _object("document", {"": document}, "", "", name)


def _fail(name: str, pointer: str, what: str) -> SpecError:
    return SpecError(f"{name}: {pointer or '/'}: {what}")


def _object(kind: str, holder: Any, key: str | int, pointer: str, name: str) -> Iterator[Place]:
    node = holder[key]
    if kind == "schema" and isinstance(node, bool):
        return
    if not isinstance(node, dict):
        raise _fail(name, pointer, f"{_called(node)} stands where an object ({kind}) is expected")
    yield Place(kind, node, pointer, holder, key)
    node = holder[key]
    if not isinstance(node, dict):
        return
    if "$ref" in node and kind in REFERABLE:
        if not isinstance(node["$ref"], str):
            raise _fail(name, f"{pointer}/$ref", "a reference is a text")
        if kind != "schema":
            return
    if kind == "paths":
        yield from _named(node, "path", pointer, name, lambda key: key.startswith("/"))
    elif kind == "responses":
        yield from _named(node, "response", pointer, name, _STATUS.fullmatch)
    else:
        for required in REQUIRED.get(kind, ()):
            if required not in node:
                raise _fail(name, pointer, f"this {kind} has no {required}")
        yield from _keywords(kind, node, pointer, name)


def _named(node: dict[str, Any], kind: str, pointer: str, name: str, known: Any) -> Iterator[Place]:
    for key in tuple(node):
        if known(key):
            yield from _object(kind, node, key, f"{pointer}/{token(key)}", name)
        elif not key.startswith("x-"):
            raise _fail(name, f"{pointer}/{token(key)}", f"this is no key for a {kind}")


def _keywords(kind: str, node: dict[str, Any], pointer: str, name: str) -> Iterator[Place]:
    for key, expected in KINDS[kind].items():
        if key not in node or expected == "any":
            continue
        value, below = node[key], f"{pointer}/{token(key)}"
        if expected in _IS:
            types, called = _IS[expected]
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                raise _fail(name, below, f"{_called(value)} stands where {called} is expected")
        elif expected[0] == "{":
            if not isinstance(value, dict):
                raise _fail(name, below, f"{_called(value)} stands where an object is expected")
            for each in tuple(value):
                yield from _object(expected[1:-1], value, each, f"{below}/{token(each)}", name)
        elif expected[0] == "[":
            if not isinstance(value, list):
                raise _fail(name, below, f"{_called(value)} stands where a list is expected")
            inner = expected[1:-1]
            for index, part in enumerate(value):
                if inner == "text":
                    if not isinstance(part, str):
                        raise _fail(
                            name, f"{below}/{index}", f"{_called(part)} stands where a text is expected"
                        )
                else:
                    yield from _object(inner, value, index, f"{below}/{index}", name)
        else:
            yield from _object(expected, node, key, below, name)


def _called(value: Any) -> str:
    if value is None:
        return "null (nothing behind the colon)"
    return {dict: "an object", list: "a list", str: "a text", bool: "a flag"}.get(type(value), "a number")


def check_schemas(document: dict[str, Any], name: str) -> None:
    """Raise SpecError for the first schema that is not valid JSON Schema 2020-12."""
    inside = ""
    for place in walk(document, name):
        if place.kind != "schema":
            continue
        _check_type(place, name)
        if inside and place.pointer.startswith(inside):
            continue  # was checked with the schema around it
        inside = f"{place.pointer}/"
        error = next(iter(_META.iter_errors(place.node)), None)
        if error is not None:
            where = "".join(f"/{token(str(part))}" for part in error.instance_path)
            raise _fail(name, place.pointer + where, f"not a JSON Schema: {error.message}")


_META = jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def _check_type(place: Place, name: str) -> None:
    types = place.node.get("type", "string")
    for one in types if isinstance(types, list) else [types]:
        if one is None:
            raise _fail(name, f"{place.pointer}/type", "null is written in quotes here: 'null'")
        if one not in TYPES:
            raise _fail(name, f"{place.pointer}/type", f"{one!r} is none of {', '.join(TYPES)}")
