"""Faults of a layer that half understands the API: it counts again, sorts again, keeps, repeats and tidies up what it hands on."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.differences.faults.answer_faults import OTHER, every_item, header, status
from tests.differences.faults.forwarding_faults import Cached, Rewritten, query, value_of
from tests.differences.faults.matching import answered, good, of
from tests.differences.proxy.message import Answer, Forward, Request
from tests.differences.row import Intercept, Row

Data = dict[str, Any]


class Replayed(Intercept):
    """A creation that is repeated under its key is 200: nothing was created this time."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def answer(self, request: Request, answer: Answer) -> Answer:
        key = request.header("idempotency-key")
        if not of("create", request) or answer.status != 201 or not key:
            return answer
        if key in self._seen:
            return replace(answer, status=200, reason="OK")
        self._seen.add(key)
        return answer


class Kept(Intercept):
    """The first good answer to each of these requests is given again, for ever. `key` None: not one of them."""

    def __init__(self, key: Callable[[Request], tuple[str, str] | None]) -> None:
        self._key = key
        self._kept: dict[tuple[str, str], Answer] = {}

    async def handle(self, request: Request, forward: Forward) -> Answer:
        key = self._key(request)
        if key in self._kept:
            return self._kept[key]
        answer = await forward(request)
        if key is not None and answer.good:
            self._kept[key] = answer
        return answer


def _titled(request: Request) -> tuple[str, str] | None:
    """Creations of one user with one title are one."""
    value = request.json
    if not of("create", request) or not isinstance(value, dict):
        return None
    return str(value.get("title")), request.header("authorization")


def _refreshed(request: Request) -> tuple[str, str] | None:
    return ("", request.header("authorization")) if of("refresh", request) else None


class ConflictsRetried(Intercept):
    """An update from an old version is made again from the present one: the last writer wins."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not of("update", request) or answer.code != "VERSION_CONFLICT":
            return answer
        value = {**request.json, "version": answer.json["details"]["currentVersion"]}
        return await forward(replace(request, body=json.dumps(value).encode()))


class GraceLost(Intercept):
    """A refresh token counts once, and its repeat within the grace is forged."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def request(self, request: Request) -> Request:
        token = request.header("authorization")
        if not of("refresh", request):
            return request
        if token in self._used:
            return request.with_header("Authorization", f"{token[:-2]}xx")
        self._used.add(token)
        return request


class AccessKept(Intercept):
    """A refresh answers with the access token that there was, which is good still."""

    def __init__(self) -> None:
        self._access: dict[str, str] = {}

    def answer(self, request: Request, answer: Answer) -> Answer:
        if not of("login refresh", request) or not answer.good:
            return answer
        value = answer.json
        tokens = value["tokens"]
        kept = self._access.get(request.header("authorization").rpartition(" ")[2])
        tokens["accessToken"] = kept or tokens["accessToken"]
        self._access[tokens["refreshToken"]] = tokens["accessToken"]
        return answer.with_json(value)


class MetadataMerged(Intercept):
    """An update adds to the metadata that there is."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        value = request.json
        if (
            not of("update", request)
            or not isinstance(value, dict)
            or not isinstance(value.get("metadata"), dict)
        ):
            return await forward(request)
        read = await forward(replace(request, method="GET", body=b""))
        if read.good:
            value["metadata"] = {**read.json["data"]["metadata"], **value["metadata"]}
        return await forward(replace(request, body=json.dumps(value).encode()))


class OldTags(Intercept):
    """A revert answers with the tags of the version before it."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        if not of("revert", request):
            return await forward(request)
        item = request.target.rpartition("/")[0]
        read = await forward(replace(request, method="GET", target=item, body=b""))
        answer = await forward(request)
        if not (answer.good and read.good):
            return answer
        value = answer.json
        value["data"]["tags"] = read.json["data"]["tags"]
        return answer.with_json(value)


class PresentTag(Intercept):
    """An old version has the entity tag of the present one."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not of("item", request) or "version=" not in request.target or not answer.good:
            return answer
        return answer.with_header(
            "ETag", (await forward(replace(request, target=request.path))).header("etag")
        )


class LengthOneTooLate(Intercept):
    """A title that is one character too long is cut and taken."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        value = request.json if of("create", request) and answer.status == 400 else None
        if (
            not isinstance(value, dict)
            or not isinstance(value.get("title"), str)
            or len(value["title"]) != 201
        ):
            return answer
        return await forward(
            replace(request, body=json.dumps({**value, "title": value["title"][1:]}).encode())
        )


def _code(was: str, now: str) -> Callable[[], Intercept]:
    def change(request: Request, answer: Answer) -> Answer:
        kind = f"tag:tchat.com,2026:{now.lower().replace('_', '-')}"
        return answer.with_json({**answer.json, "code": now, "type": kind}) if answer.code == was else answer

    return answered("", change)


def _problems(**members: Any) -> Callable[[], Intercept]:
    def change(request: Request, answer: Answer) -> Answer:
        value = answer.json
        return (
            answer.with_json({**value, **members})
            if answer.status >= 400 and isinstance(value, dict)
            else answer
        )

    return answered("", change)


def _data(names: str, change: Callable[[Any], object]) -> Callable[[], Intercept]:
    """Alter what stands under `data` in place."""

    def alter(value: Any, request: Request) -> None:
        change(value["data"])

    return good(names, alter)


def _last_has_no_before(data: Data) -> None:
    if not data["pagination"]["hasNext"]:
        data["pagination"]["hasPrev"] = False


def _never_no_page(data: Data) -> None:
    data["pagination"]["totalPages"] = max(1, data["pagination"]["totalPages"])


def _last_twice(data: Data) -> None:
    if len(data["data"]) > 2:
        data["data"][-1] = data["data"][-2]


def _ids_swapped(data: Data) -> None:
    failed = data["failedOperations"]
    if len(failed) > 1:
        failed[0]["id"], failed[1]["id"] = failed[1]["id"], failed[0]["id"]


def _counted_again(data: Data) -> None:
    data["successfulOperations"] += bool(data["failedOperations"])


def _one_more(nodes: list[Data]) -> None:
    for node in nodes:
        node["itemCount"] += 1
        _one_more(node["children"])


def _turned(nodes: list[Data]) -> None:
    nodes.reverse()
    for node in nodes:
        _turned(node["children"])


def _reverts_hidden(data: list[Data]) -> None:
    for version in data:
        if version["changeType"] == "reverted":
            version["changeType"] = "updated"


def _first_published(data: list[Data]) -> None:
    for version in data:
        if version["version"] == 1:
            version["snapshot"]["status"] = "published"


def _ties_turned(value: Any, request: Request) -> None:
    """Rows that are equal in what they are sorted by stand the other way round."""
    rows, key = value["data"]["data"], request.query.get("sortBy", "updatedAt")
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end].get(key) != rows[start].get(key):
            rows[start:end] = rows[start:end][::-1]
            start = end


def _sync_both(value: Any, request: Request) -> None:
    data = value["data"]
    if request.query.get("includeDeleted") == "true":
        data["deleted"] += [{"id": item["id"], "deletedAt": item["updatedAt"]} for item in data["items"][-1:]]


def _stamp_kept(value: Any, request: Request) -> None:
    data = value["data"]
    if not data["items"] and not data["deleted"]:
        data["syncTimestamp"] = request.query["lastSyncTimestamp"]


def _with_subcategories(request: Request) -> Request:
    if not of("category", request) or "includeSubcategories" in request.target:
        return request
    return replace(
        request, target=f"{request.target}{'&' if '?' in request.target else '?'}includeSubcategories=true"
    )


def _status_lost(pairs: list[tuple[str, str]], request: Request) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] != "status"] if dict(pairs).get("category") else pairs


def _first_tag_only(request: Request) -> Request:
    told = request.header("if-none-match")
    return request.with_header("If-None-Match", told.partition(",")[0]) if told else request


def _always_valid(request: Request, answer: Answer) -> Answer:
    body = {"valid": True, "userId": "u-demo", "sessionId": "s", "expiresAt": "2030-01-01T00:00:00.000000Z"}
    if answer.status != 401:
        return answer
    fields = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
    return Answer(status=200, headers=fields, body=b"").with_json(body)


_ROWS: tuple[tuple[str, str, Callable[[], Intercept], str], ...] = (
    ("replay-is-200", "R31: a replay is the stored answer", Replayed, "http.idempotency-replay"),
    ("create-deduplicated", "R31: without a key each creation makes an item", lambda: Kept(_titled), "http.without-key-creates-twice"),
    ("conflicts-retried", "R17: lost updates cannot be expressed", ConflictsRetried, "items.conflict-on-stale-version"),
    ("grace-for-ever", "R6: reuse after the grace revokes the family", lambda: Kept(_refreshed), "auth.refresh-reuse-revokes-family"),
    ("grace-lost", "R6: within the grace the same pair", GraceLost, "auth.refresh-grace-same-pair"),
    ("access-kept", "R6: a refresh gives a new pair", AccessKept, "auth.expiry"),
    ("metadata-merged", "openapi: a member is set whole", MetadataMerged, "items.update-merges"),
    ("revert-with-old-tags", "openapi: the content of that version", OldTags, "revert.content"),
    ("etag-of-the-present", "RFC 9110 8.8: the tag of what is sent", PresentTag, "versions.etag-of-version"),
    ("etag-lost-on-304", "RFC 9110 15.4.5", answered("item", lambda q, a: a.with_header("ETag", None) if a.status == 304 else a), "http.not-modified"),
    ("etag-lost-on-head", "RFC 9110 9.3.2", answered("", lambda q, a: a.with_header("ETag", None) if q.method == "HEAD" else a), "http.head"),
    ("first-tag-only", "RFC 9110 13.1.2: a list of tags", lambda: Rewritten(_first_tag_only), "http.not-modified"),
    ("details-lost", "R17: both numbers are told", answered("update", lambda q, a: a.with_json({**a.json, "details": {}}) if a.code == "VERSION_CONFLICT" else a), "items.conflict-on-stale-version"),
    ("too-large-is-400", "R20: each status has one meaning", answered("", status(413, 400)), "http.too-large"),
    ("media-type-is-400", "R20: each status has one meaning", answered("", status(415, 400)), "http.media-type"),
    ("precondition-is-409", "RFC 9110 13.1.1", answered("", status(412, 409)), "http.if-match"),
    ("invalid-is-422", "R20: 400", answered("", status(400, 422)), "http.no-json"),
    ("throttled-is-401", "R32: 429", answered("login", status(429, 401)), "auth.login-throttled"),
    ("retry-after-lost", "R32: 429 says when", answered("", header("retry-after", lambda t: None)), "auth.login-throttled"),
    ("allow-lost", "RFC 9110 15.5.6", answered("", header("allow", lambda t: None)), "http.method-not-allowed"),
    ("no-store-lost", "R11: answers with tokens are not kept", answered("", header("cache-control", lambda t: None)), "auth.no-store"),
    ("old-version-is-no-item", "openapi: VERSION_NOT_FOUND", _code("VERSION_NOT_FOUND", "CONTENT_NOT_FOUND"), "items.failed-write-inert"),
    ("expired-is-invalid", "openapi: TOKEN_EXPIRED", _code("TOKEN_EXPIRED", "TOKEN_INVALID"), "auth.expiry"),
    ("reused-is-invalid", "R6: REFRESH_REUSED", _code("REFRESH_REUSED", "TOKEN_INVALID"), "auth.refresh-reuse-revokes-family"),
    ("category-is-a-state", "openapi: CATEGORY_UNKNOWN", _code("CATEGORY_UNKNOWN", "INVALID_STATE"), "items.category-unknown"),
    ("length-one-too-late", "openapi: maxLength", LengthOneTooLate, "keywords.exact"),
    ("request-ids-alike", "openapi: a problem repeats X-Request-Id", _problems(requestId="r-1"), "http.request-id"),
    ("messages-alike", "R18: message is detail", _problems(message="Something went wrong"), "shape.problems"),
    ("last-page-has-no-before", "F1: hasPrev", _data("list category", _last_has_no_before), "items.pagination-agrees"),
    ("empty-list-has-a-page", "F1: totalPages", _data("list category", _never_no_page), "items.empty-list"),
    ("last-row-twice", "openapi: pages joined are the list", _data("list category", _last_twice), "items.pages-disjoint"),
    ("ties-turned", "F13: ties by id", good("list", _ties_turned), "items.order"),
    ("list-bodies-cut", "openapi: lists show items whole", every_item(lambda i: i.update(body=i["body"][:20]), "list category"), "items.list-shows-present-state"),
    ("platforms-sorted", "openapi: in the order given", every_item(lambda i: i["platforms"].sort()), "items.largest-survives"),
    ("category-empty-for-null", "openapi: null", every_item(lambda i: i.update(category=i["category"] or "")), "items.create-defaults"),
    ("published-at-rounded", "openapi: publishedAt never changes again", every_item(lambda i: i.update(publishedAt=i["publishedAt"] and f"{i['publishedAt'][:19]}.000000Z")), "items.publish"),
    ("authors-follow", "openapi: createdBy never changes", every_item(lambda i: i.update(createdBy=i["updatedBy"])), "versions.authors"),
    ("bulk-ids-swapped", "openapi: the id of the operation", _data("bulk", _ids_swapped), "bulk.partial-failure"),
    ("bulk-counted-again", "openapi: each operation once", _data("bulk", _counted_again), "bulk.partial-failure"),
    ("bulk-first-failure-only", "openapi: each operation once", _data("bulk", lambda d: d["failedOperations"].__delitem__(slice(1, None))), "bulk.partial-failure"),
    ("bulk-is-207", "R19: 200", answered("bulk", status(200, 207)), "bulk.partial-failure"),
    ("tree-turned", "R29: in the order of ids", _data("tree", _turned), "categories.tree"),
    ("tree-counts-one-more", "R29: itemCount", _data("tree", _one_more), "categories.counts"),
    ("subcategories-by-themselves", "F13: includeSubcategories is false", lambda: Rewritten(_with_subcategories), "categories.items"),
    ("status-lost-in-a-category", "F13: filters apply together", lambda: Rewritten(query(_status_lost)), "items.filters-joined"),
    ("end-date-begins-the-day", "openapi: a date is its whole day", lambda: Rewritten(value_of("endDate", lambda v: f"{v}T00:00:00Z" if len(v) == 10 else v)), "categories.dates-whole-days"),
    ("reverts-hidden", "openapi: changeType", _data("versions", _reverts_hidden), "versions.change-types"),
    ("first-snapshot-published", "openapi: a snapshot is the item at that version", _data("versions", _first_published), "versions.snapshots"),
    ("sync-in-both", "openapi: deleted, or shown", good("sync", _sync_both), "sync.full-state"),
    ("sync-more-never", "openapi: hasMore", _data("sync", lambda d: d.update(hasMore=False)), "sync.has-more"),
    ("sync-newest-first", "openapi: ascending", _data("sync", lambda d: d["items"].reverse()), "sync.order"),
    ("sync-stamp-kept", "R30: the window reaches to the present", good("sync", _stamp_kept), "sync.future"),
    ("verify-always", "openapi: 200 exactly when the token is accepted", answered("verify", _always_valid), "auth.verify"),
    ("logout-unsuccessful", "openapi: success is true", good("logout", lambda v, q: v.update(success=False)), "auth.logout-ends-session"),
    ("permissions-short", "R23", good("login", lambda v, q: v["permissions"].remove("content:read") if "content:read" in v["permissions"] else None), "permissions.matrix"),
    ("metrics-capped", "F11: accepted counts what came", good("metrics", lambda v, q: v.update(accepted=min(v["accepted"], 100))), "http.metrics-count"),
    ("items-kept-for-a-moment", "openapi: a change is visible to every read after its answer", lambda: Cached("item", seconds=0.3), "items.update-merges"),
)  # fmt: skip
LAYER: tuple[Row, ...] = tuple(
    Row(name=name, why=why, make=make, manner=OTHER, checks=tuple(checks.split()))
    for name, why, make, checks in _ROWS
)
