"""Requests whose status a document leaves open: what frameworks read in ways of their own, and what only the server can know."""

import contextlib
import json
from urllib.parse import parse_qsl, unquote

from contracts.dialect import Dialect
from contracts.spec import Operation
from contracts.suite.client.http_exchange import HttpRequest


def nests_a_parameter(operation: Operation, request: HttpRequest) -> bool:
    """Whether a name in the query is a known one with brackets (`page[]`, `page[a]`), which Rails, PHP and Express read as a list or an object
    under the known name."""
    if "[" not in unquote(request.query):
        return False
    known = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    return any(mark and name in known for name, mark, _ in (sent.partition("[") for sent in _names(request)))


def has_zero_fraction(request: HttpRequest) -> bool:
    """Whether a number like `2.0` is in the body: an integer of JSON Schema, and no integer of OpenAPI 3.0 nor of most parsers."""
    found: list[bool] = []
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(request.body or b"", parse_float=lambda text: found.append(float(text).is_integer()))
    return any(found)


def has_opaque_text(dialect: Dialect | None, operation: Operation, request: HttpRequest) -> bool:
    """Whether the query has a text of no stated form that no law knows, such as the cursor of a list (`page_token`): perhaps only what
    the server itself has given is one."""
    if dialect is None or not request.query:
        return False
    sent = set(_names(request))
    ours = dialect.ours.operations.get(operation.id)
    known = {parameter.name for parameter in ours.parameters} if ours else set()
    return any(
        parameter.name in sent
        and parameter.location == "query"
        and parameter.types == {"string"}
        and not {"enum", "const", "pattern", "format"} & parameter.schema.keys()
        and dialect.parameters.get(parameter.name, parameter.name) not in known
        for parameter in operation.parameters
    )


def _names(request: HttpRequest) -> list[str]:
    return [name for name, _ in parse_qsl(request.query, keep_blank_values=True, errors="replace")]
