"""The messages of the model: requests, responses, expected responses, and disagreements between the latter two.

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
    """The account that sends a request. `user` is its id, which the server writes into `createdBy` and `updatedBy`."""

    user: str
    workspace: str
    permissions: frozenset[str] = ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to the model. `query` has parsed values: integers, booleans, lists. `headers` are `if-match`, `if-none-match` and
    `idempotency-key`, with lower-case names. `valid` is False if the request breaks openapi.yaml."""

    operation: str
    caller: Caller
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as the model reads it. `headers` have lower-case names; `body` is parsed JSON, or None."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """The response that a correct server gives. The body may have `Unknown`s, which the server chooses, and `Partial`s."""

    status: int
    body: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A difference between model and server: its place in the answer, or the law about the server's choices that it breaks."""

    place: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, got {self.got}"


class UndecidedError(Exception):
    """The answer depends on something that no earlier answer has shown, so the model cannot judge it."""


def refusal(status: int, code: str, **details: Any) -> ExpectedResponse:
    """An error response: a problem document with its status, its code and the details that the contract defines."""
    members: dict[str, Any] = {"status": status, "code": code}
    if details:
        members["details"] = Partial(details)
    return ExpectedResponse(status, Partial(members))


NOT_FOUND = refusal(404, "CONTENT_NOT_FOUND")
INVALID = refusal(400, "VALIDATION_FAILED")
