"""Faults in answers: what a proxy, a gateway or a careless serialiser makes of a right one. Each must turn checks red."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.suite.world.embedded_server import ORIGIN
from tests.differences.faults.matching import answered, good, items_of, of
from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Request
from tests.differences.row import Intercept, Row

READS = "item list category"
ITEMS = "item list category create update publish revert"


def _each(change: Callable[[dict[str, Any]], None]) -> Callable[[Any, Request], None]:
    def alter(value: Any, request: Request) -> None:
        for item in items_of(value):
            change(item)

    return alter


def _swap(left: str, right: str) -> Callable[[dict[str, Any]], None]:
    def change(item: dict[str, Any]) -> None:
        item[left], item[right] = item[right], item[left]

    return change


def _set(name: str, made: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def change(item: dict[str, Any]) -> None:
        item[name] = made(item[name])

    return change


def _short(value: Any, request: Request) -> None:
    if int(request.query.get("page", "1")) % 2 == 0 and value["data"]["data"]:
        value["data"]["data"].pop()


def _total_of_second(value: Any, request: Request) -> None:
    if request.query.get("page") == "2":
        value["data"]["pagination"]["total"] += 1


def _truncated(value: Any, request: Request) -> None:
    del value["data"]["items"][3:]


def _more(value: Any, request: Request) -> None:
    value["data"]["hasMore"] = bool(value["data"]["items"])


def _oldest_first(value: Any, request: Request) -> None:
    value["data"].reverse()


def _snapshots_of_now(value: Any, request: Request) -> None:
    for version in value["data"]:
        version["snapshot"] = value["data"][0]["snapshot"]


def _never_backup(value: Any, request: Request) -> None:
    for version in value["data"]:
        version["backup"] = False


def _last_child_lost(value: Any, request: Request) -> None:
    for root in value["data"]:
        del root["children"][1:]


def _parents_lost(value: Any, request: Request) -> None:
    for root in value["data"]:
        for child in root["children"]:
            child["parentId"] = None


def _index_from_one(value: Any, request: Request) -> None:
    for failed in value["data"]["failedOperations"]:
        failed["index"] += 1


def _one_code(value: Any, request: Request) -> None:
    for failed in value["data"]["failedOperations"]:
        failed["code"] = "VERSION_CONFLICT"


def _milliseconds(value: Any, request: Request) -> None:
    value["tokens"]["expiresIn"] *= 1000


def _other_user(value: Any, request: Request) -> None:
    value["user"]["id"] = "u-somebody"


def _one_session(value: Any, request: Request) -> None:
    value["sessionId"] = "s-1"


def _old_refresh_token(value: Any, request: Request) -> None:
    value["tokens"]["refreshToken"] = request.header("authorization").rpartition(" ")[2]


def _current_off(request: Request, answer: Answer) -> Answer:
    value = answer.json
    if answer.code != "VERSION_CONFLICT":
        return answer
    value["details"]["currentVersion"] += 1
    return answer.with_json(value)


def status(was: int, now: int) -> Callable[[Request, Answer], Answer]:
    """Another status; a problem document tells it too, so that nothing else gives it away."""

    def change(request: Request, answer: Answer) -> Answer:
        if answer.status != was:
            return answer
        answer = replace(answer, status=now, reason="")
        value = answer.json
        return (
            answer.with_json({**value, "status": now})
            if isinstance(value, dict) and "status" in value
            else answer
        )

    return change


def _page(request: Request, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return replace(answer.with_header("Content-Type", "text/html"), body=b"<h1>404 Not Found</h1><hr>nginx")


def _error_as_success(request: Request, answer: Answer) -> Answer:
    if answer.status != 404 or not of("item", request):
        return answer
    made = answer.with_header("Content-Type", "application/json").with_json(
        {"data": None, "error": "not found"}
    )
    return replace(made, status=200, reason="OK")


def _to_login(request: Request, answer: Answer) -> Answer:
    if answer.status != 401 or of("login refresh", request):
        return answer
    return Answer(status=302, reason="Found", headers=(("Location", "/login"),), body=b"")


def _stamps(was: str, now: str) -> Callable[[Request, Answer], Answer]:
    def change(request: Request, answer: Answer) -> Answer:
        return replace(answer, body=re.sub(was.encode(), now.encode(), answer.body))

    return change


def header(name: str, made: Callable[[str], str | None]) -> Callable[[Request, Answer], Answer]:
    def change(request: Request, answer: Answer) -> Answer:
        told = answer.header(name)
        return answer.with_header(name, made(told)) if told else answer

    return change


def _tells_token(request: Request, answer: Answer) -> Answer:
    return replace(
        answer, headers=(*answer.headers, ("X-Debug-Auth", request.header("authorization") or "none"))
    )


def _any_origin(request: Request, answer: Answer) -> Answer:
    origin = request.header("origin")
    if not origin:
        return answer
    answer = answer.with_header("Access-Control-Allow-Origin", origin)
    return answer.with_header("Access-Control-Allow-Credentials", "true")


def _empty_challenge(request: Request, answer: Answer) -> Answer:
    return answer.with_header("WWW-Authenticate", 'Bearer realm="tchat"') if answer.status == 401 else answer


def _one_message(request: Request, answer: Answer) -> Answer:
    """Every error is said to be the one problem that the gateway knows."""
    value = answer.json
    if answer.status < 400 or not isinstance(value, dict) or value.get("code") == "INTERNAL":
        return answer
    return answer.with_json(
        {**value, "code": "VALIDATION_FAILED", "type": "tag:tchat.com,2026:validation-failed"}
    )


class Corrupted(Intercept):
    """One letter of one answer in twenty is another one."""

    def __init__(self) -> None:
        self._chance = random.Random(20)

    def answer(self, request: Request, answer: Answer) -> Answer:
        if not answer.good or not of("item list sync versions", request) or self._chance.random() > 0.05:
            return answer
        value = answer.json
        for item in items_of(value)[-1:]:
            item["title"] = item["title"][:-1] + ("x" if item["title"][-1] != "x" else "y")
        return answer.with_json(value)


def every_item(change: Callable[[dict[str, Any]], None], names: str = ITEMS) -> Callable[[], Intercept]:
    return good(names, _each(change))


OTHER = Framing(head_length=False)
_ROWS: tuple[tuple[str, str, Callable[[], Intercept], str], ...] = (
    ("stamps-swapped", "F7: createdAt and updatedAt", every_item(_swap("createdAt", "updatedAt"), READS), "items.update-merges"),
    ("titles-lowered", "openapi: text comes back as it was sent", every_item(_set("title", str.lower), "list"), "items.order"),
    ("titles-html", "RFC 8259: text comes back as it was sent", every_item(_set("title", lambda t: t.replace("&", "&amp;").replace("<", "&lt;"))), "items.unicode-survives"),
    ("body-null", "openapi: body is a string", every_item(_set("body", lambda t: t or None)), "shape.answers"),
    ("version-text", "F7: version is an integer", every_item(_set("version", str), "list"), "shape.answers"),
    ("tags-sorted", "Tags: in the order given", every_item(_set("tags", sorted)), "items.create-keeps-what-was-sent"),
    ("metadata-emptied", "openapi: all that was sent comes back", every_item(_set("metadata", lambda m: {}), "list sync"), "items.list-shows-present-state"),
    ("published-at-moves", "openapi: publishedAt never changes again", every_item(lambda i: i.update(publishedAt=i["publishedAt"] and i["updatedAt"])), "items.publish-once-stamped"),
    ("archived-as-draft", "R21: an archived item says so", every_item(_set("status", lambda s: "draft" if s == "archived" else s), "item"), "items.archive"),
    ("authors-lost", "openapi: updatedBy is the last author", every_item(lambda i: i.update(updatedBy=i["createdBy"])), "versions.authors"),
    ("second-page-short", "openapi: pages joined are the list", good("list category", _short), "items.pages-disjoint"),
    ("second-page-total", "openapi: total is the whole list's", good("list", _total_of_second), "items.pagination-agrees"),
    ("sync-truncated", "R30: sync loses nothing", good("sync", _truncated), "sync.full-state"),
    ("sync-more-always", "openapi: with hasMore the next window is not empty", good("sync", _more), "sync.has-more"),
    ("sync-deleted-lost", "openapi: archived items are in deleted", good("sync", lambda v, q: v["data"].update(deleted=[])), "sync.deleted"),
    ("versions-oldest-first", "openapi: newest first", good("versions", _oldest_first), "versions.newest-first"),
    ("snapshots-of-now", "openapi: a snapshot is the item at that version", good("versions", _snapshots_of_now), "versions.snapshots"),
    ("backup-never", "R28: createBackup marks", good("versions", _never_backup), "revert.backup"),
    ("last-children-lost", "R29: every category is in the tree", good("tree", _last_child_lost), "categories.subcategories"),
    ("parents-lost", "R29: parentId names the parent", good("tree", _parents_lost), "categories.tree"),
    ("bulk-index-from-one", "openapi: index counts from 0", good("bulk", _index_from_one), "bulk.partial-failure"),
    ("bulk-one-code", "openapi: the code of the single call", good("bulk", _one_code), "bulk.partial-failure"),
    ("metrics-one", "F11: accepted counts what came", good("metrics", lambda v, q: {"accepted": 1}), "http.metrics-count"),
    ("expires-in-ms", "R4: expiresIn is in seconds", good("login refresh", _milliseconds), "auth.expires-in"),
    ("login-other-user", "openapi: who logged in", good("login", _other_user), "auth.verify"),
    ("verify-one-session", "openapi: sessionId is the session's", good("verify", _one_session), "auth.verify"),
    ("refresh-token-kept", "R6: each use rotates", good("refresh", _old_refresh_token), "auth.refresh-rotates"),
    ("created-is-200", "R25: 201", answered("create", status(201, 200)), "smoke.reaches"),
    ("options-is-200", "R37: OPTIONS is 204", answered("", lambda q, a: status(204, 200)(q, a) if q.method == "OPTIONS" else a), "http.options"),
    ("unauthorized-is-403", "R20: each status has one meaning", answered("", status(401, 403)), "tokens.required-everywhere"),
    ("forbidden-is-404", "R23: a missing permission is 403", answered("", status(403, 404)), "permissions.matrix"),
    ("conflict-is-412", "F9: 409", answered("update", status(409, 412)), "items.conflict-on-stale-version"),
    ("conflict-number-off", "R17: both numbers are told", answered("update", _current_off), "items.conflict-on-stale-version"),
    ("not-found-page", "R18: errors are problem documents", answered("", _page), "shape.problems"),
    ("not-found-as-success", "never 200 with an error body", answered("", _error_as_success), "items.not-found"),
    ("login-redirect", "R24: 401", answered("", _to_login), "tokens.required-everywhere"),
    ("one-code-for-all", "R18: code says what went wrong", answered("", _one_message), "items.not-found"),
    ("challenge-without-error", "R24: error=invalid_token", answered("", _empty_challenge), "shape.problems"),
    ("stamps-without-zone", "openapi: stamps end with Z", answered("", _stamps(r'(\d\d\.\d{6})Z"', r'\1"')), "shape.answers"),
    ("stamps-offset", "openapi: stamps end with Z", answered("", _stamps(r'(\d\d\.\d{6})Z"', r'\1+00:00"')), "shape.answers"),
    ("stamps-to-millisecond", "R30: microseconds, strictly increasing", answered("", _stamps(r'(\d\d\.\d{3})\d{3}Z"', r'\g<1>000Z"')), "sync.border"),
    ("etag-weak", "openapi: a strong tag", answered("", header("etag", lambda t: f"W/{t}")), "http.etag"),
    ("etag-lost-on-update", "openapi: ETag on 200", answered("update", header("etag", lambda t: None)), "http.etag"),
    ("etag-frozen", "RFC 9110 8.8: the tag of the version sent", answered("item update", header("etag", lambda t: '"v1"')), "http.etag"),
    ("location-other-path", "R25: Location reads the new item", answered("create", header("location", lambda t: t.replace("/content/items", "/items"))), "items.location-resolves"),
    ("location-of-another", "R25: Location reads the new item", answered("create", header("location", lambda t: f"{t[:-1]}{'a' if t[-1] != 'a' else 'b'}")), "items.location-resolves"),
    ("allow-short", "RFC 9110 10.2.1: Allow is exact", answered("", header("allow", lambda t: t.replace("OPTIONS, ", ""))), "http.options"),
    ("cache-public", "openapi: private, no-cache", answered("", header("cache-control", lambda t: t.replace("private, no-cache", "public, max-age=60"))), "shape.answers"),
    ("tokens-in-headers", "R11: no token in an answer", answered("", _tells_token), "shape.secrets"),
    ("cors-any-origin", "R9: an explicit list of origins", answered("", _any_origin), "http.foreign-origin"),
    ("cors-lost", "R9: the web client's origin is let in", answered("", header("access-control-allow-origin", lambda t: None)), "http.own-origin"),
    ("cors-credentials-lost", "R9: with credentials", answered("", header("access-control-allow-credentials", lambda t: None)), "http.own-origin"),
    ("vary-lost", "Fetch, CORS protocol and HTTP caches", answered("", header("vary", lambda t: None)), "http.own-origin"),
    ("corrupted-one-in-twenty", "openapi: text comes back as it was sent", Corrupted, "races.reads-linearizable"),
)  # fmt: skip
ALONG = {"not-found-page": "shape.problems or http.unknown-routes"}
ANSWERS: tuple[Row, ...] = tuple(
    Row(
        name=name,
        why=why,
        make=make,
        manner=OTHER,
        checks=tuple(checks.split()),
        along=ALONG.get(name, ""),
        options=("--origin", ORIGIN) if name == "cors-lost" else (),
    )
    for name, why, make, checks in _ROWS
)
