"""The values of a request's parameters, read from their texts and written as texts by `style`, `explode` and `content` (OpenAPI 3.1,
Parameter Object).

By the rules of openapi.yaml ("Bodies", "In a URL"), an integer is `0` or digits without plus sign or leading zero, a boolean is exactly `true` or
`false`, and `+` in a query is a space. A text that cannot be read as its type stays a text, which then violates the type in the schema, so
the answer has to be 400.

    >>> integer("007"), integer("7"), boolean("TRUE")
    ('007', 7, 'TRUE')
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from contracts.spec.document import Spec
from contracts.spec.operation import Operation, Parameter
from contracts.spec.source.references import followed, types_of

INTEGER = re.compile(r"0|-?[1-9][0-9]*")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
TRUTHS = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"})
"""The texts that frameworks accept as booleans, in any case."""
SEPARATORS: Mapping[str, str] = {"spaceDelimited": " ", "pipeDelimited": "|"}
"""Style -> what separates the elements of a list that is not exploded; every other style has a comma."""
ABSENT: Any = ...
"""The value of a parameter that was not sent."""

Texts = Mapping[str, Sequence[str]]
"""Decoded name -> decoded texts, in order."""


class QueryError(ValueError):
    """The query cannot be read: a known name occurs twice, or bytes are not UTF-8."""


def integer(text: str) -> int | str:
    # int() refuses more than 4,300 digits; such a number is out of every range.
    return int(text) if INTEGER.fullmatch(text) and len(text) < 400 else text


def boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


def decode(text: str, *, plus: bool) -> str:
    """The text without percent-encoding. Raises QueryError if it is not UTF-8."""
    try:
        return unquote_to_bytes(text.replace("+", " ") if plus else text).decode()
    except UnicodeDecodeError:
        raise QueryError(f"{text!r} is not UTF-8") from None


def pairs(query: str) -> list[tuple[str, str]]:
    """The decoded names and values of a query, in order. Raises QueryError."""
    found = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((decode(name, plus=True), decode(value, plus=True)))
    return found


def parameters(
    spec: Spec, operation: Operation, query: str, headers: Mapping[str, str], path: Mapping[str, str]
) -> Iterator[tuple[Parameter, Any]]:
    """Each documented parameter that was sent, with its value. `query` and `path` are percent-encoded. Raises QueryError."""
    sent: dict[str, list[str]] = {}
    for name, text in pairs(query):
        sent.setdefault(name, []).append(text)
    fields = {name.lower(): value for name, value in headers.items()}
    crumbs = (part.strip().partition("=") for part in fields.get("cookie", "").split(";"))
    cookies = {name: [text] for name, _, text in crumbs}
    for parameter in operation.parameters:
        value = ABSENT
        if parameter.location == "query":
            value = read(spec, parameter, sent)
        elif parameter.location == "cookie":
            value = read(spec, parameter, cookies)
        elif parameter.location == "header" and parameter.name.lower() in fields:
            value = read(spec, parameter, {parameter.name: [fields[parameter.name.lower()]]})
        elif parameter.location == "path" and parameter.name in path:
            value = read(spec, parameter, {parameter.name: [decode(path[parameter.name], plus=False)]})
        if value is not ABSENT:
            yield parameter, value


def read(spec: Spec, parameter: Parameter, sent: Texts) -> Any:
    """The value of a parameter, ABSENT if it was not sent. Raises QueryError if it was sent twice and its style has no repetition."""
    schema = followed(spec.document, parameter.schema)
    kinds = parameter.types
    if "object" in kinds and not parameter.content and (parameter.style == "deepObject" or parameter.explode):
        return _members(spec, parameter, schema, sent)
    texts = sent.get(parameter.name, ())
    if not texts:
        return ABSENT
    if "array" in kinds and not parameter.content and _is_repeated(parameter) and (
        len(texts) > 1 or kinds <= {"array", "null"}
    ):  # fmt: skip
        return [typed(spec, schema.get("items", {}), text) for text in texts]
    if len(texts) > 1:
        raise QueryError(f"{parameter.name} stands twice")
    if parameter.content:
        return _json(texts[0])
    separator = SEPARATORS.get(parameter.style, ",")
    value = typed(spec, schema, texts[0])
    if "array" in kinds and value is texts[0]:
        parts = value.split(separator) if value else []
        return [typed(spec, schema.get("items", {}), part) for part in parts]
    if "object" in kinds and value is texts[0]:
        parts = value.split(separator)
        named = dict(zip(parts[::2], parts[1::2], strict=False))
        return {name: typed(spec, _member(schema, name), part) for name, part in named.items()}
    return value


def written(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """The names and texts of a value that is sent as this parameter, before any encoding. A list or object that the schema does not
    allow is written with commas.

    >>> from contracts.spec import load
    >>> platforms = next(p for p in load()["syncContent"].parameters if p.name == "platforms")
    >>> written(platforms, ["web", "ios"])
    [('platforms', 'web,ios')]
    """
    name = parameter.name
    kinds = parameter.types
    if parameter.content:
        return [(name, value if isinstance(value, str) else json.dumps(value))]
    separator = SEPARATORS.get(parameter.style, ",")
    if isinstance(value, Mapping) and "object" in kinds:
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", text_of(part)) for key, part in value.items()]
        if parameter.explode:
            return [(key, text_of(part)) for key, part in value.items()]
        return [(name, separator.join(text_of(part) for pair in value.items() for part in pair))]
    if isinstance(value, list | tuple):
        if "array" in kinds and _is_repeated(parameter):
            return [(name, text_of(part)) for part in value]
        return [(name, separator.join(map(text_of, value)))]
    return [(name, text_of(value))]


def text_of(value: Any) -> str:
    """A value as text for a URL, a header or a form.

    >>> text_of(True), text_of(None), text_of([1, "a"])
    ('true', '', '1,a')
    """
    if isinstance(value, list | tuple):
        return ",".join(map(text_of, value))
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def typed(spec: Spec, schema: Any, text: str) -> Any:
    """The value of a text by the types of its schema, the narrowest first; the text itself if none fits."""
    kinds = types_of(spec.document, schema)
    value: Any = text
    if "integer" in kinds:
        value = integer(text)
    if "number" in kinds and value is text and NUMBER.fullmatch(text):
        value = float(text)
    if "boolean" in kinds and value is text:
        value = boolean(text)
    return value


def loosely(spec: Spec, parameter: Parameter, texts: Sequence[str]) -> list[Any]:
    """All values that frameworks may read in a parameter's texts, for documents that do not say how values are written in a URL."""
    schema = followed(spec.document, parameter.schema)
    found: list[Any] = []
    with contextlib.suppress(QueryError):
        found.append(read(spec, parameter, {parameter.name: texts}))
    kinds = parameter.types
    for text in texts:
        plain = text.strip()
        found += [typed(spec, schema, text), typed(spec, schema, plain)]
        if kinds & {"integer", "number"}:
            with contextlib.suppress(ValueError, OverflowError):
                found += [float(plain), int(float(plain))]
        if "boolean" in kinds and plain.lower() in TRUTHS:
            found.append(True)
    if "array" in kinds:
        parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        found.append([typed(spec, schema.get("items", {}), part) for part in parts])
    return found


def _is_repeated(parameter: Parameter) -> bool:
    return parameter.location in ("query", "cookie") and parameter.explode


def _members(spec: Spec, parameter: Parameter, schema: Mapping[str, Any], sent: Texts) -> Any:
    """The object of a parameter whose members have pairs of their own: `name[member]=…` (deepObject), or `member=…`."""
    deep = parameter.style == "deepObject"
    named = schema.get("properties", {})
    found = {}
    for key, texts in sent.items():
        member = key.removeprefix(f"{parameter.name}[").removesuffix("]") if deep else key
        if (deep and key == f"{parameter.name}[{member}]") or (not deep and member in named):
            found[member] = typed(spec, _member(schema, member), texts[-1])
    return found or ABSENT


def _member(schema: Mapping[str, Any], name: str) -> Any:
    return schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
