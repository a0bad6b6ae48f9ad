"""The construction of an operation's request from its path parameters, query, body, headers and token.

>>> from contracts.spec import load
>>> build(load()["getContentItem"], "http://h/api", path={"id": "a b"}, query={"version": 2}).url
'http://h/api/content/items/a%20b?version=2'
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from contracts.spec import Operation
from contracts.spec.parameter_values import text_of, written
from contracts.suite.client.http_exchange import HttpRequest


def build(
    operation: Operation,
    base: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
    body: Any = ...,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
) -> HttpRequest:
    """The request of an operation. `body` is `...` for none, bytes to send unchanged, or a value to send as JSON. `query` is a mapping, or
    pairs if a name occurs twice. `token` is sent as bearer token; None sends no Authorization."""
    filled = operation.path
    for name, value in (path or {}).items():
        filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
    sent: dict[str, str] = {}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    content: bytes | None = None
    if body is not ...:
        content = body if isinstance(body, bytes) else encode(body)
        sent["Content-Type"] = "application/json"
    for name, value in (headers or {}).items():
        sent = {known: v for known, v in sent.items() if known.lower() != name.lower()}
        if value is not None:
            sent[name] = value
    asked = query_string(_texts(operation, query.items() if isinstance(query, Mapping) else query or ()))
    return HttpRequest(method=operation.method, url=base + filled + asked, headers=sent, body=content)


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _texts(operation: Operation, query: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The query as texts, without names whose value is None: documented parameters in their style, lists of others with commas."""
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    for name, value in query:
        if value is None:
            continue
        if name in known and not isinstance(value, str):
            yield from written(known[name], value)
        else:
            yield str(name), text_of(value)


def query_string(query: Iterable[tuple[str, str]]) -> str:
    """A query string, `?a=1&b=true` or empty."""
    parts = [f"{quote(name, safe='')}={quote(text, safe=',')}" for name, text in query]
    return "?" + "&".join(parts) if parts else ""
