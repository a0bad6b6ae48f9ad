"""Lists while a fault is on: their condition, their order, their window, as the rules in force have them.

Each page is asked of SQLite anew and nothing is remembered of it, so whatever a fault did to the rows shows at once.
With the right rules the answers are those of `mock_server.store.lists.pages`, only slower.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mock_server.rules import Rules, Ruling
from mock_server.store import item as items
from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.sqlite.database import Database

COLUMNS = {
    "updatedAt": "updated_at",
    "createdAt": "created_at",
    "title": "title",
    "publishedAt": "published_at",
    "version": "version",
}
_DEFAULT = "updated_at"

PREVIOUS = "COALESCE((SELECT snapshot FROM versions WHERE item = items.key AND versions.version = items.version - 1), doc)"
"""An item as it was one version before, or as it is where there is none."""


@dataclass(frozen=True, slots=True)
class ListPage:
    docs: list[bytes]
    total: int


class DeviantLists:
    def __init__(self, database: Database, ruling: Ruling) -> None:
        self._db = database
        self._ruling = ruling

    def items(
        self,
        workspace: str,
        *,
        page: int,
        limit: int,
        sort_by: str,
        sort_order: str,
        status: str | None,
        category: str | None,
        search: str | None,
    ) -> ListPage:
        rules = self._ruling.rules
        self._db.need(f"items_by_{COLUMNS.get(sort_by, _DEFAULT)}")
        status = status if rules.list_status_filter else None
        categories = (category,) if category is not None and rules.list_category_filter else None
        where, values = ItemFilter.of(workspace, status, categories).where()
        if search is not None and rules.list_search:
            where += f" AND {searched(rules)}"
            values.append(_sought(search, rules))
        where = condition(where, rules, filtered=status is not None)
        total = self._scalar(f"SELECT COUNT(*) FROM items WHERE {where}", values)
        if rules.list_total_ignores_filter:
            total = self._scalar("SELECT COUNT(*) FROM items WHERE workspace = ? AND live = 1", [workspace])
        return self._rows(where, values, order(rules, sort_by, sort_order, page), page, limit, total)

    def of_categories(
        self,
        workspace: str,
        categories: list[str],
        *,
        page: int,
        limit: int,
        status: str | None,
        start: int | None,
        end: int | None,
    ) -> ListPage:
        where, values = ItemFilter.of(workspace, status, tuple(categories)).where()
        stamp = "created_at" if self._ruling.rules.range_on_created else "updated_at"
        for bound, sign in ((start, ">="), (end, "<=")):
            if bound is not None:
                where += f" AND {stamp} {sign} ?"
                values.append(bound)
        total = self._scalar(f"SELECT COUNT(*) FROM items WHERE {where}", values)
        return self._rows(where, values, "updated_at DESC, id DESC", page, limit, total)

    def _rows(self, where: str, values: list[Any], order: str, page: int, limit: int, total: int) -> ListPage:
        rules = self._ruling.rules
        offset, limit = window(rules, page, limit, total)
        doc = PREVIOUS if rules.list_stale else "doc"
        if offset >= total:
            return ListPage([], total)
        rows = self._db.all(
            f"SELECT {doc} FROM items WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        docs = [row[0] for row in rows]
        if rules.list_drops_every:
            del docs[rules.list_drops_every - 1 :: rules.list_drops_every]
        return ListPage(docs, total)

    def _scalar(self, sql: str, values: list[Any]) -> int:
        row = self._db.one(sql, tuple(values))
        return int(row[0]) if row else 0


def order(rules: Rules, sort_by: str, sort_order: str, page: int) -> str:
    """ORDER BY: the column, then the id in the same direction. Never any text of the caller's."""
    direction = "ASC" if sort_order == "asc" and rules.list_order else "DESC"
    column = COLUMNS.get(sort_by, _DEFAULT) if rules.list_sorted else "updated_at"
    if column == "title" and rules.list_title_folded:
        return f"lower(title) {direction}, id {direction}"
    if column == "published_at" and rules.list_nulls_last:
        return f"published_at IS NULL, published_at {direction}, id {direction}"
    if not rules.list_ties_by_id:
        return f"{column} {direction}, key * {page * 37 + 11} % 101"
    return f"{column} {direction}, id {direction}"


def _sought(search: str, rules: Rules) -> str | bytes:
    """What `searched` compares with."""
    if rules.search_trimmed:
        search = search.strip() or search
    if rules.search_words:
        return json.dumps([items.searchable(word).decode() for word in search.split()])
    return items.searchable(search) if rules.search_folds_case else search


def searched(rules: Rules) -> str:
    """The condition of `search`, with one place for the text."""
    if rules.search_words:
        return "NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(haystack, CAST(value AS BLOB)) = 0)"
    if not rules.search_folds_case:
        return "instr(title || ' ' || json_extract(CAST(doc AS TEXT), '$.body'), ?) > 0"
    if not rules.search_body:
        return "instr(CAST(lower(title) AS BLOB), ?) > 0"
    if rules.search_prefix_only:
        return "instr(haystack, ?) = 1"
    if rules.search_wildcards:
        return "title LIKE '%' || CAST(? AS TEXT) || '%'"
    return "instr(haystack, ?) > 0"


def condition(where: str, rules: Rules, *, filtered: bool) -> str:
    """What faults make of a list's condition; `filtered` is whether a status was asked for."""
    if rules.list_all_workspaces:
        where = where.replace("workspace = ?", "(workspace = ? OR 1)")
    if not filtered and not rules.list_hides_archived:
        where = where.replace("live = ?", "(live = ? OR 1)")
    if not filtered and rules.list_hides_drafts:
        where += " AND status <> 'draft'"
    if rules.list_category_prefix:
        where = where.replace("category = ?", "instr(category, ?) = 1")
    return where


def window(rules: Rules, page: int, limit: int, total: int) -> tuple[int, int]:
    """(offset, limit) of a page as faults have them."""
    limit = max(1, rules.list_limit_fixed or limit)
    offset = max(0, page - 1 + rules.list_page_from_zero) * limit + (
        rules.list_offset_shift if page > 1 else 0
    )
    if rules.list_past_end_repeats and offset >= total > 0:
        offset = (total - 1) // limit * limit
    if not rules.list_last_page and offset + limit > total:
        return total, limit
    return offset, limit + rules.list_limit_shift
