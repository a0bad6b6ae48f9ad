"""Requests and answers on their way through the proxy, as values; header fields keep their order, case and repeats.

>>> answer = Answer(status=200, reason="OK", headers=(("ETag", '"v1"'),), body=b'{"data": 1}')
>>> answer.header("etag"), answer.json, answer.with_header("etag", '"v2"').headers
('"v1"', {'data': 1}, (('etag', '"v2"'),))
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Headers = tuple[tuple[str, str], ...]

# Fields that speak of one connection or one transfer only (RFC 9110, 7.6.1): never handed on.
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """The value of a field, repeats joined (RFC 9110, 5.3); empty where it is absent."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    def with_header(self, name: str, value: str | None) -> Self:
        """The field set, in place of all that were there; None takes it out."""
        rest = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=rest if value is None else (*rest, (name, value)))

    @property
    def json(self) -> Any:
        """The body read as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def with_json(self, value: Any) -> Self:
        return replace(self, body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(_Message):
    """`target` is what stands in the request line: path and query, untouched."""

    method: str
    target: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def upgrades(self) -> bool:
        return "upgrade" in self.header("connection").lower() and self.header("upgrade") != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(_Message):
    status: int
    reason: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The code of a problem document, or empty."""
        value = self.json if self.status >= 400 else None
        return str(value.get("code", "")) if isinstance(value, dict) else ""


Forward = Callable[[Request], Awaitable[Answer]]
"""Hands a request to the server and waits for its answer."""
