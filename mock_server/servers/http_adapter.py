"""`HttpAdapter`, which reads a request with a limited body over ASGI, and sends the response."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mock_server.http.foreign_document import AnsweringApplication
from mock_server.message import HttpResponse, ReceivedRequest, joined

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class HttpAdapter:
    """The ASGI callable for HTTP scopes of an application."""

    def __init__(self, application: AnsweringApplication) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, too_large = await self._body(receive)
        except ConnectionAbortedError:
            return  # an incomplete request is not executed (RFC 9112, 8)
        request = ReceivedRequest(
            method=scope["method"],
            path=scope.get("raw_path") or scope["path"].encode(),
            query=scope["query_string"],
            headers=joined(scope["headers"]),
            body=body,
            too_large=too_large,
        )
        response = await self.answered(request)
        await self.deliver(request, response, scope, send)

    def may_answer_at_once(self) -> bool:
        """Whether responses need neither waiting nor the connection."""
        return True

    async def answered(self, request: ReceivedRequest) -> HttpResponse:
        return self._application.handle(request)

    async def deliver(
        self, request: ReceivedRequest, response: HttpResponse, scope: Scope, send: Send
    ) -> None:
        await respond(response, send, head=request.method == "HEAD")

    async def _body(self, receive: Receive) -> tuple[bytes, bool]:
        """(body, whether it is too large). Raises ConnectionAbortedError if the client disconnects before its end."""
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionAbortedError
        body: bytes = event.get("body", b"")
        if not event.get("more_body"):
            return body, len(body) > self._application.largest_body
        chunks, size = [body], len(body)
        while event.get("more_body"):
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ConnectionAbortedError
            chunk = event.get("body", b"")
            size += len(chunk)
            if size <= self._application.largest_body:
                chunks.append(chunk)
        return b"".join(chunks), size > self._application.largest_body


async def respond(response: HttpResponse, send: Send, *, head: bool) -> None:
    headers = response.headers
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
