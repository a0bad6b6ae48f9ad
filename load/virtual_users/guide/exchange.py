"""The values that pass between a client and its driver: requests, replies, and effects that the driver carries out.

A client is a state machine without I/O, clock or randomness. Every method takes the time (`now`, seconds since 1970 on the
client's clock) and returns effects; the result of a `SendRequest` comes back later by the send's number. A timer is
identified by its name, and arming it again replaces it, as `clearTimeout` and `setTimeout` do.

>>> Ask("getContentItem", {"id": "c-1"}).key
'getContentItem({"id":"c-1"})'
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Timer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A hook call with its argument, as in `useGetContentItemQuery({id})`."""

    operation: str
    arg: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The cache key (RTK's `defaultSerializeQueryArgs`): members sorted by name, `undefined` (here None) left out."""
        given = {name: value for name, value in self.arg.items() if value is not None}
        text = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"{self.operation}({text})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """One HTTP request by operationId. `query` holds values, not text. Headers and body may hold secrets."""

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientReply:
    """An HTTP answer. None in place of a reply is a network error."""

    status: int
    body: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx, as in `response.ok` of fetch."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class SendRequest:
    number: int
    request: ClientRequest


@dataclass(frozen=True, slots=True)
class ArmTimer:
    timer: Timer
    delay: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    timer: Timer


@dataclass(frozen=True, slots=True)
class NotifyUser:
    """A notice to the user, as a slug."""

    what: str


Effect = SendRequest | ArmTimer | CancelTimer | NotifyUser
