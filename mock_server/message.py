"""A request and a response as values, so that the application does not depend on a server."""

from collections.abc import Mapping, Sequence

import msgspec

JSON = b"application/json"
_encode = msgspec.json.Encoder().encode


class ReceivedRequest:
    """A request as the application gets it. `path` is percent-encoded and without query; header names are in lower case, with repeated
    ones joined by commas."""

    __slots__ = ("body", "headers", "method", "path", "query", "too_large")

    def __init__(
        self,
        method: str,
        path: bytes,
        query: bytes = b"",
        headers: Mapping[bytes, bytes] | None = None,
        body: bytes = b"",
        too_large: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers: Mapping[bytes, bytes] = headers or {}
        self.body = body
        self.too_large = too_large
        """Whether the body is longer than any operation allows; it is then empty here."""


class HttpResponse:
    """A response of the application; header names are in lower case."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


def joined(pairs: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields as a mapping, with repeated ones joined by commas (RFC 9110, 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        name = name.lower()
        found[name] = found[name] + b", " + value if name in found else value
    return found


def json_response(status: int, value: object, headers: Sequence[tuple[bytes, bytes]] = ()) -> HttpResponse:
    return raw_json(status, _encode(value), headers)


def raw_json(status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> HttpResponse:
    """A response whose body is encoded already."""
    return HttpResponse(status, [(b"content-type", JSON), *headers], body)
