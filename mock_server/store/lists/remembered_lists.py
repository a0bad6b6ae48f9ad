"""The keys of whole lists, remembered until something changes in their workspace.

Whether anything has is told by the workspace's stamp (behaviour R30), so nobody has to say it here, in this process or in another;
rows that were replaced without a stamp change `Database.epoch`.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeAlias

from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps

Keys: TypeAlias = "array[int]"
"""Of items, in the order of a list; four bytes each."""

MOST_LISTS, MOST_KEYS = 64, 2_000_000


class RememberedLists:
    """The keys of the lists that were asked for last."""

    def __init__(self, database: Database, stamps: Stamps) -> None:
        self._db = database
        self._stamps = stamps
        self._kept: OrderedDict[tuple[Any, ...], tuple[tuple[int, int], Keys | None]] = OrderedDict()
        """Query -> (what it is true of, its keys once they were made)."""

    def get(
        self, workspace: str, query: tuple[Any, ...], make: Callable[[], Keys], *, at_first: bool
    ) -> Keys | None:
        """The keys as they are now. None: the list is asked for the first time since a change, and is not to be made `at_first`."""
        state = self._db.epoch, self._stamps.last(workspace)
        of, keys = self._kept.get(query, (None, None))
        if of == state and keys is not None:
            self._kept.move_to_end(query)
            return keys
        keys = make() if at_first or of == state else None
        self._kept[query] = state, keys
        self._kept.move_to_end(query)
        while len(self._kept) > MOST_LISTS or (self._size() > MOST_KEYS and len(self._kept) > 1):
            self._kept.popitem(last=False)
        return keys

    def _size(self) -> int:
        return sum(len(keys) for _, keys in self._kept.values() if keys is not None)
