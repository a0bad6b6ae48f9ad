"""The six reading operations of content."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server import stamps
from mock_server.message import HttpResponse, json_response, raw_json
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.rules import Rules, Ruling
from mock_server.store import item as items
from mock_server.store.categories import CategoryStore
from mock_server.store.items import ItemStore
from mock_server.store.lists.listing import ListPage
from mock_server.store.lists.pages import Pages
from mock_server.store.sync import SyncStore
from mock_server.store.versions import StoredVersion, VersionStore

PRIVATE = (b"cache-control", b"private, no-cache")
_ALL = 1_000_000

Found = tuple[int, int, bytes]


class ContentReadHandlers:
    def __init__(
        self,
        items: ItemStore,
        pages: Pages,
        categories: CategoryStore,
        versions: VersionStore,
        sync: SyncStore,
        ruling: Ruling,
    ) -> None:
        self._items = items
        self._pages = pages
        self._categories = categories
        self._versions = versions
        self._sync = sync
        self._ruling = ruling
        self._stale_reads = 0
        self._kept_tree: list[dict[str, Any]] | None = None

    # What the path names

    def locate_item(self, context: RequestContext) -> Found | None:
        found = self._items.find(context.workspace, context.path["id"])
        rules = self._ruling.rules
        if found is None:
            return self._foreign(context, rules)
        reads = context.operation.method == "GET"
        if reads and rules.archive_removes and items.decode(found[2]).status == "archived":
            return None
        return found

    def _foreign(self, context: RequestContext, rules: Rules) -> Found | None:
        """What a fault gives of another workspace's item; None as it should be."""
        reads = context.operation.method == "GET"
        if not (rules.foreign_told or (rules.foreign_read if reads else rules.foreign_written)):
            return None
        found = self._items.find_anywhere(context.path["id"])
        if found is not None and rules.foreign_told:
            challenge = b'Bearer realm="tchat", error="insufficient_scope", scope="content:read"'
            raise Problem(
                "FORBIDDEN", "The item is another workspace's.", headers=[(b"www-authenticate", challenge)]
            )
        return found

    def locate_category(self, context: RequestContext) -> str | None:
        category = context.path["category"]
        if self._categories.exists(context.workspace, category) or self._ruling.rules.unknown_category_empty:
            return category
        return None

    # Operations

    def get_content_items(self, context: RequestContext) -> HttpResponse:
        query = context.query
        if self._ruling.rules.quote_fails and '"' in query.get("search", ""):
            raise RuntimeError("unterminated string in the search expression")
        page = self._pages.items(
            context.workspace,
            page=query["page"],
            limit=query["limit"],
            sort_by=query["sortBy"],
            sort_order=query["sortOrder"],
            status=query.get("status"),
            category=query.get("category"),
            search=query.get("search"),
        )
        return self._page(page, query["page"], query["limit"])

    def get_content_by_category(self, context: RequestContext) -> HttpResponse:
        query, workspace, rules = context.query, context.workspace, self._ruling.rules
        category: str = context.found
        deep = query["includeSubcategories"] or rules.subcategories_always
        below = (
            self._categories.subtree(workspace, category, rules.subcategories_shown) if deep else [category]
        )
        asked = rules.category_status_default or b"status=" in context.request.query
        start, end = self._range(query.get("startDate"), query.get("endDate"))
        page = self._pages.of_categories(
            workspace,
            below,
            page=query["page"],
            limit=query["limit"],
            status=query["status"] if asked else None,
            start=start,
            end=end,
        )
        return self._page(page, query["page"], query["limit"])

    def _range(self, start: str | None, end: str | None) -> tuple[int | None, int | None]:
        """The range in microseconds, both ends included."""
        rules = self._ruling.rules
        if rules.range_ignored:
            return None, None
        least = None if start is None else self._moment(start) + rules.range_start_exclusive
        most = None if end is None else self._moment(end, end_of_day=rules.range_end_of_day)
        if most is not None and rules.range_end_exclusive:
            most -= 1
        if least is not None and most is not None and least > most and rules.range_swapped:
            return most, least
        return least, most

    def _moment(self, text: str, *, end_of_day: bool = False) -> int:
        try:
            return stamps.parse(text, end_of_day=end_of_day)
        except ValueError:
            if "format" not in self._ruling.rules.validation_skips:
                raise
            return 0

    def get_content_item(self, context: RequestContext) -> HttpResponse:
        key, version, doc = context.found
        rules = self._ruling.rules
        wanted = context.query.get("version")
        if wanted is not None and int(wanted) != version and not rules.version_asked_ignored:
            old = self._versions.numbered(key, int(wanted))
            if old is not None:
                version, doc = old.version, old.snapshot
            elif not rules.version_unknown_current:
                raise Problem("VERSION_NOT_FOUND", f"The item {context.path['id']} has no version {wanted}.")
        elif wanted is None and rules.read_stale_every:
            version, doc = self._now_and_then_stale(key, version, doc, rules.read_stale_every)
        shown = 1 if rules.etag_fixed else version
        headers = [etag(shown), PRIVATE]
        condition = context.headers.get("If-None-Match")
        if condition is not None and matches(condition, shown, weak=True) and rules.if_none_match_checked:
            return HttpResponse(304, headers, b"")
        return enveloped(200, doc, headers)

    def _now_and_then_stale(self, key: int, version: int, doc: bytes, every: int) -> tuple[int, bytes]:
        self._stale_reads += 1
        old = self._versions.numbered(key, version - 1)
        if old is None or self._stale_reads % every:
            return version, doc
        return old.version, old.snapshot

    def get_content_categories(self, context: RequestContext) -> HttpResponse:
        tree = self._categories.tree(context.workspace, include_empty=context.query["includeEmpty"])
        if self._ruling.rules.tree_stale:
            tree = self._kept_tree = self._kept_tree or tree
        return json_response(200, {"data": tree}, [PRIVATE])

    def get_content_versions(self, context: RequestContext) -> HttpResponse:
        key, _, present = context.found
        rules, limit = self._ruling.rules, context.query["limit"]
        versions = self._versions.newest(key, limit if rules.versions_limit else _ALL)
        if rules.versions_oldest_first:
            versions = self._versions.newest(key, _ALL)[::-1][:limit]
        if rules.versions_gap:
            del versions[1:2]
        data = [_version(context.path["id"], version) for version in versions]
        for entry in data if rules.versions_present_snapshot else ():
            entry["snapshot"] = msgspec.Raw(present)
        for entry in data if rules.versions_type else ():
            entry["changeType"] = rules.versions_type
        return json_response(200, {"data": data}, [PRIVATE])

    def sync_content(self, context: RequestContext) -> HttpResponse:
        query, rules = context.query, self._ruling.rules
        since = self._moment(query["lastSyncTimestamp"])
        window = self._sync.window(
            context.workspace,
            since - rules.sync_start_inclusive,
            include_deleted=query["includeDeleted"],
            platforms=frozenset(query["platforms"]),
        )
        docs, deleted, until = window.docs, window.deleted, window.until + rules.sync_end_shift
        if rules.sync_created_only:
            docs = [doc for doc in docs if stamps.parse(items.decode(doc).created_at) > since]
        if rules.sync_newest_first:
            docs = docs[::-1]
        if rules.sync_deleted_never:
            deleted = []
        data = {
            "items": [msgspec.Raw(doc) for doc in docs],
            "deleted": [{"id": i, "deletedAt": stamps.text(at)} for i, at in deleted],
            "syncTimestamp": stamps.text(-(-until // rules.sync_stamp_cut) * rules.sync_stamp_cut),
            "hasMore": window.has_more or rules.sync_more_always,
        }
        return json_response(200, {"data": data}, [PRIVATE])

    def _page(self, page: ListPage, number: int, limit: int) -> HttpResponse:
        rules = self._ruling.rules
        total = (len(page.docs) if rules.list_total_of_page else page.total) + rules.list_total_shift
        limit = max(1, limit)
        pages = page.total // limit if rules.pages_rounded_down else -(-page.total // limit)
        pagination = msgspec.json.encode(
            {
                "page": number,
                "limit": limit,
                "total": total,
                "totalPages": pages,
                "hasNext": number < pages or rules.has_next_always,
                "hasPrev": (number > 1 and page.total > 0) != rules.has_prev_wrong,
            }
        )
        # The items are JSON already: a page is their concatenation.
        body = b'{"data":{"data":[' + b",".join(page.docs) + b'],"pagination":' + pagination + b"}}"
        return raw_json(200, body, [PRIVATE])


def enveloped(status: int, doc: bytes, headers: list[tuple[bytes, bytes]]) -> HttpResponse:
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


def _version(item_id: str, version: StoredVersion) -> dict[str, Any]:
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
