"""The facts of a user's request and of its answer that the checkers need, as pure functions by operation.

>>> request_facts(ClientRequest(operation="updateContentItem", path={"id": "i"}, body={"version": 3, "title": "t"}))
{'item': 'i', 'base': 3}
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from load.journeys.journey import (
    Facts,
    asked_facts,
    bulk_facts,
    item_facts,
    page_facts,
    sync_facts,
    version_facts,
    write_facts,
)
from load.virtual_users.guide.exchange import ClientRequest


def _window(query: Mapping[str, Any]) -> Facts:
    found: Facts = {
        "since": query["lastSyncTimestamp"],
        "include_deleted": bool(query.get("includeDeleted", False)),
    }
    platforms = query.get("platforms")
    if platforms:
        found["platforms"] = platforms.split(",") if isinstance(platforms, str) else list(platforms)
    return found


def request_facts(request: ClientRequest) -> Facts:
    """The facts of a request, whether or not it is answered."""
    facts = asked_facts(request.path, request.body)
    version = request.query.get("version")
    if request.operation == "getContentItem" and version is not None:
        facts["asked"] = int(version)
    return facts | (_window(request.query) if request.operation == "syncContent" else {})


_OF_REPLY: Mapping[str, Callable[[Any], Facts]] = MappingProxyType(
    {
        "getContentItems": page_facts,
        "getContentByCategory": page_facts,
        "getContentItem": item_facts,
        "getContentVersions": version_facts,
        "createContentItem": write_facts,
        "updateContentItem": write_facts,
        "publishContent": write_facts,
        "revertContentVersion": write_facts,
        "bulkUpdateContent": bulk_facts,
        "syncContent": sync_facts,
    }
)


def reply_facts(operation: str, status: int, headers: Mapping[str, str], body: Any) -> Facts:
    """The facts of an answer. KeyError, TypeError, IndexError or ValueError if a success lacks documented members."""
    if 200 <= status < 300:
        build = _OF_REPLY.get(operation)
        return build(body) if build is not None else {}
    if status == 304:
        # An item's tag is `"v<n>"` by openapi.yaml; a tag of another form tells no version.
        tag = headers.get("etag", "").strip('"')
        return {"version": int(tag[1:])} if operation == "getContentItem" and tag[1:].isdecimal() else {}
    found: Facts = {}
    if isinstance(body, Mapping) and isinstance(body.get("code"), str):
        found["code"] = body["code"]
        details = body.get("details")
        if isinstance(details, Mapping) and isinstance(details.get("currentVersion"), int):
            found["current"] = details["currentVersion"]
    return found
