"""`ItemFilter`, the condition on the items of a list, as a value with its SQL.

The SQL consists of fixed parts; data from a request is only passed as a value.

    >>> ItemFilter("home", categories=("news", "guides")).where()
    ('workspace = ? AND live = ? AND category IN (?, ?)', ['home', True, 'news', 'guides'])
"""

from __future__ import annotations

from typing import Any, NamedTuple

ARCHIVED = "archived"


class ItemFilter(NamedTuple):
    """The condition on the items of a list. `live` items are those that are not archived; `term` is a text in lower case that title or
    body has."""

    workspace: str
    live: bool = True
    status: str | None = None
    categories: tuple[str, ...] | None = None
    term: bytes | None = None

    @classmethod
    def of(
        cls, workspace: str, status: str | None, categories: tuple[str, ...] | None, term: bytes | None = None
    ) -> ItemFilter:
        """The filter of a request; without a status it selects drafts and published items."""
        if status == ARCHIVED:
            return cls(workspace, False, None, categories, term)
        return cls(workspace, True, status, categories, term)

    def where(self) -> tuple[str, list[Any]]:
        """(SQL condition on a row of `items`, its values)."""
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
