"""What passes between a client and a server of content, as the model sees it: a request, a response, what should have come.

>>> ada = Caller(user="u-ada", workspace="w1")
>>> Request(operation="getContentItem", caller=ada, path={"id": "c-1"}).operation
'getContentItem'
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from contracts.model.unknown import Partial

# x-permission of each operation; a test compares it with openapi.yaml.
PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "getContentItems": "content:read",
        "getContentItem": "content:read",
        "getContentByCategory": "content:read",
        "getContentCategories": "content:read",
        "getContentVersions": "content:read",
        "syncContent": "content:read",
        "createContentItem": "content:write",
        "updateContentItem": "content:write",
        "publishContent": "content:publish",
        "archiveContent": "content:archive",
        "bulkUpdateContent": "content:write",
        "revertContentVersion": "content:write",
    }
)
WRITES = frozenset(operation for operation, permission in PERMISSIONS.items() if permission != "content:read")
ALL = frozenset(PERMISSIONS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account that sends a request. `user` is the id that the server knows, which it writes into `createdBy` and `updatedBy`."""

    user: str
    workspace: str
    permissions: frozenset[str] = ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of the model. `query` holds values, not text: integers, booleans, lists, absent where the request has none.
    `headers` counts `if-match`, `if-none-match` and `idempotency-key`, names in lower case. `valid` False: it breaks
    openapi.yaml."""

    operation: str
    caller: Caller
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as the model reads it. `headers` by lower-case name; `body` parsed JSON, None where there was none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """The response that should come. The body may hold `Unknown`s, which are the server's to choose, and `Partial`s."""

    status: int
    body: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where model and server differ: a place in the answer, or the name of a law about the server's own choices."""

    place: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, got {self.got}"


class UndecidedError(Exception):
    """The model cannot know the answer (it would depend on something that nobody has seen yet)."""


def refusal(status: int, code: str, **details: Any) -> ExpectedResponse:
    """A problem document: its code, its status and the details that the contract fixes."""
    members: dict[str, Any] = {"status": status, "code": code}
    if details:
        members["details"] = Partial(details)
    return ExpectedResponse(status, Partial(members))


NOT_FOUND = refusal(404, "CONTENT_NOT_FOUND")
