"""The check that a document has the form that the comparison walks, including places that only references lead to.

It also normalizes, in place: a `$ref` to an anchor becomes a pointer, a path item with a `$ref` is merged with its target,
and a discriminator's mapping gets the names that it implies. Any other form is a SpecError with its pointer: a null in place
of an object, a reference to nothing or to another kind of object, an unknown type.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from contracts.spec import METHODS as OLDER_METHODS
from contracts.spec import SpecError
from reports.compat.pointers import NAMED_BY_PEOPLE, escape_step, mapping_target, resolve, split_pointer
from reports.compat.schema.schema_shape import CHOICES

METHODS = (*OLDER_METHODS, "query")  # OpenAPI 3.2
TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})

# The kind of each member of an object: `x` is one x, `[x]` a list, `{x}` a mapping. Unlisted keys hold no schema.
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
_MAPS_OF_SCHEMAS = ("properties", "patternProperties", "dependentSchemas")
_SCHEMA = {
    **dict.fromkeys(("not", "contains", "if", "then", "else", "propertyNames", "items", "contentSchema"), "schema"),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "unevaluatedItems"), "schema"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
    **dict.fromkeys((*_MAPS_OF_SCHEMAS, "$defs", "definitions"), "{schema}"),
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
        **{
            f"{end}{unit}": (_is_size, "a whole number, 0 or more")
            for end in ("min", "max")
            for unit in ("Length", "Items", "Properties", "Contains")
        },
    }
)


def check(document: dict[str, Any], name: str) -> None:
    """Check and normalize a document in place. SpecError with the pointer of the first thing that is wrong."""
    if not isinstance(document.get("paths", document.get("webhooks", document.get("components"))), dict):
        raise SpecError(f"{name} is not an OpenAPI document that can be read: /paths must be an object")
    DocumentCheck(document, name).run()


class DocumentCheck:
    """The check of one document. It walks the objects by their kind, and visits each object once."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self._document = document
        self._name = name
        self._anchors: dict[str, str] = {}

    def run(self) -> None:
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
        """Pointer of a schema -> references of the components that extend it by `allOf` (OAS 3.1, 4.8.25)."""
        found: dict[str, list[str]] = {}
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            left, passed = [schema] if isinstance(schema, dict) else [], set[str]()
            while left:
                for each in (held for held in left.pop().get("allOf", ()) if isinstance(held, dict)):
                    base = unquote(each.get("$ref", "")).removeprefix("#")
                    if base and base not in passed:
                        passed.add(base)
                        found.setdefault(base, []).append(f"#/components/schemas/{escape_step(name)}")
                        each = resolve(self._document, each["$ref"])
                    left += [each] if isinstance(each, dict) else []
        return found

    def _write_mapping(self, schema: dict[str, Any], heirs: list[str]) -> None:
        mapping = schema["discriminator"].get("mapping") or {}
        message = {mapping_target(self._document, target) for target in mapping.values()}
        listed = [
            each["$ref"]
            for keyword in CHOICES
            for each in schema.get(keyword, ())
            if isinstance(each, dict) and "$ref" in each
        ]
        implied = {split_pointer(target)[-1]: target for target in listed or heirs if target not in message}
        schema["discriminator"]["mapping"] = implied | mapping
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
            maps = (*_MAPS_OF_SCHEMAS, *NAMED_BY_PEOPLE)
            named = pointer.rpartition("/")[2] in maps
            return [
                (each, kind[1:-1], f"{pointer}/{escape_step(key)}")
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
            (each, holds.get(key, holds.get("*", "")), f"{pointer}/{escape_step(key)}")
            for key, each in value.items()
            if key in holds or ("*" in holds and not key.startswith("x-"))
        ]

    def _join(self, item: dict[str, Any]) -> None:
        """Merge a path item with the target of its `$ref`; the members beside a `$ref` count in path items only."""
        while isinstance(item.get("$ref"), str) and item.keys() & _ITEM.keys():
            target = item.pop("$ref")
            try:
                held = resolve(self._document, target)
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
        """The target of a `$ref`, to be visited as this kind; it may stand where nothing else leads."""
        if not isinstance(target, str) or not target.startswith("#/"):
            return []
        try:
            return [(resolve(self._document, target), kind, unquote(target).removeprefix("#"))]
        except (LookupError, ValueError):
            return []

    def _fail(self, pointer: str, value: Any, wanted: str) -> list[Any]:
        kinds = {"dict": "an object", "list": "a list", "bool": "true or false", "int": "a number",
                 "float": "a number", "NoneType": "null"}  # fmt: skip
        actual = f"{value[:40]!r}" if isinstance(value, str) else type(value).__name__
        raise SpecError(
            f"{self._name}: {pointer or '/'}: must be {wanted}, and is {kinds.get(actual, actual)}"
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
            held = resolve(self._document, target)
        except (LookupError, ValueError):
            raise SpecError(f"{self._name}: {pointer}/$ref: {target} refers to nothing") from None
        if not isinstance(held, dict) and not (kind == "schema" and isinstance(held, bool)):
            self._fail(f"{pointer}/$ref", held, f"a reference to a {kind}")

    def _schema(self, value: dict[str, Any], pointer: str) -> None:
        for word, (right, wanted) in FORMS.items():
            if word in value and not right(value[word]):
                self._fail(f"{pointer}/{word}", value[word], wanted)
