"""The handlers of the six operations that read content."""

from typing import Any

import msgspec

from mock_server import stamps
from mock_server.message import HttpResponse, json_response, raw_json
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.categories import CategoryStore
from mock_server.store.items import ItemStore
from mock_server.store.lists.listing import ListPage, ListQuery
from mock_server.store.lists.pages import Pages
from mock_server.store.sync import SyncStore
from mock_server.store.versions import StoredVersion, VersionStore

PRIVATE = (b"cache-control", b"private, no-cache")

Found = tuple[int, int, bytes]


class ContentReadHandlers:
    def __init__(
        self,
        items: ItemStore,
        pages: Pages,
        categories: CategoryStore,
        versions: VersionStore,
        sync: SyncStore,
    ) -> None:
        self._items = items
        self._pages = pages
        self._categories = categories
        self._versions = versions
        self._sync = sync

    # Path parameters

    def locate_item(self, context: RequestContext) -> Found | None:
        return self._items.find(context.workspace, context.path["id"])

    def locate_category(self, context: RequestContext) -> str | None:
        category = context.path["category"]
        return category if self._categories.exists(context.workspace, category) else None

    # Lists

    def get_content_items(self, context: RequestContext) -> HttpResponse:
        query, category = context.query, context.query.get("category")
        asked = ListQuery(
            context.workspace,
            query["page"],
            query["limit"],
            query["sortBy"],
            query["sortOrder"],
            status=query.get("status"),
            categories=None if category is None else (category,),
            search=query.get("search"),
        )
        return self._page(self._pages.items(asked), asked.page, asked.limit)

    def get_content_by_category(self, context: RequestContext) -> HttpResponse:
        query, workspace = context.query, context.workspace
        start, end = self.range(query.get("startDate"), query.get("endDate"))
        shown = self.categories_shown(workspace, context.found, query["includeSubcategories"])
        asked = ListQuery(
            workspace, query["page"], query["limit"],
            status=query["status"], categories=tuple(shown), start=start, end=end,
        )  # fmt: skip
        return self._page(self._pages.of_categories(asked), asked.page, asked.limit)

    def categories_shown(self, workspace: str, category: str, deep: bool) -> list[str]:
        return self._categories.subtree(workspace, category) if deep else [category]

    def range(self, start: str | None, end: str | None) -> tuple[int | None, int | None]:
        """The range of a date filter in microseconds, both ends included."""
        return (
            None if start is None else self.moment(start),
            None if end is None else self.moment(end, end_of_day=True),
        )

    def moment(self, text: str, *, end_of_day: bool = False) -> int:
        return stamps.parse(text, end_of_day=end_of_day)

    def _page(self, page: ListPage, number: int, limit: int) -> HttpResponse:
        pagination = msgspec.json.encode(self.pagination(page, number, limit))
        # The items are encoded already, so a page is their concatenation.
        body = b'{"data":{"data":[' + b",".join(page.docs) + b'],"pagination":' + pagination + b"}}"
        return raw_json(200, body, [PRIVATE])

    def pagination(self, page: ListPage, number: int, limit: int) -> dict[str, Any]:
        pages = -(-page.total // limit)
        return {
            "page": number,
            "limit": limit,
            "total": page.total,
            "totalPages": pages,
            "hasNext": number < pages,
            "hasPrev": number > 1 and page.total > 0,
        }

    # One item

    def get_content_item(self, context: RequestContext) -> HttpResponse:
        version, doc = self.version_shown(context)
        tagged = self.version_tagged(version)
        headers = [etag(tagged), PRIVATE]
        condition = context.headers.get("If-None-Match")
        if condition is not None and self.is_not_modified(condition, tagged):
            return HttpResponse(304, headers, b"")
        return enveloped(200, doc, headers)

    def version_shown(self, context: RequestContext) -> tuple[int, bytes]:
        """The requested version, and the item's JSON at that version. Raises Problem(404)."""
        key, version, doc = context.found
        wanted = context.query.get("version")
        if wanted is None or int(wanted) == version:
            return version, doc
        old = self._versions.numbered(key, int(wanted))
        if old is None:
            raise Problem("VERSION_NOT_FOUND", f"The item {context.path['id']} has no version {wanted}.")
        return old.version, old.snapshot

    def version_tagged(self, version: int) -> int:
        """The version in the entity tag."""
        return version

    def is_not_modified(self, condition: str, version: int) -> bool:
        return matches(condition, version, weak=True)

    # Categories, versions, sync

    def get_content_categories(self, context: RequestContext) -> HttpResponse:
        tree = self._categories.tree(context.workspace, include_empty=context.query["includeEmpty"])
        return json_response(200, {"data": tree}, [PRIVATE])

    def get_content_versions(self, context: RequestContext) -> HttpResponse:
        versions = self._versions.newest(context.found[0], context.query["limit"])
        data = [self.version_entry(context, version) for version in versions]
        return json_response(200, {"data": data}, [PRIVATE])

    def version_entry(self, context: RequestContext, version: StoredVersion) -> dict[str, Any]:
        item_id = context.path["id"]
        return {
            "id": items.version_id(item_id, version.version),
            "contentId": item_id,
            "version": version.version,
            "changeType": version.change_type,
            "createdAt": stamps.text(version.created_at),
            "createdBy": version.created_by,
            "snapshot": msgspec.Raw(version.snapshot),
            "backup": version.backup,
        }

    def sync_content(self, context: RequestContext) -> HttpResponse:
        query = context.query
        window = self._sync.window(
            context.workspace,
            self.moment(query["lastSyncTimestamp"]),
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


def enveloped(status: int, doc: bytes, headers: list[tuple[bytes, bytes]]) -> HttpResponse:
    return raw_json(status, b'{"data":' + doc + b"}", headers)


def etag(version: int) -> tuple[bytes, bytes]:
    return b"etag", b'"v%d"' % version


def matches(condition: str, version: int, *, weak: bool) -> bool:
    """Whether a condition is `*` or has the version's entity tag (RFC 9110, 8.8.3.2)."""
    if condition == "*":
        return True
    tags = [tag.strip() for tag in condition.split(",")]
    wanted = f'"v{version}"'
    return wanted in tags or (weak and f"W/{wanted}" in tags)
