"""Faults of lists: filters, search, order, pages and their totals."""

import json
from functools import partial
from typing import Any

from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import asking, at, exclusive, members, returns
from mock_server.handlers.content_reading import ContentReadHandlers
from mock_server.http.validation import ParameterSet
from mock_server.store import item as items
from mock_server.store.item import ContentItem
from mock_server.store.items import ItemStore
from mock_server.store.lists.listing import ListPage, SqlLists

_fault = partial(entry.wrapped, "meaning")
_LIST = "getContentItems"


# The condition

Condition = tuple[str, list[Any]]


def _without_status(old: str, new: str) -> Any:
    """A wrapper that replaces a part of the SQL condition of requests without a status."""

    def by(
        step: WrappedStep, workspace: str, status: str | None, categories: tuple[str, ...] | None
    ) -> Condition:
        where, values = step(workspace, status, categories)
        return (where if status is not None else where.replace(old, new)), values

    return by


def _another_condition(old: str, new: str) -> Any:
    def by(step: WrappedStep, *asked: Any) -> Condition:
        where, values = step(*asked)
        return where.replace(old, new), values

    return by


def _searched_by(condition: str) -> Any:
    """A wrapper that searches with another SQL condition, which has a place for the lower-case text."""
    return lambda step, search: (condition, items.searchable(search))


def _words(step: WrappedStep, search: str) -> tuple[str, Any]:
    words = [items.searchable(word).decode() for word in search.split()]
    found = "NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(haystack, CAST(value AS BLOB)) = 0)"
    return found, json.dumps(words)


def _without_column(name: str) -> Any:
    """A wrapper that leaves a column of an item as it was when the item was made."""

    def by(step: WrappedStep, before: ContentItem, after: ContentItem) -> dict[str, Any]:
        return {column: value for column, value in step(before, after).items() if column != name}

    return by


def _case_sensitive(step: WrappedStep, search: str) -> tuple[str, Any]:
    return "instr(title || ' ' || json_extract(CAST(doc AS TEXT), '$.body'), ?) > 0", search


CONDITIONS = (
    _fault("list-status-ignored", "F13", "`status` does not filter.", "items.filter-status", _LIST,
           at(SqlLists.items, asking(status=None))),
    _fault("list-category-ignored", "F13", "`category` does not filter.", "items.filter-category", _LIST,
           at(SqlLists.items, asking(categories=None))),
    _fault("list-category-prefix", "F13", "`category` shows the items of subcategories too.", "items.filter-category",
           _LIST, at(SqlLists.condition, _another_condition("category = ?", "instr(category, ?) = 1"))),
    _fault("search-ignored", "F13", "`search` does not filter.", "items.search-title-and-body", _LIST,
           at(SqlLists.items, asking(search=None))),
    _fault("search-case-sensitive", "openapi", "`search` minds the case.", "items.search-case", _LIST,
           at(SqlLists.searched, _case_sensitive)),
    _fault("search-title-only", "openapi", "`search` does not look into the body.", "items.search-title-and-body", _LIST,
           at(SqlLists.searched, _searched_by("instr(CAST(lower(title) AS BLOB), ?) > 0"))),
    _fault("search-prefix-only", "openapi", "`search` finds the beginning of titles only.", "items.search-title-and-body", _LIST,
           at(SqlLists.searched, _searched_by("instr(haystack, ?) = 1"))),
    _fault("search-stale", "openapi", "`search` finds the text that an item had when it was made.", "items.lists-follow-writes",
           "", at(ItemStore.differing, _without_column("haystack"))),
    _fault("search-wildcards", "openapi", "`%` and `_` in `search` match anything.", "items.search-no-wildcards", _LIST,
           at(SqlLists.searched, _searched_by("title LIKE '%' || CAST(? AS TEXT) || '%'"))),
    _fault("search-trimmed", "openapi", "White space around `search` does not count.", "items.search-white-space", _LIST,
           at(SqlLists.searched, lambda step, search: step(search.strip() or search))),
    _fault("search-words", "openapi", "The words of `search` are found anywhere, in any order.", "items.search-white-space", _LIST,
           at(SqlLists.searched, _words)),
    _fault("list-shows-archived", "R21", "Archived items stay in lists.", "items.archived-hidden", _LIST,
           at(SqlLists.condition, _without_status("live = ?", "(live = ? OR 1)"))),
    _fault("list-hides-drafts", "F13", "Drafts are not listed unless asked for.", "items.filter-status", _LIST,
           at(SqlLists.condition, _without_status("live = ?", "live = ? AND status <> 'draft'"))),
)  # fmt: skip


# The order


def _unstable(step: WrappedStep, where: str, values: list[Any], order: str, offset: int, limit: int) -> Any:
    column = order.partition(",")[0]
    return step(where, values, f"{column}, key * {(offset // limit + 1) * 37 + 11} % 101", offset, limit)


def _folded(step: WrappedStep, sort_by: str, sort_order: str) -> str:
    order: str = step(sort_by, sort_order)
    return order.replace("title", "lower(title)", 1)


def _nulls_last(step: WrappedStep, sort_by: str, sort_order: str) -> str:
    order: str = step(sort_by, sort_order)
    return f"published_at IS NULL, {order}" if sort_by == "publishedAt" else order


ORDERS = (
    _fault("sort-key-ignored", "F13", "`sortBy` is ignored.", "items.order", _LIST,
           at(SqlLists.items, asking(sort_by="updatedAt"))),
    _fault("sort-order-ignored", "F13", "`sortOrder` is ignored.", "items.order", _LIST,
           at(SqlLists.items, asking(sort_order="desc"))),
    _fault("sort-unstable", "openapi", "Equals are in another order on each page.", "items.order", _LIST,
           at(SqlLists.docs, _unstable)),
    _fault("sort-title-folded", "openapi", "Titles are sorted without regard to case.", "items.order", _LIST,
           at(SqlLists.order, _folded)),
    _fault("sort-title-stale", "openapi", "Items keep their place by title when their title changes.", "items.lists-follow-writes",
           "", at(ItemStore.differing, _without_column("title"))),
    _fault("sort-nulls-last", "openapi", "Items never published are last in both orders.", "items.order", _LIST,
           at(SqlLists.order, _nulls_last)),
)  # fmt: skip


# The window

Window = tuple[int, int]


def _starts_later(rows: int) -> Any:
    """A wrapper that shifts the start of each page except the first."""

    @exclusive
    def by(step: WrappedStep, page: int, limit: int, total: int) -> Window:
        offset, limit = step(page, limit, total)
        return offset + rows * (page > 1), limit

    return by


def _longer(rows: int) -> Any:
    @exclusive
    def by(step: WrappedStep, page: int, limit: int, total: int) -> Window:
        offset, limit = step(page, limit, total)
        return offset, limit + rows

    return by


def _last_empty(step: WrappedStep, page: int, limit: int, total: int) -> Window:
    offset, limit = step(page, limit, total)
    return (total if offset + limit > total else offset), limit


def _last_again(step: WrappedStep, page: int, limit: int, total: int) -> Window:
    offset, limit = step(page, limit, total)
    return ((total - 1) // limit * limit if offset >= total > 0 else offset), limit


def _dropping(step: WrappedStep, *query: Any, every: int = 5) -> list[bytes]:
    docs: list[bytes] = step(*query)
    return [doc for number, doc in enumerate(docs, 1) if number % every]


def _limit_of_50(step: WrappedStep) -> dict[str, Any]:
    defaults: dict[str, Any] = step()
    return {**defaults, "limit": 50} if "limit" in defaults else defaults


PREVIOUS = "COALESCE((SELECT snapshot FROM versions WHERE item = items.key AND versions.version = items.version - 1), doc)"
"""An item as it was one version before, or as it is where there is none."""

WINDOWS = (
    _fault("page-skips-one", "F13", "Each page but the first starts one row late.", "items.pages-disjoint", "lists",
           at(SqlLists.window, _starts_later(1))),
    _fault("page-repeats-one", "F13", "Each page but the first repeats the row before it.", "items.pages-disjoint", "lists",
           at(SqlLists.window, _starts_later(-1))),
    _fault("page-from-zero", "F13", "Pages are counted from 0.", "items.pages-disjoint", "lists",
           at(SqlLists.window, lambda step, page, limit, total: step(page + 1, limit, total))),
    _fault("limit-one-more", "F13", "A page has one row too many.", "items.pages-disjoint", "lists",
           at(SqlLists.window, _longer(1))),
    _fault("limit-one-less", "F13", "A page has one row too few.", "items.pages-disjoint", "lists",
           at(SqlLists.window, _longer(-1))),
    _fault("limit-default-50", "F13", "A page has 50 rows unless the request says otherwise.", "items.defaults", _LIST,
           at(ParameterSet.defaults, _limit_of_50)),
    _fault("limit-ignored", "F13", "Every page has room for 20 rows.", "items.pages-disjoint", "lists",
           at(SqlLists.window, lambda step, page, limit, total: step(page, 20, total))),
    _fault("last-page-empty", "F13", "The last page is empty when it is not full.", "items.pages-of-everything", "lists",
           at(SqlLists.window, _last_empty)),
    _fault("past-end-repeats", "R20", "A page past the end repeats the last one.", "items.past-the-end", "lists",
           at(SqlLists.window, _last_again)),
    _fault("list-drops-rows", "F13", "Each Nth row of a page is missing.", "items.pages-of-everything", "lists",
           at(SqlLists.docs, _dropping)),
)  # fmt: skip


# The pagination


def _rounded_down(step: WrappedStep, page: ListPage, number: int, limit: int) -> dict[str, Any]:
    pages = page.total // limit
    return {**step(page, number, limit), "totalPages": pages, "hasNext": number < pages}


PAGINATIONS = (
    _fault("list-total-off-by-one", "openapi", "`total` is one too high.", "items.pagination-agrees", "lists",
           at(ContentReadHandlers.pagination, members(total=lambda pagination, page, *_: pagination["total"] + 1))),
    _fault("list-total-of-page", "openapi", "`total` counts the rows of the page.", "items.pages-of-everything", "lists",
           at(ContentReadHandlers.pagination, members(total=lambda pagination, page, *_: len(page.docs)))),
    _fault("list-total-unfiltered", "openapi", "`total` does not regard the filter.", "items.pagination-agrees", _LIST,
           at(SqlLists.total, lambda step, workspace, *_: step(workspace, "workspace = ? AND live = 1", [workspace]))),
    _fault("list-pages-rounded-down", "openapi", "`totalPages` is rounded down.", "items.pagination-agrees", "lists",
           at(ContentReadHandlers.pagination, _rounded_down)),
    _fault("list-has-next-always", "openapi", "`hasNext` is true on the last page.", "items.pagination-agrees", "lists",
           at(ContentReadHandlers.pagination, members(hasNext=lambda pagination, *_: True))),
    _fault("list-has-prev-wrong", "openapi", "`hasPrev` is the opposite.", "items.pagination-agrees", "lists",
           at(ContentReadHandlers.pagination, members(hasPrev=lambda pagination, *_: not pagination["hasPrev"]))),
    _fault("list-stale", "openapi", "Lists show items one version behind.", "items.list-shows-present-state", "lists",
           at(SqlLists.document, returns(PREVIOUS))),
)  # fmt: skip

LISTS = CONDITIONS + ORDERS + WINDOWS + PAGINATIONS
