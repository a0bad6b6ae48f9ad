"""The parts of a list's SQL: its condition, its order, its window; as they should be and as faults have them."""

from __future__ import annotations

from mock_server.rules import Rules

_COLUMNS = {
    "updatedAt": "updated_at",
    "createdAt": "created_at",
    "title": "title",
    "publishedAt": "published_at",
    "version": "version",
}

PREVIOUS = "COALESCE((SELECT snapshot FROM versions WHERE item = items.key AND versions.version = items.version - 1), doc)"
"""An item as it was one version before, or as it is where there is none."""


def order(rules: Rules, sort_by: str, sort_order: str, page: int) -> str:
    """ORDER BY: the column, then the id in the same direction. Never any text of the caller's."""
    direction = "ASC" if sort_order == "asc" and rules.list_order else "DESC"
    column = _COLUMNS.get(sort_by, "updated_at") if rules.list_sorted else "updated_at"
    if column == "title" and rules.list_title_folded:
        return f"lower(title) {direction}, id {direction}"
    if column == "published_at" and rules.list_nulls_last:
        return f"published_at IS NULL, published_at {direction}, id {direction}"
    if not rules.list_ties_by_id:
        return f"{column} {direction}, key * {page * 37 + 11} % 101"
    return f"{column} {direction}, id {direction}"


def searched(rules: Rules) -> str:
    """The condition of `search`, with one place for the text."""
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
