"""The thin adapter between ASGI and the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mock_server.build import Server
from mock_server.message import Request, Response, joined
from mock_server.server import Application

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class HttpAdapter:
    """Reads a request whole, with a bound on its body, and sends the answer."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, too_large = await self._body(receive)
        request = Request(
            method=scope["method"],
            path=scope.get("raw_path") or scope["path"].encode(),
            query=scope["query_string"],
            headers=joined(scope["headers"]),
            body=body,
            too_large=too_large,
        )
        await respond(self._application.handle(request), send, head=request.method == "HEAD")

    async def _body(self, receive: Receive) -> tuple[bytes, bool]:
        event = await receive()
        body: bytes = event.get("body", b"")
        if not event.get("more_body"):
            return body, len(body) > self._application.largest_body
        chunks, size = [body], len(body)
        while event.get("more_body"):
            event = await receive()
            if event["type"] == "http.disconnect":
                break
            chunk = event.get("body", b"")
            size += len(chunk)
            if size <= self._application.largest_body:
                chunks.append(chunk)
        return b"".join(chunks), size > self._application.largest_body


async def respond(response: Response, send: Send, *, head: bool) -> None:
    headers = response.headers
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})


class AsgiApp:
    """Everything the server answers, by scope type."""

    def __init__(self, server: Server) -> None:
        self._http = HttpAdapter(server.application)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            await send({"type": f"{event['type']}.complete"})
            if event["type"] == "lifespan.shutdown":
                return
