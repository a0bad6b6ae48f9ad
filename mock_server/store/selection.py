"""Which items a list may show: a value that says its condition, for the rows and for their counts.

It knows neither an order nor a page. Its text is made here, from fixed parts; what a caller sent is only ever a value.

    >>> Selection("home", categories=("news", "guides")).where()
    ('workspace = ? AND live = ? AND category IN (?, ?)', ['home', True, 'news', 'guides'])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Selection:
    """`live` ones are all but archived; `status` narrows them down; `term` is a folded text that title or body holds."""

    workspace: str
    live: bool = True
    status: str | None = None
    categories: tuple[str, ...] | None = None
    term: bytes | None = None

    @classmethod
    def of(
        cls, workspace: str, status: str | None, categories: tuple[str, ...] | None, term: bytes | None = None
    ) -> Selection:
        """Without a status: drafts and published items."""
        if status == ARCHIVED:
            return cls(workspace, False, None, categories, term)
        return cls(workspace, True, status, categories, term)

    def whole(self) -> Selection:
        """What a walk along an index comes by: everything as live as this."""
        return Selection(self.workspace, self.live)

    @property
    def statuses(self) -> tuple[str, ...]:
        """All that an item of it may have."""
        return (
            ((self.status,) if self.status is not None else ("draft", "published"))
            if self.live
            else (ARCHIVED,)
        )

    def where(self) -> tuple[str, list[Any]]:
        """(condition on a row of `items`, its values)."""
        sql, values = self.narrowed()
        if self.term is not None:
            sql += " AND instr(haystack, ?) > 0"
            values.append(self.term)
        return f"workspace = ? AND live = ? AND {sql}", [self.workspace, self.live, *values]

    def narrowed(self) -> tuple[str, list[Any]]:
        """(condition that is left within `whole`, its values); for rows of `counts` as well. A term is not in it."""
        parts, values = [], []
        if self.status is not None:
            parts.append("status = ?")
            values.append(self.status)
        if self.categories is not None:
            one = len(self.categories) == 1
            parts.append("category = ?" if one else f"category IN ({', '.join('?' * len(self.categories))})")
            values += self.categories
        return " AND ".join(parts) or "1", values
