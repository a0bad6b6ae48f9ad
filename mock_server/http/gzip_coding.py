"""gzip compression of responses, if the client accepts it (RFC 9110, 12.5.3).

Three kinds of response are not compressed: short ones gain nothing; those with an entity tag have a strong one, `"v<n>"`, for If-Match, and
a strong tag must not stand for two codings (RFC 9110, 8.8.3.3); and those with `no-store` have tokens, which the length of a compressed body
could reveal (BREACH).

>>> accepts(b"gzip;q=0.5, identity;q=0.1"), accepts(b"*"), accepts(b"gzip;q=0, *"), accepts(b"")
(True, True, False, False)
"""

import gzip
import re

from mock_server.message import HttpResponse, ReceivedRequest

LEAST = 1024
"""The size in bytes from which a body is compressed."""
_LEVEL = 5
_QUALITY = re.compile(rb"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class Gzip:
    def apply(self, request: ReceivedRequest, response: HttpResponse) -> None:
        """Compress the response in place. `Vary` is added if another Accept-Encoding would change the response."""
        if len(response.body) < LEAST or response.header(b"etag") is not None:
            return
        if response.header(b"cache-control") == b"no-store":
            return
        response.headers.append((b"vary", b"Accept-Encoding"))
        if accepts(request.headers.get(b"accept-encoding", b"")):
            response.body = gzip.compress(response.body, _LEVEL, mtime=0)
            response.headers.append((b"content-encoding", b"gzip"))


def accepts(field: bytes) -> bool:
    """Whether gzip is acceptable and not less preferred than identity. An invalid quality counts as 0."""
    wanted = {name: quality for name, quality in map(_read, field.split(b",")) if name}
    quality = wanted.get(b"gzip", wanted.get(b"x-gzip", wanted.get(b"*", 0.0)))
    return 0 < quality >= wanted.get(b"identity", 0.0)


def _read(part: bytes) -> tuple[bytes, float]:
    name, semicolon, parameter = part.partition(b";")
    if not semicolon:
        return name.strip().lower(), 1.0
    found = _QUALITY.fullmatch(parameter.strip())
    return name.strip().lower(), float(found[1]) if found else 0.0
