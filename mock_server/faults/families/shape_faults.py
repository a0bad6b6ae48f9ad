"""Faults of the shape of responses: missing, extra, renamed or mistyped members, wrong envelopes and headers."""

from functools import partial
from typing import Any

from mock_server import stamps
from mock_server.faults.families import entry
from mock_server.faults.transform import (
    added_header,
    drop,
    header,
    raw,
    rename,
    replace,
    whole,
    without_header,
)

_answer = partial(entry.answer, "shape")
_ITEM = "getContentItem"
_LIST = "getContentItems"


def _enveloped(document: Any) -> bool:
    return isinstance(document, dict) and "data" in document


def _problem(document: Any) -> bool:
    return isinstance(document, dict) and "code" in document and "status" in document


def _without_errors(document: Any) -> Any:
    return {key: value for key, value in document.items() if key != "details"}


def _flat(nodes: list[Any]) -> list[Any]:
    return [one for node in nodes for one in ({**node, "children": []}, *_flat(node["children"]))]


MEMBERS = (
    _answer("item-without-version", "F7", "An item has no version.", "shape.answers", "items", drop("/data/version")),
    _answer("item-without-updated-at", "F7", "An item has no updatedAt.", "shape.answers", "items",
            drop("/data/updatedAt")),
    _answer("item-without-null-category", "openapi", "A category that is null is left out.", "shape.answers", "items",
            whole(lambda d: {"data": {k: v for k, v in d["data"].items() if k != "category"}},
                  where=lambda d: _enveloped(d) and isinstance(d["data"], dict) and d["data"].get("category", 1) is None)),
    _answer("item-version-text", "F7", "An item's version is a string.", "shape.answers", "items",
            replace("/data/version", str)),
    _answer("item-version-fraction", "F7", "An item's version is a number and a half.", "shape.answers", _ITEM,
            replace("/data/version", lambda v: v + 0.5)),
    _answer("item-id-number", "R1", "An item's id is a number.", "shape.answers", "items",
            replace("/data/id", len)),
    _answer("item-extra-member", "OWASP API3", "An item shows a member of the database, `rowid`.", "shape.answers",
            "items", replace("/data", lambda item: {**item, "rowid": 1})),
    _answer("item-snake-case", "F7", "createdAt is called created_at.", "shape.answers", "items",
            rename("/data/createdAt", "created_at")),
    _answer("item-stamp-number", "F7", "updatedAt is a number of milliseconds.", "shape.answers", "items",
            replace("/data/updatedAt", lambda at: stamps.parse(at) // 1000)),
    _answer("item-stamp-without-zone", "F7", "updatedAt has no zone.", "shape.answers", "items",
            replace("/data/updatedAt", lambda at: at.rstrip("Z"))),
    _answer("item-stamp-millis", "R30", "updatedAt has three fraction digits.", "shape.answers", "items",
            replace("/data/updatedAt", lambda at: f"{at[:-4]}Z")),
    _answer("item-stamp-offset", "R30", "updatedAt ends in +00:00 in place of Z.", "shape.answers", "items",
            replace("/data/updatedAt", lambda at: at.replace("Z", "+00:00"))),
    _answer("item-tags-null", "openapi", "Tags are null.", "shape.answers", "items",
            replace("/data/tags", lambda tags: None)),
    _answer("item-tags-text", "openapi", "Tags are one string, joined by commas.", "shape.answers", "items",
            replace("/data/tags", ",".join)),
    _answer("item-status-unknown", "F7", "The status is in capital letters.", "shape.answers", "items",
            replace("/data/status", str.upper)),
    _answer("item-category-object", "F7", "The category is an object with its id.", "shape.answers", "items",
            replace("/data/category", lambda category: {"id": category})),
    _answer("list-item-without-status", "F7", "Items of a list have no status.", "shape.answers", "lists",
            drop("/data/data/*/status")),
    _answer("list-item-extra-member", "OWASP API3", "Items of a list show `workspaceId`.", "shape.answers", "lists",
            replace("/data/data/*", lambda item: {**item, "workspaceId": "tchat"})),
    _answer("list-without-pagination", "S:102", "A page has no pagination.", "shape.answers", "lists",
            drop("/data/pagination")),
    _answer("list-total-text", "openapi", "`total` is a string.", "shape.answers", "lists",
            replace("/data/pagination/total", str)),
    _answer("list-without-has-next", "openapi", "`hasNext` is missing.", "shape.answers", "lists",
            drop("/data/pagination/hasNext")),
    _answer("tree-without-parent", "R29", "Categories have no parentId.", "shape.answers", "getContentCategories",
            drop("/data/*/parentId")),
    _answer("tree-flat", "R29", "The category tree is a flat list.", "categories.tree",
            "getContentCategories", replace("/data", _flat)),
    _answer("tree-count-text", "openapi", "itemCount is a string.", "shape.answers", "getContentCategories",
            replace("/data/*/itemCount", str)),
    _answer("version-without-snapshot", "openapi", "Versions have no snapshot.", "shape.answers",
            "getContentVersions", drop("/data/*/snapshot")),
    _answer("version-id-number", "F7", "A version's id is its number.", "shape.answers", "getContentVersions",
            replace("/data/*/id", lambda name: int(name.rpartition("v")[2]))),
    _answer("sync-deleted-ids", "openapi", "`deleted` holds bare ids.", "shape.answers", "syncContent",
            replace("/data/deleted/*", lambda entry: entry["id"])),
    _answer("sync-without-has-more", "openapi", "`hasMore` is missing.", "shape.answers", "syncContent",
            drop("/data/hasMore")),
    _answer("sync-stamp-number", "R30", "syncTimestamp is a number of milliseconds.", "shape.answers", "syncContent",
            replace("/data/syncTimestamp", lambda at: stamps.parse(at) // 1000)),
    _answer("bulk-success-list", "F8", "successfulOperations is an array.", "shape.answers", "bulkUpdateContent",
            replace("/data/successfulOperations", lambda count: [None] * count)),
    _answer("bulk-failed-count", "F8", "failedOperations is a number.", "shape.answers", "bulkUpdateContent",
            replace("/data/failedOperations", len)),
    _answer("bulk-error-object", "F8", "`error` of a failed operation is an object.", "shape.answers",
            "bulkUpdateContent", replace("/data/failedOperations/*/error", lambda text: {"message": text})),
    _answer("login-without-permissions", "S:785", "Login does not answer the permissions.", "shape.answers", "login",
            drop("/permissions")),
    _answer("login-permissions-text", "S:785", "Permissions are one string.", "shape.answers", "login",
            replace("/permissions", " ".join)),
    _answer("tokens-snake-case", "R4", "accessToken is called access_token.", "shape.answers", "tokens",
            rename("/tokens/accessToken", "access_token")),
    _answer("tokens-without-refresh", "R4", "The refresh token is missing.", "shape.answers", "tokens",
            drop("/tokens/refreshToken")),
    _answer("tokens-type-lower", "R4", "tokenType is `bearer`.", "shape.answers", "tokens",
            replace("/tokens/tokenType", str.lower)),
    _answer("login-shows-hash", "OWASP API3", "The user of a login shows the password's hash.", "shape.answers",
            "login", replace("/user", lambda user: {**user, "passwordHash": "c2NyeXB0"})),
    _answer("metrics-without-count", "openapi", "The answer to metrics is empty.", "shape.answers", "ingestMetrics",
            drop("/accepted")),
    _answer("verify-valid-text", "openapi", "`valid` is a string.", "shape.answers", "verifyToken",
            replace("/valid", lambda valid: str(valid).lower())),
)  # fmt: skip

ENVELOPES = (
    _answer("item-bare", "F1", "An item comes without its envelope.", "shape.answers", "items",
            whole(lambda d: d["data"], where=_enveloped)),
    _answer("list-flat", "S:102", "A page is `{data: [...], pagination}`, one level too flat.", "shape.answers",
            "lists", whole(lambda d: d["data"], where=_enveloped)),
    _answer("list-array", "F1", "A page is a bare array in the envelope.", "shape.answers", "lists",
            replace("/data", lambda page: page["data"])),
    _answer("archive-wrapped", "S:303", "The answer of archive is wrapped in `data`.", "shape.answers",
            "archiveContent", whole(lambda d: {"data": d}, where=lambda d: "success" in d)),
    _answer("login-wrapped", "S:785", "The answer of login is wrapped in `data`.", "shape.answers", "login",
            whole(lambda d: {"data": d}, where=lambda d: "tokens" in d)),
    _answer("refresh-bare-pair", "R3", "Refresh answers the pair without `tokens`.", "shape.answers", "refreshTokens",
            whole(lambda d: d["tokens"], where=lambda d: "tokens" in d)),
    _answer("versions-paged", "F1", "Versions come in the envelope of a page.", "shape.answers", "getContentVersions",
            replace("/data", lambda versions: {"data": versions})),
    _answer("problem-nested", "F1", "A problem stands within `error`, as {message, code}.",
            "shape.problems shape.answers", "",
            whole(lambda d: {"error": {"message": d["message"], "code": d["code"]}}, where=_problem)),
    _answer("problem-without-code", "S:107", "Problems have no `code`.", "shape.problems shape.answers", "",
            whole(lambda d: {k: v for k, v in d.items() if k != "code"}, where=_problem)),
    _answer("problem-without-message", "S:107", "Problems have no `message`.", "shape.problems shape.answers", "",
            whole(lambda d: {k: v for k, v in d.items() if k != "message"}, where=_problem)),
    _answer("problem-status-differs", "RFC 9457 3.1.2", "`status` in a problem is 200.",
            "shape.problems", "", whole(lambda d: {**d, "status": 200}, where=_problem)),
    _answer("problem-without-errors", "R18", "VALIDATION_FAILED does not say what is wrong.",
            "shape.problems shape.answers", "",
            whole(_without_errors, where=lambda d: _problem(d) and d["code"] == "VALIDATION_FAILED")),
    _answer("conflict-without-current", "R17", "VERSION_CONFLICT does not tell the current version.",
            "items.conflict-on-stale-version shape.answers", "updateContentItem",
            whole(_without_errors, where=lambda d: _problem(d) and d["code"] == "VERSION_CONFLICT")),
    _answer("json-broken", "RFC 8259 2", "A comma follows the last member.", "shape.answers", _ITEM,
            raw(lambda body: body[:-1] + b",}")),
    _answer("json-byte-order-mark", "RFC 8259 8.1", "A byte order mark stands before the body.", "shape.answers",
            _ITEM, raw(lambda body: b"\xef\xbb\xbf" + body)),
    _answer("json-latin-1", "RFC 8259 8.1", "Bodies are in Latin-1.", "shape.answers", "items",
            raw(lambda body: body.decode().encode("latin-1", "replace"))),
)  # fmt: skip

_OK = (200, 201)
HEADERS = (
    _answer("media-type-html", "openapi", "A page is text/html.", "shape.answers", _LIST,
            header(b"content-type", lambda value: b"text/html", statuses=_OK)),
    _answer("media-type-missing", "RFC 9110 8.3", "An item has no Content-Type.", "shape.answers", _ITEM,
            without_header(b"content-type", statuses=_OK)),
    _answer("problem-media-type", "R18", "Problems are application/json.", "shape.problems shape.answers", "",
            header(b"content-type", lambda value: b"application/json", statuses=(400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429))),
    _answer("etag-missing", "RFC 9110 8.8.3", "An item has no ETag.", "shape.answers", _ITEM,
            without_header(b"etag")),
    _answer("etag-unquoted", "RFC 9110 8.8.3", "The ETag has no quotation marks.", "shape.answers", "items",
            header(b"etag", lambda value: value.strip(b'"'))),
    _answer("etag-weak", "RFC 9110 8.8.1", "The ETag is weak, so that If-Match never matches it.", "shape.answers",
            "items", header(b"etag", lambda value: b"W/" + value)),
    _answer("location-missing", "R25", "A create has no Location.", "shape.answers", "createContentItem",
            without_header(b"location")),
    _answer("location-absolute-other-host", "R25", "Location leads to another host.", "items.location-resolves shape.answers",
            "createContentItem", header(b"location", lambda value: b"http://internal.invalid" + value)),
    _answer("cache-control-missing", "openapi", "A read has no Cache-Control.", "shape.answers", "content",
            without_header(b"cache-control")),
    _answer("cache-control-public", "openapi", "An item may be kept by shared caches.", "shape.answers", "content",
            header(b"cache-control", lambda value: b"public, max-age=300", statuses=_OK)),
    _answer("tokens-stored", "RFC 6749 5.1", "Tokens may be stored by caches.", "shape.answers", "auth",
            without_header(b"cache-control", statuses=_OK)),
    _answer("challenge-missing", "RFC 9110 15.5.2", "A 401 has no WWW-Authenticate.", "shape.answers", "",
            without_header(b"www-authenticate", statuses=(401,))),
    _answer("challenge-basic", "R24", "A 401 challenges for Basic.", "shape.answers shape.problems", "",
            header(b"www-authenticate", lambda value: b'Basic realm="tchat"', statuses=(401,))),
    _answer("scope-challenge-missing", "RFC 6750 3.1", "A 403 does not say which permission is missing.",
            "shape.answers", "", without_header(b"www-authenticate", statuses=(403,))),
    _answer("allow-missing", "RFC 9110 15.5.6", "A 405 has no Allow.", "shape.options", "",
            without_header(b"allow", statuses=(405,))),
    _answer("retry-after-missing", "R32", "A 429 has no Retry-After.", "shape.answers", "",
            without_header(b"retry-after", statuses=(429,))),
    _answer("retry-after-text", "RFC 9110 10.2.3", "Retry-After is `soon`.", "shape.answers", "",
            header(b"retry-after", lambda value: b"soon", statuses=(429,))),
    _answer("cookie-set", "R9", "A login sets a session cookie that scripts can read.", "auth.no-cookies", "login",
            added_header(b"set-cookie", b"session=1; Path=/", statuses=(200,))),
)  # fmt: skip

SHAPE = MEMBERS + ENVELOPES + HEADERS
