"""The server in this process, as a client of HTTP sees it: typed requests in, status, headers and JSON out.

    send(server, write("getContentItem", path={"id": "welcome"}, token=token))

It knows how a request is written (paths, queries, headers) from openapi.yaml, and nothing of what any of it means.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from contracts.model import Response
from contracts.spec import Spec, load
from mock_server.build import Server, ServerOptions, build
from mock_server.clock import Clock
from mock_server.message import ReceivedRequest
from mock_server.store.session_store import Lifetimes

PASSWORD = "demo-password"
EMAILS = {
    "demo": "demo@tchat.com",
    "editor": "editor@tchat.com",
    "viewer": "viewer@tchat.com",
    "other": "demo@other.example",
}


@functools.cache
def spec() -> Spec:
    return load()


def serve(now: int, lifetimes: Lifetimes | None = None) -> Server:
    """A server with a small world whose clock stands at `now`, in microseconds, until it is told to go on."""
    options = ServerOptions(items=10, password_cost=1, check_answers=True, lifetimes=lifetimes or Lifetimes())
    return build(options, clock=Clock(source=lambda: now), spec=spec())


def send(server: Server, request: ReceivedRequest) -> Response:
    """The answer, without any transport."""
    answer = server.application.handle(request)
    return read(answer.status, answer.headers, answer.body)


def write(
    operation: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    token: str | None = None,
    form: Mapping[str, str] | None = None,
) -> ReceivedRequest:
    """A request as it goes over the wire. `body` None sends none; a `form` is one in its place."""
    asked = spec()[operation]
    target = asked.path
    for name, value in (path or {}).items():
        target = target.replace(f"{{{name}}}", quote(value, safe=""))
    fields = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    if token is not None:
        fields[b"authorization"] = f"Bearer {token}".encode()
    raw = b""
    if form is not None:
        raw = urlencode(form).encode()
        fields[b"content-type"] = b"application/x-www-form-urlencoded"
    elif body is not None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        fields[b"content-type"] = b"application/json"
    asking = urlencode({name: _text(value) for name, value in (query or {}).items()})
    return ReceivedRequest(asked.method, f"/api{target}".encode(), asking.encode(), fields, raw)


def read(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Response:
    named = {name.decode().lower(): value.decode("latin-1") for name, value in headers}
    return Response(status=status, headers=named, body=_json(body))


def _text(value: Any) -> str:
    """A value as a query writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def _json(body: bytes) -> Any:
    """What the body says; what is no JSON becomes a text that equals no expectation."""
    if not body:
        return None
    try:
        return json.loads(body.decode())
    except ValueError:
        return f"not JSON: {body!r}"
