"""A proxy that makes a right server wrong in one way: it alters requests or answers on their way through.

    with mutating(url, without_etag) as wrong: ...

It serves runs that need some wrong server; which deviation turns which check red is the matter of tests/power and
tests/differences.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from tests.suite.serving import Received, Reply, forwarded, serving


@dataclass(frozen=True)
class Passing:
    """An exchange on its way back. `send` asks the server something else, with the same headers."""

    method: str
    path: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    send: Callable[..., tuple[int, dict[str, str], bytes]] = field(compare=False)
    request_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> Passing:
        return replace(self, body=json.dumps(value).encode())


Spoil = Callable[[Passing], Passing]


def total_off(passing: Passing) -> Passing:
    """The pages of getContentItems count one item too many."""
    path = urlsplit(passing.path).path
    if passing.method != "GET" or not path.endswith("/content/items") or passing.status != 200:
        return passing
    value = passing.json
    value["data"]["pagination"]["total"] += 1
    return passing.with_json(value)


def without_etag(passing: Passing) -> Passing:
    """An item is read without its entity tag."""
    if passing.method != "GET" or "/content/items/" not in passing.path:
        return passing
    return replace(passing, headers={k: v for k, v in passing.headers.items() if k.lower() != "etag"})


@contextmanager
def mutating(url: str, spoil: Spoil) -> Iterator[str]:
    """The URL of a proxy that does this to each exchange."""

    def respond(received: Received) -> Reply:
        def send(method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            reply = forwarded(url, Received(method, path, received.headers, body))
            return reply.status, dict(reply.headers), reply.body

        method, path, request_headers, sent, *_ = received
        passing = spoil(Passing(method, path, sent, *send(method, path, sent), send, request_headers))
        return Reply(passing.status, passing.headers.items(), passing.body)

    with serving(respond) as at:
        yield at
