"""The construction of an operation's request from its path parameters, query, body, headers and token.

>>> from contracts.spec import load
>>> build(load()["getContentItem"], "http://h/api", {"id": "a b"}, {"version": 2}, ..., None, None).url
'http://h/api/content/items/a%20b?version=2'
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from contracts.spec import Operation
from contracts.suite.client.http_exchange import HttpRequest


def build(
    operation: Operation,
    base: str,
    path: Mapping[str, str] | None,
    query: Mapping[str, Any] | Iterable[tuple[str, Any]] | None,
    body: Any,
    headers: Mapping[str, str] | None,
    token: str | None,
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
    return HttpRequest(
        method=operation.method, url=base + filled + query_string(query), headers=sent, body=content
    )


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def query_string(query: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> str:
    """A query string, `?a=1&b=true` or empty. Names with value None are left out; lists are joined by commas (`explode: false`)."""
    items = query.items() if isinstance(query, Mapping) else (query or ())
    parts = [
        f"{quote(str(name), safe='')}={quote(_text(value), safe=',')}"
        for name, value in items
        if value is not None
    ]
    return "?" + "&".join(parts) if parts else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
