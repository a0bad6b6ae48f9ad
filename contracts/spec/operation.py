"""What openapi.yaml says of one operation, as frozen values; and the closed list of extension keys it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

# The closed list of extension keys: key -> (where it may stand, what it says). README's table is this table.
EXTENSIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "x-slo": (
            "operation",
            "Objective: `thresholdMs` (strictly over it is a violation), `share` of requests that must keep it, "
            "`errorShare` that may fail.",
        ),
        "x-cache-tags": (
            "operation",
            "What the guide's RTK Query client `provides`, `invalidates`, and for how long it keeps an unused "
            "answer (`keepSeconds`).",
        ),
        "x-permission": (
            "operation",
            "The permission an access token must carry; without it the answer is 403.",
        ),
        "x-guide-lines": ("operation", "The lines of the integration guide that this operation comes from."),
        "x-body-limit": ("operation", "The largest request body in bytes; a larger one is answered 413."),
        "x-state-headers": (
            "operation",
            "Optional request headers whose right value depends on the server's state (a precondition, a key); "
            "not under `parameters`, because a generator could only draw values that are refused.",
        ),
        "x-reachable": (
            "response",
            "Who can provoke the status: `client` (the default), `account` (only an account that lacks a "
            "permission), `rate-limit` (only when rate limiting is on), `fault` (only an outage).",
        ),
    }
)
REACHABLE = ("client", "account", "rate-limit", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """`share` of the requests take at most `threshold_ms`; at most `error_share` of them fail."""

    threshold_ms: float
    share: float
    error_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTags:
    """RTK Query tags as `Type` or `Type:ID`, with `{arg.…}` and `{result.…}` placeholders."""

    provides: tuple[str, ...] = ()
    invalidates: tuple[str, ...] = ()
    keep_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    required: bool
    media_types: Mapping[str, Mapping[str, Any]]
    limit: int
    examples: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    name: str
    required: bool
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedResponse:
    """One documented response of an operation."""

    status: int
    description: str
    media_types: Mapping[str, Mapping[str, Any]]
    headers: tuple[Header, ...]
    reachable: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: str
    method: str
    path: str
    tag: str
    summary: str
    parameters: tuple[Parameter, ...]
    state_headers: tuple[Parameter, ...]
    """Optional headers whose right value depends on the server's state: If-Match, Idempotency-Key."""
    body: Body | None
    answers: Mapping[int, DocumentedResponse]
    objective: Objective
    cache: CacheTags | None
    permission: str | None
    guide_lines: str
    security: tuple[str, ...]

    @property
    def label(self) -> str:
        """`GET /content/items/{id}`: how reports and load statistics name the operation."""
        return f"{self.method} {self.path}"

    @property
    def success(self) -> DocumentedResponse:
        return self.answers[min(status for status in self.answers if 200 <= status < 300)]
