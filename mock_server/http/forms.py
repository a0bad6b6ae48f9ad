"""The form bodies of the OAuth endpoints (RFC 6749, appendix B), and the error responses of the token endpoint."""

from typing import Any, NoReturn

from contracts.spec import Operation, Spec
from mock_server.http.validation import (
    BROKEN_TEXT,
    Error,
    RequestValidator,
    invalid,
    pairs_of,
    resolved,
    violation,
)
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem

_OF_ENUM = {"/grant_type": "unsupported_grant_type", "/client_id": "invalid_client"}


class OAuthError(Problem):
    """An error response of RFC 6749, 5.2."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__("VALIDATION_FAILED", detail)
        self.error = error

    def response(self, request_id: str) -> HttpResponse:
        return json_response(400, {"error": self.error, "error_description": self.detail})


class FormValidator(RequestValidator):
    """The validator of a form. Parameters without a value count as absent, unknown ones are ignored, and each may occur once (RFC 6749, 3.2)."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        super().__init__(spec, operation)
        schemas = operation.body.media_types.values() if operation.body else ()
        self._names = {name for schema in schemas for name in resolved(spec, schema)["properties"]}

    def decoded(self, body: bytes) -> Any:
        pairs = [(name, value) for name, value in pairs_of(body) if value and name in self._names]
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            self.refuse([violation("body", "", "duplicate", "a member is given more than once")])
        if BROKEN_TEXT.search("".join(map("".join, pairs))):
            self.refuse([violation("body", "", "encoding", "the form is not UTF-8")])
        return dict(pairs)


class _TokenFormValidator(FormValidator):
    def refuse(self, errors: list[Error]) -> NoReturn:
        first = errors[0]
        error = (
            _OF_ENUM.get(first["pointer"], "invalid_request")
            if first["rule"] == "enum"
            else "invalid_request"
        )
        raise OAuthError(error, invalid(errors).detail)


def validator(spec: Spec, operation: Operation) -> RequestValidator:
    """The validator of an operation's requests."""
    if operation.oauth in ("token", "revocation"):
        return _TokenFormValidator(spec, operation)
    return (FormValidator if operation.oauth else RequestValidator)(spec, operation)
