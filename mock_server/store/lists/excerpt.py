"""The part of an ordered list that a page shows: as SQL, and cut out of a list of keys.

>>> Excerpt("title", descending=True, offset=1, limit=2).cut(array("I", [1, 2, 3, 4, 5]))
[4, 3]
"""

from __future__ import annotations

from array import array
from typing import NamedTuple, TypeAlias

Keys: TypeAlias = "array[int]"
"""Of items, in some order; four bytes each."""


class Excerpt(NamedTuple):
    """A page of a list that is ordered by one column, then by id."""

    column: str
    descending: bool
    offset: int
    limit: int

    @property
    def end(self) -> int:
        return self.offset + self.limit

    @property
    def order(self) -> str:
        direction = "DESC" if self.descending else "ASC"
        return f"{self.column} {direction}, id {direction}"

    def cut(self, keys: Keys, start: int = 0, end: int | None = None) -> list[int]:
        """The page's part of an ascending list, or of the part of it between two positions."""
        end = len(keys) if end is None else end
        if not self.descending:
            first = start + self.offset
            return keys[first : min(first + self.limit, end)].tolist()
        last = end - self.offset
        return keys[max(last - self.limit, start) : last].tolist()[::-1]
