"""What passes between a virtual client and the world: requests, replies, and effects that somebody else carries out.

A client is a machine without I/O, clock or randomness. Every method takes the time (`now`, seconds since 1970 on the
client's clock) and returns effects; what becomes of a `SendRequest` is told to it later, by the send's number. A timer is
known by its name, and arming it again replaces it, as in `clearTimeout` and `setTimeout`.

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
    """A hook and its argument, as a component writes it: `useGetContentItemQuery({id})`."""

    operation: str
    arg: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """RTK's `defaultSerializeQueryArgs`: members in order of their names, `undefined` (here None) left out."""
        given = {name: value for name, value in self.arg.items() if value is not None}
        text = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"{self.operation}({text})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """One HTTP request by the operation's id. `query` holds values, not text. Headers and body may hold secrets."""

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientReply:
    """An HTTP answer; its absence (None in its place) is what a browser calls a network error."""

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
    """Something that the user is shown, or that the client decided: a slug."""

    what: str


Effect = SendRequest | ArmTimer | CancelTimer | NotifyUser
