"""`RequestContext`, one request with everything that the server has found out about it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from contracts.spec import Operation
from mock_server.auth.tokens import Claims
from mock_server.message import ReceivedRequest
from mock_server.store.session_store import StoredAccount


class RequestContext:
    """The state of one request. Defaults are class attributes, because there is one object for each request."""

    claims: Claims | None = None
    account: StoredAccount | None = None
    query: Mapping[str, Any] = MappingProxyType({})
    headers: Mapping[str, Any] = MappingProxyType({})
    body: Any = None
    fields: Sequence[tuple[bytes, bytes]] = ()
    """The rate limit fields of a successful response."""
    found: Any = None
    """The object that the path names (an item's row, a category's id), after it was located."""

    def __init__(
        self, request: ReceivedRequest, operation: Operation, prefix: str, path: dict[str, str]
    ) -> None:
        self.request = request
        self.operation = operation
        self.prefix = prefix
        self.path = path

    @property
    def workspace(self) -> str:
        assert self.claims is not None
        return self.claims.wsp

    @property
    def actor(self) -> str:
        assert self.claims is not None
        return self.claims.sub

    @property
    def permissions(self) -> list[str]:
        assert self.claims is not None
        return self.claims.scope.split()
