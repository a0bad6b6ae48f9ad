"""A draft as the bytes of an HTTP/1.1 request, by what openapi.yaml says of its operation. Pure.

The path template, the method, and which token goes into the Authorization header are read from the document; a
server prefix stands in the target. Nothing is sent and nothing is kept here.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from contracts.spec import Operation
from load.target import Target
from load.world import Draft

AGENT = "tchat-load"
_json = msgspec.json.Encoder()


class Parts(NamedTuple):
    """A request before it is bytes; `path` has its query."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes


def parts(target: Target, operation: Operation, draft: Draft) -> Parts:
    path = operation.path
    for name, value in draft.path.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    if draft.query:
        path += "?" + urlencode(draft.query)
    headers = [
        ("Host", target.authority),
        ("User-Agent", AGENT),
        ("Accept", "application/json, application/problem+json"),
    ]
    if operation.security and draft.session is not None:
        session = draft.session
        token = session.refresh if operation.security[0] == "refreshToken" else session.access
        headers.append(("Authorization", f"Bearer {token}"))
    headers += draft.headers
    body = b""
    if draft.body is not None:
        body = _json.encode(draft.body)
        headers.append(("Content-Type", "application/json"))
    if body or operation.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(body))))  # RFC 9110, 8.6: a POST without content says 0
    return Parts(operation.method, target.prefix + path, headers, body)


def render(target: Target, operation: Operation, draft: Draft) -> bytes:
    method, path, headers, body = parts(target, operation, draft)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
