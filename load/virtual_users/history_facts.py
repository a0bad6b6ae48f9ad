"""What the checkers need to know of a user's request and its answer: the facts of contracts.checkers, by operation. Pure.

>>> asked(ClientRequest(operation="updateContentItem", path={"id": "i"}, body={"version": 3, "title": "t"}))
{'item': 'i', 'base': 3}
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from contracts.history import digest
from load.virtual_users.guide.exchange import ClientRequest

Facts = dict[str, Any]


def _item(request: ClientRequest) -> Facts:
    return {"item": request.path["id"]}


def _read(request: ClientRequest) -> Facts:
    version = request.query.get("version")
    return _item(request) | ({} if version is None else {"asked": int(version)})


def _based(request: ClientRequest) -> Facts:
    return _item(request) | {"base": request.body["version"]}


def _operations(request: ClientRequest) -> Facts:
    return {"ops": [[one["type"], one["id"], one.get("version")] for one in request.body["operations"]]}


def _window(request: ClientRequest) -> Facts:
    query = request.query
    found: Facts = {
        "since": query["lastSyncTimestamp"],
        "include_deleted": bool(query.get("includeDeleted", False)),
    }
    platforms = query.get("platforms")
    if platforms:
        found["platforms"] = platforms.split(",") if isinstance(platforms, str) else list(platforms)
    return found


_ASKED: Mapping[str, Callable[[ClientRequest], Facts]] = MappingProxyType(
    {
        "getContentItem": _read,
        "getContentVersions": _item,
        "updateContentItem": _based,
        "publishContent": _item,
        "archiveContent": _item,
        "revertContentVersion": _item,
        "bulkUpdateContent": _operations,
        "syncContent": _window,
    }
)


def asked(request: ClientRequest) -> Facts:
    """Facts of a request, whatever becomes of it."""
    build = _ASKED.get(request.operation)
    return build(request) if build is not None else {}


def _whole(body: Any) -> Facts:
    item = body["data"]
    return {"item": item["id"], "version": item["version"], "digest": digest(item)}


def _written(body: Any) -> Facts:
    return _whole(body) | {"at": body["data"]["updatedAt"]}


def _page(body: Any) -> Facts:
    rows = body["data"]["data"]
    return {"items": [[row["id"], row["version"], row["updatedAt"], digest(row)] for row in rows]}


def _versions(body: Any) -> Facts:
    rows = body["data"]
    return {"version": rows[0]["version"], "versions": [row["version"] for row in rows]}


def _synced(body: Any) -> Facts:
    window = body["data"]
    return {
        "stamp": window["syncTimestamp"],
        "items": [[row["id"], row["version"], row["updatedAt"]] for row in window["items"]],
        "deleted": [[row["id"], row["deletedAt"]] for row in window["deleted"]],
        "has_more": window["hasMore"],
    }


def _bulk(body: Any) -> Facts:
    result = body["data"]
    return {
        "succeeded": result["successfulOperations"],
        "failed": [[row["index"], row["code"], row["id"]] for row in result["failedOperations"]],
    }


_SHOWN: Mapping[str, Callable[[Any], Facts]] = MappingProxyType(
    {
        "getContentItems": _page,
        "getContentByCategory": _page,
        "getContentItem": _whole,
        "getContentVersions": _versions,
        "createContentItem": _written,
        "updateContentItem": _written,
        "publishContent": _written,
        "revertContentVersion": _written,
        "bulkUpdateContent": _bulk,
        "syncContent": _synced,
    }
)


def shown(operation: str, status: int, headers: Mapping[str, str], body: Any) -> Facts:
    """Facts of an answer; KeyError, TypeError, IndexError or ValueError where a success lacks what it promises."""
    if 200 <= status < 300:
        build = _SHOWN.get(operation)
        return build(body) if build is not None else {}
    if status == 304:
        # The tag is `"v<n>"` by openapi.yaml; a list or anything else that has one of another form shows no version.
        tag = headers.get("etag", "").strip('"')
        return {"version": int(tag[1:])} if operation == "getContentItem" and tag[1:].isdecimal() else {}
    found: Facts = {}
    if isinstance(body, Mapping) and isinstance(body.get("code"), str):
        found["code"] = body["code"]
        details = body.get("details")
        if isinstance(details, Mapping) and isinstance(details.get("currentVersion"), int):
            found["current"] = details["currentVersion"]
    return found
