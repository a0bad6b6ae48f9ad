"""A proxy that makes a right server wrong in one way: it alters requests or answers on their way through.

    with mutated(url, "no-etag") as wrong: ...

Each entry of WRONGS is one deviation, and names the check that must see it.
"""

from __future__ import annotations

import http.client
import json
import time
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


def _ok(method: str, part: str, change: Callable[[Any], Any]) -> Spoil:
    """Change the JSON of successful answers to one method whose path contains this."""

    def spoil(passing: Passing) -> Passing:
        if (
            passing.method != method
            or part not in passing.path
            or not 200 <= passing.status < 300
            or not passing.body
        ):
            return passing
        return passing.with_json(change(passing.json))

    return spoil


def _list_only(change: Callable[[dict[str, Any]], None]) -> Spoil:
    """Change the pages of getContentItems."""

    def spoil(passing: Passing) -> Passing:
        path = urlsplit(passing.path).path
        if passing.method != "GET" or not path.endswith("/content/items") or passing.status != 200:
            return passing
        value = passing.json
        change(value["data"])
        return passing.with_json(value)

    return spoil


def _without(header: str, method: str, part: str) -> Spoil:
    def spoil(passing: Passing) -> Passing:
        if passing.method == method and part in passing.path:
            return replace(passing, headers={k: v for k, v in passing.headers.items() if k.lower() != header})
        return passing

    return spoil


def _total_off(data: dict[str, Any]) -> None:
    data["pagination"]["total"] += 1


def _last_lost(data: dict[str, Any]) -> None:
    if len(data["data"]) > 2:
        data["data"].pop()


def _swapped(data: dict[str, Any]) -> None:
    if len(data["data"]) > 2:
        data["data"][0], data["data"][1] = data["data"][1], data["data"][0]


def _extra(value: Any) -> Any:
    value["data"]["secretNote"] = "x"
    return value


def _wrapped(value: Any) -> Any:
    return {"data": value}


def _not_checked(passing: Passing) -> Passing:
    """Every stale update is sent again from the present version: the lost update."""
    if passing.method == "PUT" and passing.status == 409 and passing.json["code"] == "VERSION_CONFLICT":
        body = json.loads(passing.sent)
        body["version"] = passing.json["details"]["currentVersion"]
        status, headers, answer = passing.send("PUT", passing.path, json.dumps(body).encode())
        return replace(passing, status=status, headers=headers, body=answer)
    return passing


def _published_again(passing: Passing) -> Passing:
    """A repeated publication makes a new version."""
    if passing.method == "POST" and passing.path.endswith("/publish") and passing.status == 200:
        item = passing.json["data"]
        if item["updatedAt"] != item["publishedAt"]:
            return passing
        body = json.dumps({"version": item["version"], "title": item["title"]}).encode()
        path = passing.path.removesuffix("/publish")
        if path in _seen:
            status, headers, answer = passing.send("PUT", path, body)
            return replace(passing, status=status, headers=headers, body=answer)
        _seen.add(path)
    return passing


_seen: set[str] = set()


def _forbidden_instead(passing: Passing) -> Passing:
    if passing.status != 404 or "CONTENT_NOT_FOUND" not in passing.body.decode("utf-8", "replace"):
        return passing
    return passing.with_json({**passing.json, "detail": "This item belongs to somebody else."})


def _fixed_409(passing: Passing) -> Passing:
    if passing.status == 409 and b"VERSION_CONFLICT" in passing.body:
        return passing.with_json({**passing.json, "details": {"currentVersion": 1, "yourVersion": 1}})
    return passing


def _accepts_bad_tokens(passing: Passing) -> Passing:
    if passing.path.endswith("/auth/verify") and passing.status == 401:
        body = {"valid": True, "userId": "u", "sessionId": "s", "expiresAt": "2030-01-01T00:00:00.000000Z"}
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return replace(passing, status=200, headers=headers, body=json.dumps(body).encode())
    return passing


def _no_405(passing: Passing) -> Passing:
    if passing.method == "DELETE" and passing.status == 405:
        return replace(passing, headers={**passing.headers, "allow": "GET"})
    return passing


def _bulk_lie(value: Any) -> Any:
    value["data"]["successfulOperations"] += len(value["data"]["failedOperations"])
    value["data"]["failedOperations"] = []
    return value


def _sync_repeats(passing: Passing) -> Passing:
    """The border is inclusive: the window begins one change too early."""
    if "/content/sync" in passing.path and passing.status == 200:
        value = passing.json
        if value["data"]["items"] and not value["data"]["hasMore"]:
            value["data"]["items"].pop(0)
        return passing.with_json(value)
    return passing


def _server_error(passing: Passing) -> Passing:
    if "search=%27" in passing.path or "%22" in passing.path:
        body = b'{"type":"tag:tchat.com,2026:internal","title":"x","status":500,"detail":"x","message":"x","code":"INTERNAL","requestId":"r"}'
        return replace(passing, status=500, headers={"Content-Type": "application/problem+json"}, body=body)
    return passing


def _refresh_differs(value: Any) -> Any:
    value["tokens"]["accessToken"] = value["tokens"]["accessToken"] + "A"
    return value


def _echo(passing: Passing) -> Passing:
    token = {k.lower(): v for k, v in passing.request_headers.items()}.get("authorization", "")
    if passing.status == 401 and token:
        return passing.with_json({**passing.json, "debug": token})
    return passing


def _old_version_moves(value: Any) -> Any:
    value["data"]["title"] = (
        value["data"]["title"] + "!" if value["data"]["version"] == 1 else value["data"]["title"]
    )
    return value


def _accepts_rubbish(passing: Passing) -> Passing:
    """A length that is checked one too late."""
    if passing.method == "POST" and passing.path.endswith("/content/items") and passing.status == 400:
        try:
            body = json.loads(passing.sent)
        except ValueError:
            return passing
        if isinstance(body, dict) and isinstance(body.get("title"), str) and len(body["title"]) == 201:
            status, headers, answer = passing.send(
                "POST", passing.path, json.dumps({**body, "title": body["title"][1:]}).encode()
            )
            return replace(passing, status=status, headers=headers, body=answer)
    return passing


def _cut(value: Any) -> Any:
    if isinstance(value["data"], dict) and "body" in value["data"]:
        value["data"]["body"] = value["data"]["body"][:65535]
    return value


def _late(passing: Passing) -> Passing:
    if passing.path.endswith("/versions"):
        time.sleep(1.05)
    return passing


def _let_in(passing: Passing) -> Passing:
    origin = {k.lower(): v for k, v in passing.request_headers.items()}.get("origin")
    let_in = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    return replace(passing, headers={**passing.headers, **let_in}) if origin else passing


# name -> (how, the check that must go red, after those that provoke what it looks back at)
WRONGS: Mapping[str, tuple[Spoil, str, *tuple[str, ...]]] = {
    "total-off-by-one": (_list_only(_total_off), "items.pagination-agrees"),
    "last-of-page-lost": (_list_only(_last_lost), "items.pages-disjoint"),
    "order-swapped": (_list_only(_swapped), "items.order"),
    "extra-member": (_ok("GET", "/content/items/", lambda v: _extra(v) if isinstance(v["data"], dict) else v), "shape.answers[getContentItem]"),
    "archive-wrapped": (_ok("POST", "/archive", _wrapped), "items.archive"),
    "no-etag": (_without("etag", "GET", "/content/items/"), "shape.answers[getContentItem]"),
    "no-location": (_without("location", "POST", "/content/items"), "items.location-resolves"),
    "lost-update": (_not_checked, "items.conflict-on-stale-version"),
    "publish-not-idempotent": (_published_again, "items.publish-idempotent"),
    "existence-leak": (_forbidden_instead, "shape.problems", "items.not-found"),
    "conflict-numbers-wrong": (_fixed_409, "items.conflict-on-stale-version"),
    "verify-accepts-anything": (_accepts_bad_tokens, "auth.verify"),
    "allow-wrong": (_no_405, "http.method-not-allowed[getContentItem]"),
    "bulk-lies": (_ok("POST", "/content/items/bulk", _bulk_lie), "bulk.partial-failure"),
    "sync-loses-first": (_sync_repeats, "sync.shows-changes"),
    "quote-breaks-search": (_server_error, "items.search-no-wildcards"),
    "refresh-not-same": (_ok("POST", "/auth/refresh", _refresh_differs), "auth.refresh-rotates"),
    "token-echoed": (_echo, "shape.secrets", "auth.types-not-interchangeable"),
    "history-rewritten": (_ok("GET", "?version=1", _old_version_moves), "versions.immutable"),
    "long-text-cut": (_ok("GET", "/content/items/", _cut), "items.largest-survives"),
    "one-operation-late": (_late, "smoke.in-time[getContentVersions]"),
    "any-origin-let-in": (_let_in, "http.foreign-origin"),
    "length-one-too-late": (_accepts_rubbish, "keywords.exact[createContentItem]"),
}  # fmt: skip


@contextmanager
def mutated(url: str, name: str) -> Iterator[str]:
    """The URL of a proxy with this deviation, or with none, until the block ends."""
    _seen.clear()
    with mutating(url, WRONGS[name][0] if name else (lambda passing: passing)) as at:
        yield at


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
