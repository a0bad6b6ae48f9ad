"""The operations that only another document has: requests are validated against it and answered from its examples.

Nothing is stored; the server's log says so for each response.
"""

import json
import sys
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from contracts.dialect.example_request import example
from contracts.dialect.serving import ServingDialect
from contracts.schema import pointer, rule
from contracts.spec import Operation, Spec
from contracts.spec.parameter_values import QueryError, parameters, text_of
from mock_server.application import Application
from mock_server.auth.authentication import require
from mock_server.http.validation import RequestValidator, compiled, invalid, violation
from mock_server.message import HttpResponse
from mock_server.problem import Problem
from mock_server.request_context import RequestContext

MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"


def _members(kind: bytes, body: bytes) -> dict[str, str]:
    """The parts of a multipart form by name, as text (RFC 7578)."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): str(part.get_payload())
        for part in message.walk()
        if part.get_content_disposition() == "form-data"
    }


class StyledParameters(RequestValidator):
    """The validator of a request whose parameters may have any style, which our own document does not need."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        super().__init__(spec, operation)
        self._spec = spec
        self._operation = operation

    def query(self, raw: bytes) -> dict[str, Any]:
        return self.valued("query", raw.decode("latin-1"), {}, {})

    def headers(self, headers: Mapping[bytes, bytes]) -> dict[str, Any]:
        fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        return self.valued("header", "", fields, {})

    def valued(
        self, location: str, query: str, headers: Mapping[str, str], path: Mapping[str, str]
    ) -> dict[str, Any]:
        """The values of the parameters of one location. Raises Problem(400) unless the document allows them."""
        try:
            sent = list(parameters(self._spec, self._operation, query, headers, path))
        except QueryError as error:
            raise invalid([violation(location, "", "query", str(error))]) from None
        found = {parameter.name: value for parameter, value in sent if parameter.location == location}
        for parameter in self._operation.parameters:
            if parameter.location != location:
                continue
            if parameter.name not in found:
                if parameter.required:
                    raise invalid(
                        [violation(location, pointer([parameter.name]), "required", "it is missing")]
                    )
                continue
            require_valid(self._spec, parameter.schema, found[parameter.name], location, [parameter.name])
        return found


def require_valid(spec: Spec, schema: Mapping[str, Any], value: Any, where: str, at: list[str | int]) -> None:
    """Raise Problem(400) unless the schema allows the value. `at` is its place."""
    errors = [
        violation(where, pointer([*at, *error.instance_path]), rule(error), error.message)
        for error in compiled(spec, schema).iter_errors(value)
    ]
    if errors:
        raise invalid(errors)


class ExampleApplication(Application):
    """The application for a whole foreign document, so that 405 and OPTIONS name all methods of a path."""

    def __init__(self, serving: ServingDialect, **parts: Any) -> None:
        theirs = serving.dialect.theirs
        handlers = {one.id: self.perform for one in theirs.endpoints}
        super().__init__(theirs, handlers=handlers, **parts)
        self._styled = {one.id: StyledParameters(theirs, one) for one in theirs.endpoints}
        self._validators = {**self._styled}
        self._mounts = sorted(theirs.prefixes, key=len, reverse=True)
        self._serving = serving

    def authorize(self, context: RequestContext) -> None:
        assert context.claims is not None
        named = context.operation.permission
        require(
            None if named is None else self._serving.dialect.permissions.get(named, named), context.claims
        )

    def locate(self, context: RequestContext) -> None:
        """Raise Problem(404) unless an item in the path exists; of other path parameters only the form is known."""
        if context.operation.path.startswith("/content/items/{id}"):
            super().locate(context)
            return
        path = context.request.path.decode("latin-1")
        mount = next((prefix for prefix in self._mounts if path.startswith(f"{prefix}/")), "")
        _, values, _ = self.spec.match(context.request.method, path.removeprefix(mount))
        try:
            self._styled[context.operation.id].valued("path", "", {}, values)
        except Problem:
            if context.operation.response_to(400) and not context.operation.response_to(404):
                raise
            raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.") from None

    def body(self, context: RequestContext) -> Any:
        """The body in any of the media types that the document has for it. Raises Problem with 413, 415 or 400."""
        operation, request = context.operation, context.request
        if operation.body is None or not (request.body or operation.body.required):
            return None
        validator = self._validators[operation.id]
        validator.require_size(request)
        kind = request.headers.get(b"content-type", b"")
        media = kind.partition(b";")[0].strip().lower().decode("latin-1")
        if media not in operation.body.media_types:
            wanted = f"The body must be {' or '.join(operation.body.media_types)}."
            raise Problem(
                "UNSUPPORTED_MEDIA_TYPE" if operation.response_to(415) else "VALIDATION_FAILED", wanted
            )
        value: Any = request.body
        if media.endswith("json"):
            value = validator.decoded(request.body)
        elif media == MULTIPART:
            value = _members(kind, request.body)
        elif media == FORM:
            value = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
        if value is not request.body:
            require_valid(self.spec, operation.body.media_types[media], value, "body", [])
        return value

    def perform(self, context: RequestContext) -> HttpResponse:
        status, media, value = self._serving.example(context.operation)
        note = f"{context.operation.label}: answered from its examples, which nothing changes"
        print(f"mock_server: {note}", file=sys.stderr, flush=True)
        headers = [(b"content-type", media.encode())] if media else []
        for header in context.operation.success.headers:
            if header.required and header.name.lower() != "content-type":
                content = text_of(example(self._serving.dialect.theirs, header.schema))
                headers.append((header.name.lower().encode(), content.encode()))
        return HttpResponse(status, headers, json.dumps(value).encode() if media else b"")
