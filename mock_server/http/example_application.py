"""The operations that only another document has: requests are validated against it and answered from its examples.

Nothing is stored; the server's log says so for each response.
"""

import json
import sys
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from contracts.dialect.example_request import example, text
from contracts.dialect.serving import ServingDialect
from mock_server.application import Application
from mock_server.auth.authentication import require
from mock_server.message import HttpResponse
from mock_server.request_context import RequestContext

JSON = "application/json"
MULTIPART = "multipart/form-data"


def _members(kind: bytes, body: bytes) -> dict[str, str]:
    """The parts of a multipart form by name, as text (RFC 7578)."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): str(part.get_payload())
        for part in message.walk()
        if part.get_content_disposition() == "form-data"
    }


class ExampleApplication(Application):
    """The application for a whole foreign document, so that 405 and OPTIONS name all methods of a path."""

    def __init__(self, serving: ServingDialect, **parts: Any) -> None:
        theirs = serving.dialect.theirs
        super().__init__(theirs, handlers={one.id: self.perform for one in theirs.endpoints}, **parts)
        self._serving = serving

    def authorize(self, context: RequestContext) -> None:
        assert context.claims is not None
        named = context.operation.permission
        require(
            None if named is None else self._serving.dialect.permissions.get(named, named), context.claims
        )

    def locate(self, context: RequestContext) -> None:
        """Raise Problem(404) unless an item in the path exists; other path parameters are unknown."""
        if context.operation.path.startswith("/content/items/{id}"):
            super().locate(context)

    def body(self, context: RequestContext) -> Any:
        validator = self._validators[context.operation.id]
        if validator.media_type in ("", JSON):
            return super().body(context)
        validator.require_size(context.request)
        kind = context.request.headers.get(b"content-type", b"")
        validator.require_media_type(kind)
        if validator.media_type == MULTIPART:
            validator.judge(_members(kind, context.request.body))
        return context.request.body

    def perform(self, context: RequestContext) -> HttpResponse:
        status, media, value = self._serving.example(context.operation)
        note = f"{context.operation.label}: answered from its examples, which nothing changes"
        print(f"mock_server: {note}", file=sys.stderr, flush=True)
        headers = [(b"content-type", media.encode())] if media else []
        for header in context.operation.success.headers:
            if header.required and header.name.lower() != "content-type":
                content = text(example(self._serving.dialect.theirs, header.schema))
                headers.append((header.name.lower().encode(), content.encode()))
        return HttpResponse(status, headers, json.dumps(value).encode() if media else b"")
