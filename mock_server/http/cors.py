"""CORS for an explicit list of origins (behaviour R9); an origin that is not listed gets no header at all."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.message import HttpRequest, HttpResponse
from mock_server.rules import Ruling

_EXPOSED = b"ETag, Location, Retry-After, WWW-Authenticate, X-Fault-Id"
_ACCEPTED = b"Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key"
_ACCEPTED_WITHOUT_TOKEN = _ACCEPTED.removeprefix(b"Authorization, ")


class Cors:
    def __init__(self, origins: Sequence[str], ruling: Ruling) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._ruling = ruling

    def apply(self, request: HttpRequest, response: HttpResponse) -> None:
        """The guide fetches with `credentials: include`, so the origin is named, never `*`."""
        origin = request.headers.get(b"origin")
        if origin is None:
            return
        rules = self._ruling.rules
        if rules.cors_varies:
            response.headers.append((b"vary", b"Origin"))
        if origin not in self._origins and rules.cors_listed_only:
            return
        if response.status >= 400 and not rules.cors_on_errors:
            return
        response.headers += [
            (b"access-control-allow-origin", b"*" if rules.cors_wildcard else origin),
            (b"access-control-expose-headers", _EXPOSED),
        ]
        if rules.cors_credentials:
            response.headers.append((b"access-control-allow-credentials", b"true"))
        if request.method == "OPTIONS" and b"access-control-request-method" in request.headers:
            methods = response.header(b"allow") or b""
            response.headers += [
                (b"access-control-allow-methods", methods if rules.cors_every_method else b"GET, HEAD, POST"),
                (
                    b"access-control-allow-headers",
                    _ACCEPTED if rules.cors_token_field else _ACCEPTED_WITHOUT_TOKEN,
                ),
                (b"access-control-max-age", b"600"),
            ]
