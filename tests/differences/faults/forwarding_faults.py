"""Faults in forwarding: what a gateway keeps, loses, repeats, delays or rewrites on the way to the server."""

import asyncio
import json
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.differences.faults.matching import of
from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Forward, Request
from tests.differences.row import Intercept, Row

JSON = (("Content-Type", "application/json"),)


class Cached(Intercept):
    """Answers of these operations kept for a second; `shared`: for whoever asks."""

    def __init__(self, names: str, *, shared: bool = False, seconds: float = 1.0) -> None:
        self._names, self._shared, self._seconds = names, shared, seconds
        self._kept: dict[tuple[str, str], tuple[float, Answer]] = {}

    async def handle(self, request: Request, forward: Forward) -> Answer:
        if not of(self._names, request):
            return await forward(request)
        key = (request.target, "" if self._shared else request.header("authorization"))
        until, answer = self._kept.get(key, (0.0, Answer(status=500, headers=(), body=b"")))
        if time.monotonic() > until:
            answer = await forward(request)
            if answer.good:
                self._kept[key] = (time.monotonic() + self._seconds, answer)
        return answer


class Unsent(Intercept):
    """These requests are answered as if they had been carried out."""

    def __init__(self, names: str, answer: Answer) -> None:
        self._names, self._answer = names, answer

    async def handle(self, request: Request, forward: Forward) -> Answer:
        return self._answer if of(self._names, request) else await forward(request)


class UpdateUnsent(Intercept):
    """A right update is answered with the item as it would be, and is never made."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        value = request.json
        if not of("update", request) or not isinstance(value, dict):
            return await forward(request)
        read = await forward(replace(request, method="GET", body=b""))
        item = read.json and read.json.get("data")
        if (
            not item
            or item["version"] != value.get("version")
            or item["status"] == "archived"
            or len(value) < 2
        ):
            return await forward(request)
        made = {**item, **{k: v for k, v in value.items() if k != "version"}, "version": item["version"] + 1}
        return read.with_json({"data": made}).with_header("ETag", f'"v{made["version"]}"')


class Twice(Intercept):
    """These requests are sent twice; the first answer is handed back."""

    def __init__(self, names: str) -> None:
        self._names = names

    async def handle(self, request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if of(self._names, request) and answer.good:
            await forward(request)
        return answer


class Late(Intercept):
    """One operation takes its time."""

    def __init__(self, names: str, seconds: float) -> None:
        self._names, self._seconds = names, seconds

    async def handle(self, request: Request, forward: Forward) -> Answer:
        if of(self._names, request):
            await asyncio.sleep(self._seconds)
        return await forward(request)


class Rewritten(Intercept):
    """Each request altered by a function."""

    def __init__(self, change: Callable[[Request], Request]) -> None:
        self._change = change

    def request(self, request: Request) -> Request:
        return self._change(request)

    opening = request


def _without(*names: str) -> Callable[[Request], Request]:
    def change(request: Request) -> Request:
        for name in names:
            request = request.with_header(name, None)
        return request

    return change


def query(
    change: Callable[[list[tuple[str, str]], Request], list[tuple[str, str]]],
) -> Callable[[Request], Request]:
    def alter(request: Request) -> Request:
        path, mark, query = request.target.partition("?")
        if not mark:
            return request
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        made = change(pairs, request)
        if made == pairs:
            return request
        return replace(request, target=f"{path}?{urlencode(made, errors='surrogateescape')}")

    return alter


def _drop(name: str) -> Callable[[Request], Request]:
    return query(lambda pairs, _: [pair for pair in pairs if pair[0] != name])


def value_of(name: str, change: Callable[[str], str]) -> Callable[[Request], Request]:
    return query(lambda pairs, _: [(k, change(v) if k == name else v) for k, v in pairs])


def _sent(names: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Request]:
    """Change the members of bodies that are JSON objects."""

    def alter(request: Request) -> Request:
        value = request.json
        if not of(names, request) or not isinstance(value, dict):
            return request
        before = json.dumps(value)
        change(value)
        return request if json.dumps(value) == before else replace(request, body=json.dumps(value).encode())

    return alter


def _text(name: str, made: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        if isinstance(value.get(name), str):
            value[name] = made(value[name])

    return change


def _forgiving_body(request: Request) -> Request:
    """Unknown members are taken out before the server sees them."""
    known = {"title", "body", "category", "tags", "platforms", "metadata", "version"}
    return _sent("create update", lambda v: [v.pop(k) for k in list(v) if k not in known])(request)


def _forgiving_path(request: Request) -> Request:
    path, mark, query = request.target.partition("?")
    return replace(request, target=(path.rstrip("/") or "/") + mark + query)


def _lower_path(request: Request) -> Request:
    path, mark, query = request.target.partition("?")
    return replace(request, target=path.lower() + mark + query)


def _cookie_login(request: Request) -> Request:
    """A token in a cookie is taken for a credential."""
    name, _, token = request.header("cookie").partition("=")
    if request.header("authorization") or not token or "token" not in name.lower():
        return request
    return request.with_header("Authorization", f"Bearer {token}")


def _json_assumed(request: Request) -> Request:
    return request.with_header("Content-Type", "application/json") if request.body else request


def _bulk_shuffled(value: dict[str, Any]) -> None:
    operations = value.get("operations")
    if isinstance(operations, list) and all(isinstance(o, dict) for o in operations):
        operations.sort(key=lambda o: str(o.get("type")))


DONE = Answer(status=200, headers=(*JSON, ("Cache-Control", "no-store")), body=b'{"success":true}')
_ROWS: tuple[tuple[str, str, Callable[[], Intercept], str], ...] = (
    ("stale-read", "openapi: a change is visible to every read after its answer", lambda: Cached("item"), "items.update-merges"),
    ("stale-list", "openapi: a change is visible to every read after its answer", lambda: Cached("list category"), "items.list-shows-present-state"),
    ("stale-tree", "openapi: counts follow at once", lambda: Cached("tree"), "categories.counts-follow-writes"),
    ("stale-sync", "R30: the window reaches to the present", lambda: Cached("sync"), "sync.chain"),
    ("shared-cache", "R22: nothing crosses workspaces", lambda: Cached("list tree sync", shared=True), "permissions.matrix"),
    ("verify-cached", "openapi: 200 exactly when the token is accepted", lambda: Cached("verify", seconds=60), "auth.logout-ends-session"),
    ("update-unsent", "S:243-285", UpdateUnsent, "items.update-merges"),
    ("logout-unsent", "S:807-840", lambda: Unsent("logout", DONE), "auth.logout-ends-session"),
    ("archive-unsent", "S:302-313", lambda: Unsent("archive", DONE), "items.archive"),
    ("create-twice", "R31: one creation makes one item", lambda: Twice("create"), "items.create-once"),
    ("revert-twice", "openapi: one new version", lambda: Twice("revert"), "revert.keeps-history"),
    ("publish-late", "x-slo: 200 ms", lambda: Late("publish", 2.0), "smoke.in-time"),
    ("category-late", "x-slo: 200 ms", lambda: Late("category", 1.5), "smoke.in-time"),
    ("idempotency-key-lost", "R31", lambda: Rewritten(_without("Idempotency-Key")), "http.idempotency-replay"),
    ("if-match-lost", "RFC 9110 13.1.1", lambda: Rewritten(_without("If-Match")), "http.if-match"),
    ("if-none-match-lost", "RFC 9110 13.1.2", lambda: Rewritten(_without("If-None-Match")), "http.not-modified"),
    ("request-id-lost", "openapi: a problem repeats X-Request-Id", lambda: Rewritten(_without("X-Request-Id")), "http.request-id"),
    ("origin-lost", "asyncapi: a foreign Origin is refused", lambda: Rewritten(_without("Origin")), "realtime.refused"),
    ("cookie-login", "R9: cookies never authenticate", lambda: Rewritten(_cookie_login), "tokens.only-in-authorization"),
    ("media-type-assumed", "RFC 9110 15.5.16", lambda: Rewritten(_json_assumed), "http.media-type"),
    ("unknown-members-dropped", "openapi: an unknown member is 400", lambda: Rewritten(_forgiving_body), "http.closed-bodies"),
    ("trailing-slash-taken", "R37: another path", lambda: Rewritten(_forgiving_path), "http.unknown-routes"),
    ("path-lowered", "openapi: ids are opaque, paths exact", lambda: Rewritten(_lower_path), "http.unknown-routes"),
    ("search-lost", "F13", lambda: Rewritten(_drop("search")), "items.search-title-and-body"),
    ("sort-order-lost", "F13", lambda: Rewritten(_drop("sortOrder")), "items.order"),
    ("platforms-lost", "openapi: only the platforms asked for", lambda: Rewritten(_drop("platforms")), "sync.platforms"),
    ("end-date-lost", "openapi: both ends", lambda: Rewritten(_drop("endDate")), "categories.dates-inclusive"),
    ("first-of-twice", "R39: a name twice is 400", lambda: Rewritten(query(lambda pairs, _: list(dict(pairs).items()))), "items.query-unknown-ignored"),
    ("limit-capped", "F13: limit to 100", lambda: Rewritten(value_of("limit", lambda v: "50" if v.isdigit() and 50 < int(v) <= 100 else v)), "items.limit-bounds"),
    ("stamp-cut-to-seconds", "R30: borders are exact to the microsecond", lambda: Rewritten(value_of("lastSyncTimestamp", lambda v: f"{v[:19]}Z" if len(v) == 27 else v)), "sync.border"),
    ("search-trimmed", "openapi: every character matches itself", lambda: Rewritten(value_of("search", lambda v: v.strip() or v)), "items.search-white-space"),
    ("tags-lowered", "openapi: text comes back as it was sent", lambda: Rewritten(_sent("create update", lambda v: v.update(tags=[str(t).lower() for t in v["tags"]]) if v.get("tags") else None)), "items.unicode-survives"),
    ("metadata-names-lowered", "openapi: text comes back as it was sent", lambda: Rewritten(_sent("create update", lambda v: v.update(metadata={k.lower(): t for k, t in v["metadata"].items()}) if v.get("metadata") else None)), "items.unicode-survives"),
    ("title-trimmed", "openapi: text comes back as it was sent", lambda: Rewritten(_sent("create update", _text("title", str.strip))), "items.unicode-survives"),
    ("title-normalised", "openapi: no normalisation", lambda: Rewritten(_sent("create update", _text("title", lambda t: unicodedata.normalize("NFC", t)))), "items.unicode-survives"),
    ("body-cut", "Body: 100,000 characters", lambda: Rewritten(_sent("create update", _text("body", lambda t: t[:65535] if len(t) <= 100000 else t))), "items.largest-survives"),
    ("notify-lost", "asyncapi: showNotification where it was asked for", lambda: Rewritten(_sent("publish", lambda v: v.pop("notify", None))), "realtime.event-per-change"),
    ("backup-lost", "R28", lambda: Rewritten(_sent("revert", lambda v: v.update(createBackup=False) if v.get("createBackup") is True else None)), "revert.backup"),
    ("bulk-shuffled", "openapi: in the order given", lambda: Rewritten(_sent("bulk", _bulk_shuffled)), "bulk.in-order"),
    ("device-lost", "openapi: one session a device", lambda: Rewritten(_sent("login", lambda v: [v.pop(n, None) for n in ("deviceId", "platform")] if len(v) == 4 else None)), "auth.one-session-a-device"),
)  # fmt: skip
ALONG = {"stale-sync": "sync"}
FORWARDING: tuple[Row, ...] = tuple(
    Row(
        name=name,
        why=why,
        make=make,
        manner=Framing(head_length=False),
        checks=tuple(checks.split()),
        along=ALONG.get(name, ""),
    )
    for name, why, make, checks in _ROWS
)
