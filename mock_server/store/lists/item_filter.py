"""Which items a list may show: a value that says its condition.

It knows neither an order nor a page. Its text is made here, from fixed parts; what a caller sent is only ever a value.

    >>> ItemFilter("home", categories=("news", "guides")).where()
    ('workspace = ? AND live = ? AND category IN (?, ?)', ['home', True, 'news', 'guides'])
"""

from __future__ import annotations

from typing import Any, NamedTuple

ARCHIVED = "archived"


class ItemFilter(NamedTuple):
    """The condition on the items of a list. `live` ones are all but archived; `status` narrows them down; `term` is a folded text
    that title or body holds."""

    workspace: str
    live: bool = True
    status: str | None = None
    categories: tuple[str, ...] | None = None
    term: bytes | None = None

    @classmethod
    def of(
        cls, workspace: str, status: str | None, categories: tuple[str, ...] | None, term: bytes | None = None
    ) -> ItemFilter:
        """Without a status: drafts and published items."""
        if status == ARCHIVED:
            return cls(workspace, False, None, categories, term)
        return cls(workspace, True, status, categories, term)

    def where(self) -> tuple[str, list[Any]]:
        """(condition on a row of `items`, its values)."""
        sql = "workspace = ? AND live = ?"
        values: list[Any] = [self.workspace, self.live]
        if self.status is not None:
            sql += " AND status = ?"
            values.append(self.status)
        if self.categories is not None:
            one = len(self.categories) == 1
            sql += (
                " AND category = ?" if one else f" AND category IN ({', '.join('?' * len(self.categories))})"
            )
            values += self.categories
        if self.term is not None:
            sql += " AND instr(haystack, ?) > 0"
            values.append(self.term)
        return sql, values
