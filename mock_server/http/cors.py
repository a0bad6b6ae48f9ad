"""CORS for an explicit list of origins (rule R9); an origin that is not listed gets no access-control fields."""

from collections.abc import Sequence

from mock_server.message import HttpResponse, ReceivedRequest

_EXPOSED = b"ETag, Location, Retry-After, WWW-Authenticate, X-Fault-Id"
_ACCEPTED = b"Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key"


class Cors:
    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def apply(self, request: ReceivedRequest, response: HttpResponse) -> None:
        origin = request.headers.get(b"origin")
        if origin is not None:
            response.headers += self.fields(origin, request, response)

    def fields(
        self, origin: bytes, request: ReceivedRequest, response: HttpResponse
    ) -> list[tuple[bytes, bytes]]:
        """The fields for an origin. The guide's clients use `credentials: include`, so the origin is named and never `*`."""
        varies = (b"vary", b"Origin")
        if not self.is_listed(origin):
            return [varies]
        fields = [
            varies,
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _EXPOSED),
            (b"access-control-allow-credentials", b"true"),
        ]
        if request.method == "OPTIONS" and b"access-control-request-method" in request.headers:
            fields += [
                (b"access-control-allow-methods", response.header(b"allow") or b""),
                (b"access-control-allow-headers", _ACCEPTED),
                (b"access-control-max-age", b"600"),
            ]
        return fields

    def is_listed(self, origin: bytes) -> bool:
        return origin in self._origins
