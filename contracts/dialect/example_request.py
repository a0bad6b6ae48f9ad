"""Example values and example requests, made from the examples and schemas of a document.

An operation that no law covers can be called only so. Of the parameters the request has those that the document requires; its body has all
members.
"""

from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from contracts.dialect.schema_members import members
from contracts.spec import Operation, Spec
from contracts.spec.media_types import JSON
from contracts.spec.parameter_values import text_of, written
from contracts.spec.pattern_text import pattern_text
from contracts.spec.source.references import dereferenced, followed

DEEPEST, MOST_VALUES = 8, 1000
EMPTY: Mapping[str, Any] = MappingProxyType({"boolean": False, "object": {}, "null": None})
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "date": "2026-01-01",
        "date-time": "2026-01-01T00:00:00Z",
        "email": "someone@example.com",
        "uri": "https://example.com/",
        "uuid": "00000000-0000-4000-8000-000000000000",
    }
)
BOUNDARY = "tchat-example"
FORM = "application/x-www-form-urlencoded"
ITEM = "/content/items/{id}"


class ExampleRequest(NamedTuple):
    """The parts of an example request. `body` is a value to encode as JSON, or bytes whose media type is in `headers`, or None. `of_item`
    says that the path names an item, whose id the document cannot know."""

    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: Any
    of_item: bool


def example_request(spec: Spec, operation: Operation) -> ExampleRequest:
    values: dict[str, list[tuple[str, str]]] = {"path": [], "query": [], "header": [], "cookie": []}
    for parameter in operation.parameters:
        if parameter.required:
            values[parameter.location] += written(parameter, example(spec, parameter.schema))
    media, body = _content(spec, operation)
    cookie = [("Cookie", "; ".join(map("=".join, values["cookie"])))] if values["cookie"] else []
    typed = (("Content-Type", media),) if isinstance(body, bytes) else ()
    return ExampleRequest(
        path={name: value or "1" for name, value in values["path"]},
        query=tuple(values["query"]),
        headers=(*values["header"], *cookie, *typed),
        body=body,
        of_item=operation.path.startswith(ITEM),
    )


def _content(spec: Spec, operation: Operation) -> tuple[str, Any]:
    if operation.body is None or not operation.body.media_types:
        return "", None
    types = operation.body.media_types
    media = JSON if JSON in types else next(iter(types))
    shown = next(iter(operation.body.examples.values()), None)
    value = example(spec, types[media]) if shown is None else shown
    if media == JSON:
        return media, value
    fields = value if isinstance(value, Mapping) else {}
    if media == "multipart/form-data":
        files = {name for name, part in members(spec, types[media]).named.items() if _is_file(spec, part)}
        return f"{media}; boundary={BOUNDARY}", "".join(_parts(fields, files)).encode()
    if media == FORM:
        return media, "&".join(
            f"{quote(name)}={quote(text_of(member))}" for name, member in fields.items()
        ).encode()
    return media, text_of(value).encode()


def _is_file(spec: Spec, schema: Any) -> bool:
    resolved = followed(spec.document, schema)
    return isinstance(resolved, Mapping) and (
        resolved.get("format") == "binary" or "contentMediaType" in resolved
    )


def _parts(fields: Mapping[str, Any], files: Container[str]) -> Iterator[str]:
    """The parts of a multipart/form-data body (RFC 7578)."""
    for name, value in fields.items():
        file = f'; filename="{name}"' if name in files else ""
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{text_of(value)}\r\n'
    yield f"--{BOUNDARY}--\r\n"


def example(spec: Spec, schema: Any) -> Any:
    """An example value of a schema, with all members that it names; those that are optional only down to a level at which it has no more
    than MOST_VALUES values. Where twenty schemas refer to each other, all members of all members would be millions."""
    for level in range(DEEPEST, -1, -1):
        with suppress(OverflowError):
            return _ExampleMaker(spec, level).value(schema)
    return None


class _ExampleMaker:
    """The maker of one example, with optional members down to a level. Raises OverflowError for more than MOST_VALUES values."""

    def __init__(self, spec: Spec, level: int) -> None:
        self.spec = spec
        self.level = level
        self.count = 0

    def value(self, schema: Any, depth: int = 0) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise OverflowError
        if not isinstance(schema, Mapping) or depth > DEEPEST:
            return None
        schema = dereferenced(self.spec.document, schema)
        for key in ("example", "default", "const"):
            if key in schema:
                return schema[key]
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        described = members(self.spec, schema)
        if described.named:
            return {
                name: self.value(part, depth + 1)
                for name, part in described.named.items()
                if depth <= self.level or name in described.required
            }
        choices = schema.get("oneOf", schema.get("anyOf"))
        if choices and "type" not in schema:
            return self.value(choices[0], depth + 1)
        kind = schema.get("type", "object")
        kind = kind if isinstance(kind, str) else kind[0]
        if kind == "array":
            least = schema.get("minItems", 0)
            return [self.value(described.items, depth + 1)] * least if least else []
        return _plain(kind, schema)


def _plain(kind: str, schema: Mapping[str, Any]) -> Any:
    """An example value of a type that has no parts."""
    if kind == "string":
        shortest = schema.get("minLength", 0)
        plain = FORMATS.get(schema.get("format", ""), "example").ljust(shortest, "e")
        return pattern_text(schema.get("pattern", ""), shortest, plain[: schema.get("maxLength")])
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    return EMPTY.get(kind)
