"""One request on its way through the server: what has been found out about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts.spec import Operation
from mock_server.message import Request
from mock_server.store.sessions import Account
from mock_server.tokens import Claims


@dataclass(slots=True, kw_only=True)
class Exchange:
    request: Request
    operation: Operation
    prefix: str
    path: dict[str, str]
    claims: Claims | None = None
    account: Account | None = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    found: Any = None
    """What the path names (an item's row, a category's id), once it is located."""

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
