"""Checks that a document has the form that the comparison walks, wherever references lead and whatever nobody else reads.

`$ref: '#name'` is written as the pointer of that anchor, a path item beside a `$ref` as one with it, and a discriminator's mapping
with the names that it implies. What has another form is a SpecError with its pointer: a null
where an object belongs, a reference to nothing or to another kind of object, a type that is none.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from contracts.spec import METHODS as OLDER_METHODS
from contracts.spec import SpecError
from reports.compat.pointers import NAMED_BY_PEOPLE, escaped, followed, mapped, steps
from reports.compat.schema.schema_shape import CHOICES

METHODS = (*OLDER_METHODS, "query")  # OpenAPI 3.2
TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})

# What an object holds, by key: `x` is one x, `[x]` a list, `{x}` a mapping. Keys that are not here hold no schema.
_MEDIA = {"schema": "schema", "itemSchema": "schema", "encoding": "{encoding}"}
_CONTENT = {"content": "{media type}", "schema": "schema"}
_LISTED = {"schemas": "schema", "responses": "response", "parameters": "parameter", "requestBodies": "request body",
           "headers": "header", "securitySchemes": "security scheme", "pathItems": "path item", "callbacks": "callback"}  # fmt: skip
_ITEM = {
    **dict.fromkeys(METHODS, "operation"),
    "additionalOperations": "{operation}",
    "parameters": "[parameter]",
    "servers": "[server]",
}
_SCHEMA = {
    **dict.fromkeys(("not", "contains", "if", "then", "else", "propertyNames", "items", "contentSchema"), "schema"),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "unevaluatedItems"), "schema"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), "{schema}"),
    **dict.fromkeys(("$defs", "definitions"), "{schema}"),
    "discriminator": "discriminator", "dependentRequired": "{names}",
}  # fmt: skip
HOLDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "document": {"paths": "{path item}", "webhooks": "{path item}", "components": "components",
                     "servers": "[server]", "security": "[requirement]"},
        "components": {key: f"{{{kind}}}" for key, kind in _LISTED.items()},
        "path item": _ITEM,
        "callback": {"*": "path item"},
        "operation": {"parameters": "[parameter]", "requestBody": "request body", "responses": "{response}",
                      "callbacks": "{callback}", "security": "[requirement]", "servers": "[server]"},
        "parameter": _CONTENT,
        "header": _CONTENT,
        "request body": _CONTENT,
        "response": {"headers": "{header}", "content": "{media type}"},
        "media type": _MEDIA,
        "encoding": {"headers": "{header}"},
        "schema": _SCHEMA,
        "discriminator": {"mapping": "{text}"},
        "security scheme": {"flows": "{flow}"},
        "flow": {"scopes": "{anything}"},
        "requirement": {"*": "names"},
        "server": {"variables": "{server variable}"},
        "server variable": {"enum": "[anything]"},
    }
)  # fmt: skip
REFERS = HOLDS.keys() - {"document"}
NEEDED = {"parameter": ("name", "in"), "server": ("url",), "security scheme": ("type",)}


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in TYPES for name in names)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_size(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


FORMS = MappingProxyType(
    {
        "type": (_is_type, f"one of {', '.join(sorted(TYPES))}, as text, or a list of them"),
        "required": (_is_names, "a list of names"),
        "enum": (lambda value: isinstance(value, list), "a list"),
        "pattern": (lambda value: isinstance(value, str), "text"),
        "format": (lambda value: isinstance(value, str), "text"),
        "multipleOf": (lambda value: _is_number(value) and 0 < value < float("inf"), "a number above 0"),
        **dict.fromkeys(
            ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_is_number, "a number")
        ),
        **dict.fromkeys(
            [
                *(
                    f"{end}{what}"
                    for end in ("min", "max")
                    for what in ("Length", "Items", "Properties", "Contains")
                )
            ],
            (_is_size, "a whole number, 0 or more"),
        ),
    }
)


def check(document: dict[str, Any], name: str) -> None:
    """SpecError with the pointer of what is wrong; references by anchor become pointers."""
    if not isinstance(document.get("paths", document.get("webhooks", document.get("components"))), dict):
        raise SpecError(f"{name} is not an OpenAPI document that can be read: /paths must be an object")
    DocumentCheck(document, name).all()


class DocumentCheck:
    """Walks the document by what its objects hold; each object is looked at once."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self._document = document
        self._name = name
        self._anchors: dict[str, str] = {}

    def all(self) -> None:
        found = list(self._walk())
        for value, kind, pointer in found:
            if kind == "schema" and isinstance(value, dict):
                for word in ("$anchor", "$dynamicAnchor", "$id"):
                    if isinstance(value.get(word), str):
                        self._anchors[value[word] if word == "$id" else f"#{value[word]}"] = f"#{pointer}"
        for value, kind, pointer in found:
            self._reference(value, kind, pointer)
            if kind == "schema" and isinstance(value, dict):
                self._schema(value, pointer)
        heirs = self._heirs()
        for value, kind, pointer in found:
            if kind == "schema" and isinstance(value, dict) and "discriminator" in value:
                self._write_mapping(value, heirs.get(pointer, []))

    def _heirs(self) -> dict[str, list[str]]:
        """Pointer of a schema -> references of the components that are one of it by `allOf` (OAS 3.1, 4.8.25)."""
        found: dict[str, list[str]] = {}
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            left, passed = [schema] if isinstance(schema, dict) else [], set[str]()
            while left:
                for each in (held for held in left.pop().get("allOf", ()) if isinstance(held, dict)):
                    base = unquote(each.get("$ref", "")).removeprefix("#")
                    if base and base not in passed:
                        passed.add(base)
                        found.setdefault(base, []).append(f"#/components/schemas/{escaped(name)}")
                        each = followed(self._document, each["$ref"])
                    left += [each] if isinstance(each, dict) else []
        return found

    def _write_mapping(self, schema: dict[str, Any], heirs: list[str]) -> None:
        said = schema["discriminator"].get("mapping") or {}
        told = {mapped(self._document, target) for target in said.values()}
        listed = [
            each["$ref"]
            for keyword in CHOICES
            for each in schema.get(keyword, ())
            if isinstance(each, dict) and "$ref" in each
        ]
        implied = {steps(target)[-1]: target for target in listed or heirs if target not in told}
        schema["discriminator"]["mapping"] = implied | said
        other = schema["discriminator"].get("defaultMapping")  # OpenAPI 3.2
        if isinstance(other, str):
            schema["discriminator"]["mapping"]["any other value"] = other

    def _walk(self) -> Iterator[tuple[Any, str, str]]:
        left: list[tuple[Any, str, str]] = [(self._document, "document", "")]
        seen: set[tuple[int, str]] = set()
        while left:
            value, kind, pointer = left.pop()
            if isinstance(value, dict | list):
                if (id(value), kind) in seen:
                    continue
                seen.add((id(value), kind))
            yield value, kind, pointer
            left += self._under(value, kind, pointer)

    def _under(self, value: Any, kind: str, pointer: str) -> list[tuple[Any, str, str]]:
        if kind == "anything" or (kind == "schema" and isinstance(value, bool)):
            return []
        if kind == "names":
            return [] if _is_names(value) else self._fail(pointer, value, "a list of names")
        if kind == "text":
            return [] if isinstance(value, str) else self._fail(pointer, value, "text")
        if kind.startswith("["):
            if not isinstance(value, list):
                return self._fail(pointer, value, "a list")
            return [(each, kind[1:-1], f"{pointer}/{index}") for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return self._fail(
                pointer, value, "an object" if kind != "schema" else "a schema (an object, true or false)"
            )
        if kind.startswith("{"):
            named = pointer.endswith(
                (
                    "/properties",
                    "/patternProperties",
                    "/dependentSchemas",
                    *(f"/{key}" for key in NAMED_BY_PEOPLE),
                )
            )
            return [
                (each, kind[1:-1], f"{pointer}/{escaped(key)}")
                for key, each in value.items()
                if named or not key.startswith("x-") or kind == "{text}"
            ]
        if kind == "path item":
            self._join(value)
        if "$ref" in value and kind != "schema":
            return self._target(value["$ref"], kind)
        for key in NEEDED.get(kind, ()):
            if not isinstance(value.get(key), str):
                self._fail(f"{pointer}/{key}", value.get(key), "text")
        holds = HOLDS[kind]
        return (self._target(value["$ref"], kind) if "$ref" in value and kind == "schema" else []) + [
            (each, holds.get(key, holds.get("*", "")), f"{pointer}/{escaped(key)}")
            for key, each in value.items()
            if key in holds or ("*" in holds and not key.startswith("x-"))
        ]

    def _join(self, item: dict[str, Any]) -> None:
        """What stands beside the `$ref` of a path item belongs to it; of any other object it is ignored."""
        while isinstance(item.get("$ref"), str) and item.keys() & _ITEM.keys():
            target = item.pop("$ref")
            try:
                held = followed(self._document, target)
            except (LookupError, ValueError):
                held = None
            if not isinstance(held, dict) or held is item:
                item["$ref"] = target
                return
            own = dict(item)
            item |= held | own
            if isinstance(held.get("parameters"), list) and isinstance(own.get("parameters"), list):
                item["parameters"] = [*own["parameters"], *held["parameters"]]

    def _target(self, target: Any, kind: str) -> list[tuple[Any, str, str]]:
        """What is referred to must be of the kind that is wanted here, wherever it stands."""
        if not isinstance(target, str) or not target.startswith("#/"):
            return []
        try:
            return [(followed(self._document, target), kind, unquote(target).removeprefix("#"))]
        except (LookupError, ValueError):
            return []

    def _fail(self, pointer: str, value: Any, wanted: str) -> list[Any]:
        is_here = (
            "null"
            if value is None
            else f"{str(value)[:40]!r}"
            if isinstance(value, str)
            else type(value).__name__
        )
        kind = {
            "dict": "an object",
            "list": "a list",
            "bool": "true or false",
            "int": "a number",
            "float": "a number",
        }
        raise SpecError(
            f"{self._name}: {pointer or '/'}: must be {wanted}, and is {kind.get(is_here, is_here)}"
        )

    def _reference(self, value: Any, kind: str, pointer: str) -> None:
        if not isinstance(value, dict) or "$ref" not in value or kind not in REFERS:
            return
        target = value["$ref"]
        if isinstance(target, str):
            target = value["$ref"] = self._anchors.get(target, target)
        if not isinstance(target, str) or (target != "#" and not target.startswith("#/")):
            shown = target if isinstance(target, str) else type(target).__name__
            raise SpecError(
                f"{self._name}: {pointer}/$ref: {shown!r} is not within this document; bundle it first"
            )
        try:
            held = followed(self._document, target)
        except (LookupError, ValueError):
            raise SpecError(f"{self._name}: {pointer}/$ref: {target} refers to nothing") from None
        if not isinstance(held, dict) and not (kind == "schema" and isinstance(held, bool)):
            self._fail(f"{pointer}/$ref", held, f"a reference to a {kind}")

    def _schema(self, value: dict[str, Any], pointer: str) -> None:
        for word, (right, wanted) in FORMS.items():
            if word in value and not right(value[word]):
                self._fail(f"{pointer}/{word}", value[word], wanted)
