"""The six reading operations of content."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server import stamps
from mock_server.exchange import Exchange
from mock_server.message import Response, json_response, raw_json
from mock_server.problem import Problem
from mock_server.store.categories import CategoryStore
from mock_server.store.items import ItemStore, Page
from mock_server.store.sync import SyncStore
from mock_server.store.versions import Version, VersionStore

PRIVATE = (b"cache-control", b"private, no-cache")

Found = tuple[int, int, bytes]


class Reading:
    def __init__(
        self, items: ItemStore, categories: CategoryStore, versions: VersionStore, sync: SyncStore
    ) -> None:
        self._items = items
        self._categories = categories
        self._versions = versions
        self._sync = sync

    # What the path names

    def locate_item(self, exchange: Exchange) -> Found | None:
        return self._items.find(exchange.workspace, exchange.path["id"])

    def locate_category(self, exchange: Exchange) -> str | None:
        category = exchange.path["category"]
        return category if self._categories.exists(exchange.workspace, category) else None

    # Operations

    def get_content_items(self, exchange: Exchange) -> Response:
        query = exchange.query
        page = self._items.page(
            exchange.workspace,
            page=query["page"],
            limit=query["limit"],
            sort_by=query["sortBy"],
            sort_order=query["sortOrder"],
            status=query.get("status"),
            category=query.get("category"),
            search=query.get("search"),
        )
        return _page(page, query["page"], query["limit"])

    def get_content_by_category(self, exchange: Exchange) -> Response:
        query, workspace = exchange.query, exchange.workspace
        category: str = exchange.found
        below = self._categories.subtree(workspace, category) if query["includeSubcategories"] else [category]
        start, end = query.get("startDate"), query.get("endDate")
        page = self._items.category_page(
            workspace,
            below,
            page=query["page"],
            limit=query["limit"],
            status=query["status"],
            start=None if start is None else stamps.parse(start),
            end=None if end is None else stamps.parse(end, end_of_day=True),
        )
        return _page(page, query["page"], query["limit"])

    def get_content_item(self, exchange: Exchange) -> Response:
        key, version, doc = exchange.found
        wanted = exchange.query.get("version")
        if wanted is not None and int(wanted) != version:
            old = self._versions.numbered(key, int(wanted))
            if old is None:
                raise Problem("VERSION_NOT_FOUND", f"The item {exchange.path['id']} has no version {wanted}.")
            version, doc = old.version, old.snapshot
        headers = [etag(version), PRIVATE]
        condition = exchange.headers.get("If-None-Match")
        if condition is not None and matches(condition, version, weak=True):
            return Response(304, headers, b"")
        return enveloped(200, doc, headers)

    def get_content_categories(self, exchange: Exchange) -> Response:
        tree = self._categories.tree(exchange.workspace, include_empty=exchange.query["includeEmpty"])
        return json_response(200, {"data": tree}, [PRIVATE])

    def get_content_versions(self, exchange: Exchange) -> Response:
        key = exchange.found[0]
        versions = self._versions.newest(key, exchange.query["limit"])
        data = [_version(exchange.path["id"], version) for version in versions]
        return json_response(200, {"data": data}, [PRIVATE])

    def sync_content(self, exchange: Exchange) -> Response:
        query = exchange.query
        window = self._sync.window(
            exchange.workspace,
            stamps.parse(query["lastSyncTimestamp"]),
            include_deleted=query["includeDeleted"],
            platforms=frozenset(query["platforms"]),
        )
        data = {
            "items": [msgspec.Raw(doc) for doc in window.docs],
            "deleted": [{"id": i, "deletedAt": stamps.text(at)} for i, at in window.deleted],
            "syncTimestamp": stamps.text(window.until),
            "hasMore": window.has_more,
        }
        return json_response(200, {"data": data}, [PRIVATE])


def enveloped(status: int, doc: bytes, headers: list[tuple[bytes, bytes]]) -> Response:
    return raw_json(status, b'{"data":' + doc + b"}", headers)


def etag(version: int) -> tuple[bytes, bytes]:
    return b"etag", b'"v%d"' % version


def matches(condition: str, version: int, *, weak: bool) -> bool:
    """Whether `*` or one of the listed entity tags is the version's (RFC 9110, 8.8.3.2)."""
    if condition == "*":
        return True
    tags = [tag.strip() for tag in condition.split(",")]
    wanted = f'"v{version}"'
    return wanted in tags or (weak and f"W/{wanted}" in tags)


def _page(page: Page, number: int, limit: int) -> Response:
    pages = -(-page.total // limit)
    pagination = msgspec.json.encode(
        {
            "page": number,
            "limit": limit,
            "total": page.total,
            "totalPages": pages,
            "hasNext": number < pages,
            "hasPrev": number > 1 and page.total > 0,
        }
    )
    # The items are JSON already: a page is their concatenation.
    body = b'{"data":{"data":[' + b",".join(page.docs) + b'],"pagination":' + pagination + b"}}"
    return raw_json(200, body, [PRIVATE])


def _version(item_id: str, version: Version) -> dict[str, Any]:
    return {
        "id": version.id,
        "contentId": item_id,
        "version": version.version,
        "changeType": version.change_type,
        "createdAt": stamps.text(version.created_at),
        "createdBy": version.created_by,
        "snapshot": msgspec.Raw(version.snapshot),
        "backup": version.backup,
    }
