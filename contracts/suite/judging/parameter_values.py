"""The typed values of a request's parameters, by the rules of openapi.yaml ("Bodies", "In a URL").

An integer is `0` or digits without sign or leading zero, a boolean is exactly `true` or `false`, and `+` in a query is a space. A text that
cannot be read as its type stays a text, which then violates the type in the schema, so the answer has to be 400.

    >>> integer("007"), integer("7"), boolean("TRUE")
    ('007', 7, 'TRUE')
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from contracts.spec import Operation, Parameter
from contracts.suite.client.http_exchange import HttpRequest

INTEGER = re.compile(r"0|[1-9][0-9]*")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
TRUTHS = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"})
"""The texts that frameworks accept as booleans, in any case."""


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
    """The decoded names and values of a query, in order."""
    found = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((decode(name, plus=True), decode(value, plus=True)))
    return found


def parameters(
    operation: Operation, request: HttpRequest, path: Mapping[str, str]
) -> Iterator[tuple[Parameter, Any]]:
    """Each documented parameter that was sent, with its value. Raises QueryError."""
    sent: dict[str, list[str]] = {}
    for name, value in pairs(request.query):
        sent.setdefault(name, []).append(value)
    headers = {name.lower(): value for name, value in request.headers.items()}
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.name in sent:
            values = sent[parameter.name]
            if len(values) > 1:
                raise QueryError(f"{parameter.name} stands twice")
            yield parameter, typed(parameter, values[0])
        elif parameter.location == "header" and parameter.name.lower() in headers:
            yield parameter, headers[parameter.name.lower()]
        elif parameter.location == "path" and parameter.name in path:
            yield parameter, decode(path[parameter.name], plus=False)


def typed(parameter: Parameter, text: str) -> Any:
    """The value of a parameter's text, by the types of the schema, the narrowest first."""
    kinds = _kinds(parameter.schema)
    value: Any = text
    if "integer" in kinds:
        value = integer(text)
    if "number" in kinds and value is text and NUMBER.fullmatch(text):
        value = float(text)
    if "boolean" in kinds and value is text:
        value = boolean(text)
    if "array" in kinds and value is text:
        value = text.split(",") if text else []
    return value


def loosely(parameter: Parameter, text: str) -> list[Any]:
    """All values that frameworks may read in a text, for documents that do not say how values are written in a URL."""
    kinds, plain = _kinds(parameter.schema), text.strip()
    found = [typed(parameter, text), typed(parameter, plain)]
    if kinds & {"integer", "number"}:
        with contextlib.suppress(ValueError, OverflowError):
            found += [float(plain), int(float(plain))]
    if "boolean" in kinds and plain.lower() in TRUTHS:
        found.append(True)
    if "array" in kinds:
        found.append([part.strip() for part in plain.split(",") if part.strip()])
    return found


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    types = schema.get("type", ())
    parts = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return {*([types] if isinstance(types, str) else types)}.union(*(_kinds(part) for part in parts))
