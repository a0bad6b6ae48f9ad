"""The rendering of a draft as the bytes of an HTTP/1.1 request, by its operation in openapi.yaml.

Path template, method and the kind of token come from the document, the path prefix from the target.
"""

from functools import lru_cache
from urllib.parse import quote, urlencode

import msgspec

from contracts.spec import Operation
from load.http.target import Target
from load.journeys.data_pool import Draft

AGENT = "tchat-load"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ACCEPT = "application/json, application/problem+json"
_json = msgspec.json.Encoder()


def render(target: Target, operation: Operation, draft: Draft) -> bytes:
    headers, body = list(draft.headers), b""
    if isinstance(draft.body, bytes):
        body = draft.body  # its Content-Type is among the draft's headers
    elif draft.body is not None:
        media = next(iter(operation.body.media_types)) if operation.body else JSON
        body = urlencode(draft.body).encode() if media == FORM else _json.encode(draft.body)
        headers.append(("Content-Type", FORM if media == FORM else JSON))
    if body or operation.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(body))))  # RFC 9110, 8.6: 0 for a POST without content
    head = _head(target, token(operation, draft)) + "".join(f"{name}: {value}\r\n" for name, value in headers)
    prefix = target.prefix if operation.server is None else operation.server
    line = f"{operation.method} {prefix}{_path(operation, draft)} HTTP/1.1"
    return f"{line}\r\n{head}\r\n".encode("latin-1") + body


@lru_cache(maxsize=1024)
def _head(target: Target, bearer: str) -> str:
    """The headers that all requests with this token share."""
    authorization = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
    return f"Host: {target.authority}\r\nUser-Agent: {AGENT}\r\nAccept: {ACCEPT}\r\n{authorization}"


def _path(operation: Operation, draft: Draft) -> str:
    path = operation.path
    for name, value in draft.path.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return f"{path}?{urlencode(draft.query)}" if draft.query else path


def token(operation: Operation, draft: Draft) -> str:
    """The token for the Authorization header; empty if there is none."""
    session = draft.session
    if session is None or not operation.security:
        return ""
    return session.refresh if operation.security[0] == "refreshToken" else session.access
