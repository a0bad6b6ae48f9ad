"""CORS for an explicit list of origins (behaviour R9); an origin that is not listed gets no header at all."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.message import Request, Response

_EXPOSED = b"ETag, Location, Retry-After, WWW-Authenticate, X-Fault-Id"
_ACCEPTED = b"Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key"


class Cors:
    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def apply(self, request: Request, response: Response) -> None:
        """The guide fetches with `credentials: include`, so the origin is named, never `*`."""
        origin = request.headers.get(b"origin")
        if origin is None:
            return
        response.headers.append((b"vary", b"Origin"))
        if origin not in self._origins:
            return
        response.headers += [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _EXPOSED),
        ]
        if request.method == "OPTIONS" and b"access-control-request-method" in request.headers:
            response.headers += [
                (b"access-control-allow-methods", response.header(b"allow") or b""),
                (b"access-control-allow-headers", _ACCEPTED),
                (b"access-control-max-age", b"600"),
            ]
