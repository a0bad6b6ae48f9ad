"""`Problem`, an error as an RFC 9457 problem document, and the status of each code (rules R18, R20).

A handler raises `Problem("VERSION_CONFLICT", …)`; only the table below maps a code to its status.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.message import HttpResponse, json_response

# code -> (status, title)
CODES: Mapping[str, tuple[int, str]] = {
    "VALIDATION_FAILED": (400, "The request breaks the specification"),
    "TOKEN_MISSING": (401, "Authentication is required"),
    "TOKEN_INVALID": (401, "The token is not valid"),
    "TOKEN_EXPIRED": (401, "The token has expired"),
    "REFRESH_REUSED": (401, "The refresh token was used before"),
    "INVALID_CREDENTIALS": (401, "Email or password is wrong"),
    "FORBIDDEN": (403, "The token lacks a permission"),
    "PAGE_REFUSED": (403, "The request may come from a page of the web"),
    "REDIRECT_REFUSED": (403, "The client has another redirect URI"),
    "ROUTE_NOT_FOUND": (404, "There is no such resource"),
    "CONTENT_NOT_FOUND": (404, "There is no such content item"),
    "CATEGORY_NOT_FOUND": (404, "There is no such category"),
    "VERSION_NOT_FOUND": (404, "There is no such version"),
    "METHOD_NOT_ALLOWED": (405, "The resource does not support this method"),
    "VERSION_CONFLICT": (409, "The item was modified by another user"),
    "INVALID_STATE": (409, "The item's state does not allow this"),
    "CATEGORY_UNKNOWN": (409, "The category does not exist"),
    "IDEMPOTENCY_IN_FLIGHT": (409, "A request with this key is under way"),
    "PRECONDITION_FAILED": (412, "The precondition is false"),
    "PAYLOAD_TOO_LARGE": (413, "The request body is too large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The request body has the wrong media type"),
    "IDEMPOTENCY_KEY_REUSED": (422, "The key was used for another request"),
    "UPGRADE_REQUIRED": (426, "This resource speaks WebSocket only"),
    "RATE_LIMITED": (429, "Too many requests"),
    "LOGIN_THROTTLED": (429, "Too many failed logins"),
    "INTERNAL": (500, "The server failed"),
    "UNAVAILABLE": (503, "The server is not available"),
}

PROBLEM = b"application/problem+json"


class Problem(Exception):
    """An error response. `details` is the member of that name; `headers` are additional fields."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.details = details
        self.headers = headers

    @property
    def status(self) -> int:
        return CODES[self.code][0]

    def response(self, request_id: str) -> HttpResponse:
        status, title = CODES[self.code]
        document: dict[str, Any] = {
            "type": f"tag:tchat.com,2026:{self.code.lower().replace('_', '-')}",
            "title": title,
            "status": status,
            "detail": self.detail,
            "code": self.code,
            "message": self.detail,
            "requestId": request_id,
        }
        if self.details is not None:
            document["details"] = self.details
        response = json_response(status, document, self.headers)
        response.headers[0] = (b"content-type", PROBLEM)
        return response


def challenge(scheme_error: str = "", description: str = "") -> tuple[bytes, bytes]:
    """The field `WWW-Authenticate` (RFC 6750, 3). It has no error attribute if the request had no token."""
    value = 'Bearer realm="tchat"'
    if scheme_error:
        value += f', error="{scheme_error}"'
    if description:
        value += f', error_description="{description}"'
    return b"www-authenticate", value.encode()
