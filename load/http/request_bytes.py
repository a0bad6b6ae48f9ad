"""A draft as the bytes of an HTTP/1.1 request, by what openapi.yaml says of its operation. Pure.

The path template, the method, and which token goes into the Authorization header are read from the document; a
server prefix stands in the target. Nothing is sent and nothing is kept here.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from contracts.spec import Operation
from load.http.target import Target
from load.journeys.data_pool import Draft

AGENT = "tchat-load"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ACCEPT = "application/json, application/problem+json"
PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""What `quote` leaves as it is (RFC 3986, 2.3), found out in a third of its time."""
_json = msgspec.json.Encoder()


class Parts(NamedTuple):
    """A request before it is bytes; `path` has its query."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes


def parts(target: Target, operation: Operation, draft: Draft) -> Parts:
    headers = [("Host", target.authority), ("User-Agent", AGENT), ("Accept", ACCEPT)]
    own, body = _own(operation, draft)
    return Parts(operation.method, target.prefix + _path(operation, draft), headers + own, body)


def render(target: Target, operation: Operation, draft: Draft) -> bytes:
    own, body = _own(operation, draft)
    head = (
        f"{operation.method} {target.prefix}{_path(operation, draft)} HTTP/1.1\r\n"
        f"Host: {target.authority}\r\nUser-Agent: {AGENT}\r\nAccept: {ACCEPT}\r\n"
    )
    for name, value in own:
        head += f"{name}: {value}\r\n"
    return f"{head}\r\n".encode("latin-1") + body


def _own(operation: Operation, draft: Draft) -> tuple[list[tuple[str, str]], bytes]:
    """The fields that not every request has, and the body."""
    headers = []
    bearer = token(operation, draft)
    if bearer:
        headers.append(("Authorization", f"Bearer {bearer}"))
    headers += draft.headers
    body = b""
    if isinstance(draft.body, bytes):
        body = draft.body  # its type stands among the draft's headers
    elif draft.body is not None:
        media = next(iter(operation.body.media_types)) if operation.body else JSON
        body = urlencode(draft.body).encode() if media == FORM else _json.encode(draft.body)
        headers.append(("Content-Type", FORM if media == FORM else JSON))
    if body or operation.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(body))))  # RFC 9110, 8.6: a POST without content says 0
    return headers, body


def _path(operation: Operation, draft: Draft) -> str:
    path = operation.path
    for name, value in draft.path.items():
        path = path.replace("{" + name + "}", value if PLAIN(value) else quote(value, safe=""))
    return f"{path}?{urlencode(draft.query)}" if draft.query else path


def token(operation: Operation, draft: Draft) -> str:
    """What goes into the Authorization header; empty where there is none."""
    session = draft.session
    if session is None or not operation.security:
        return ""
    return session.refresh if operation.security[0] == "refreshToken" else session.access
