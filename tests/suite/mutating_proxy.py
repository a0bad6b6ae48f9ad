"""A proxy that makes a right server wrong in one way: it alters requests or answers on their way through.

    with mutating(url, without_etag) as wrong: ...

It serves runs that need some wrong server; which deviation turns which check red is the matter of tests/power and
tests/differences.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.suite.serving import serving
from tests.waiting import HANG


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
    target = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body go out one after the other: Nagle's algorithm would hold the body back for 40 ms.
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            return

        def _pass(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            sent = self.rfile.read(length) if length else b""

            def ask(method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
                upstream = http.client.HTTPConnection(target.hostname or "", target.port, timeout=HANG)
                skip = ("content-length", "connection", "host")
                headers = {k: v for k, v in self.headers.items() if k.lower() not in skip}
                upstream.request(method, path, body=body or None, headers=headers)
                answer = upstream.getresponse()
                data = answer.read()
                upstream.close()
                return answer.status, dict(answer.getheaders()), data

            status, headers, body = ask(self.command, self.path, sent)
            passing = Passing(
                self.command, self.path, sent, status, headers, body, ask, dict(self.headers.items())
            )
            passing = spoil(passing)
            self.send_response_only(passing.status)
            for key, value in passing.headers.items():
                if key.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(key, value)
            if passing.status not in (204, 304):
                whole = len(passing.body) if self.command != "HEAD" else int(headers.get("content-length", 0))
                self.send_header("Content-Length", str(whole))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(passing.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_TRACE = do_QUERY = _pass

    with serving(Handler) as at:
        yield at
