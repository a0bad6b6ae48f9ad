"""`Operation`, the description of one operation as an immutable value, and the closed list of our extension keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

# The closed list of extension keys: key -> (object that may have it, meaning, and what is assumed without it). A table of the
# documentation is made of it.
EXTENSIONS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "x-slo": (
            "operation",
            "Objective: `thresholdMs` (strictly over it is a violation), `share` of requests that must keep it, "
            "`errorShare` that may fail.",
            "200 ms for 99 % of the answers, 0.1 % errors: the guide's budget",
        ),
        "x-cache-tags": (
            "operation",
            "What the guide's RTK Query client `provides`, `invalidates`, and for how long it keeps an unused "
            "answer (`keepSeconds`).",
            "none",
        ),
        "x-permission": (
            "operation",
            "The permission an access token must carry; without it the answer is 403.",
            "none: any valid token may call",
        ),
        "x-guide-lines": (
            "operation",
            "The lines of the integration guide that this operation comes from.",
            "",
        ),
        "x-body-limit": (
            "operation",
            "The largest request body in bytes; a larger one is answered 413.",
            "1 MiB; that more is refused with 413 is checked only where the document states a limit",
        ),
        "x-state-headers": (
            "operation",
            "Optional request headers whose right value depends on the server's state (a precondition, a key); "
            "not under `parameters`, because a generator could only draw values that are refused.",
            "none",
        ),
        "x-oauth": (
            "operation",
            "The endpoint of the authorization server that the operation is: `authorization`, `consent`, `token`, `revocation` or "
            "`metadata`. Its laws are those of the RFC.",
            "`authorization` and `token` where a flow of an `oauth2` security scheme names the path, else none",
        ),
        "x-dialect": (
            "document",
            "What the target calls by another word than ours, where the documents do not show it: `operations`, `members`, "
            "`codes`, `permissions` and `parameters`, each from its word to ours; which number a new item's version and the first page have (`firstVersion`, `firstPage`); the cursor of its lists (`cursor`); that no page of another origin is let in (`origins`); where its channel is (`channel`) and how long its tokens live "
            "(`tokens`) (contracts.dialect).",
            "",
        ),
        "x-reachable": (
            "response",
            "Who can provoke the status: `client`, `account` (only an account that lacks a "
            "permission), `rate-limit` (only when rate limiting is on), `fault` (only an outage).",
            "`account` of 403, `rate-limit` of 429, `fault` of 5xx, else `client`",
        ),
    }
)
REACHABLE = ("client", "account", "rate-limit", "fault")
BODY_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The latency and error objective of an operation: the `share` of requests (0..1) that take at most `threshold_ms`, and the
    `error_share` of requests that may fail."""

    threshold_ms: float
    share: float
    error_share: float

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Objective":
        """The objective that an `x-slo` says."""
        return cls(
            threshold_ms=float(raw["thresholdMs"]),
            share=float(raw["share"]),
            error_share=float(raw["errorShare"]),
        )


BUDGET = Objective(threshold_ms=200.0, share=0.99, error_share=0.001)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTags:
    """The cache tags that the guide's client provides and invalidates with an operation. RTK Query tags are `Type` or `Type:ID`, with
    `{arg.…}` and `{result.…}` placeholders."""

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
    types: frozenset[str] = frozenset()
    """The JSON types that its schema names."""
    content: str = ""
    """The media type of its text where the document has `content` in place of `schema`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    required: bool
    media_types: Mapping[str, Mapping[str, Any]]
    limit: int
    """Bytes; what the mock server takes at most."""
    limited: bool
    """Whether the document states this limit; else it is a default, which no target has to keep."""
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
    """One operation of the document. `answers` are the responses documented by their status, `ranges` those by class (`4XX`) and
    by `default`."""

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
    security: tuple[str, ...]
    """The token that it takes, by the names of our two schemes; empty if it needs none."""
    ranges: Mapping[str, DocumentedResponse] = field(default_factory=dict)
    public: bool = False
    """Whether the document says that no token is needed, which is more than that it does not speak of one."""
    oauth: str = ""
    """Its role as an endpoint of the authorization server (contracts.spec.source.oauth_endpoints); empty for every other operation."""
    server: str | None = None
    """The path of an endpoint's own server, below the host (`servers` of its path: Doorkeeper's `/oauth/token` beside an API under `/api/v1`);
    None for the servers of the document."""

    @property
    def label(self) -> str:
        """`GET /content/items/{id}`: how reports and load statistics name the operation."""
        return f"{self.method} {self.path}"

    def response_to(self, status: int) -> DocumentedResponse | None:
        """The documented response for a status: its own, that of its class, or `default`; None if there is none."""
        exact = self.answers.get(status)
        if exact is not None:
            return exact
        wide = self.ranges.get(f"{status // 100}XX") or self.ranges.get("default")
        return None if wide is None else replace(wide, status=status)

    @property
    def success(self) -> DocumentedResponse:
        """The response of the lowest documented 2xx; if there is none, the one for 200 or for the lowest status."""
        fine = [status for status in self.answers if 200 <= status < 300]
        if fine:
            return self.answers[min(fine)]
        found = self.response_to(200) or self.answers.get(min(self.answers, default=0))
        return found or DocumentedResponse(
            status=200, description="", media_types={}, headers=(), reachable="client", codes=()
        )
