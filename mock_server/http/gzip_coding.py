"""gzip for answers that are worth it, where the client says that it reads it (RFC 9110, 12.5.3).

Three kinds of answer stay as they are. Short ones gain nothing. One with an entity tag has a strong one, `"v<n>"`, which clients
send back in If-Match; a strong tag may not stand for two codings (RFC 9110, 8.8.3.3). One that must not be stored carries tokens,
and the length of what is compressed can tell of it (BREACH).

>>> accepts(b"gzip;q=0.5, identity;q=0.1"), accepts(b"*"), accepts(b"gzip;q=0, *"), accepts(b"")
(True, True, False, False)
"""

import gzip
import re

from mock_server.message import HttpResponse, ReceivedRequest

LEAST = 1024
"""Bytes of a body from which it is compressed."""
_LEVEL = 5
_QUALITY = re.compile(rb"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class Gzip:
    def apply(self, request: ReceivedRequest, response: HttpResponse) -> None:
        """Encode the answer in place. `Vary` is told wherever another Accept-Encoding would have changed it."""
        if len(response.body) < LEAST or response.header(b"etag") is not None:
            return
        if response.header(b"cache-control") == b"no-store":
            return
        response.headers.append((b"vary", b"Accept-Encoding"))
        if accepts(request.headers.get(b"accept-encoding", b"")):
            response.body = gzip.compress(response.body, _LEVEL, mtime=0)
            response.headers.append((b"content-encoding", b"gzip"))


def accepts(field: bytes) -> bool:
    """Whether gzip may be sent and is liked no less than the plain body. A quality that cannot be read counts as 0."""
    wanted = {name: quality for name, quality in map(_read, field.split(b",")) if name}
    quality = wanted.get(b"gzip", wanted.get(b"x-gzip", wanted.get(b"*", 0.0)))
    return 0 < quality >= wanted.get(b"identity", 0.0)


def _read(part: bytes) -> tuple[bytes, float]:
    name, semicolon, parameter = part.partition(b";")
    if not semicolon:
        return name.strip().lower(), 1.0
    found = _QUALITY.fullmatch(parameter.strip())
    return name.strip().lower(), float(found[1]) if found else 0.0
