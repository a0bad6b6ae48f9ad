"""`Pages`, which reads the pages of the API's two lists, with caches.

The total of a list is maintained by writes (`counts`), and a page is found by scanning the index of its order. If a list is requested again
before anything has changed, all its keys are cached, so that each page costs the same (scanning to the pages 1 to 50 of 10,000 items takes
2.5 times the processor time). The keys of a search are cached from the first request on, because its total needs a test of every item
(0.5 us each), and so are those of a date range. After a write only the changed items are moved in the cached keys (`renewed_keys`).
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from mock_server.store import item as items
from mock_server.store.documents import Documents
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.lists.key_query import KeyQuery
from mock_server.store.lists.listing import COLUMNS, ListPage, ListQuery
from mock_server.store.lists.renewed_keys import renewed_keys
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps

Keys: TypeAlias = "array[int]"
"""The keys of items in the order of a list, four bytes each."""

MOST_LISTS, MOST_KEYS = 64, 2_000_000
LEAST, MOST, SHARE = 4, 500, 100
"""Keys are renewed after changes of up to one in `SHARE` items, but at least `LEAST` and at most `MOST`; after more they are read anew in
less time."""


class ListCache:
    """The cached keys of whole lists. They are valid until the stamp of their workspace changes (rule R30), by this process or another, or
    `Database.epoch` does, because rows were replaced without a stamp."""

    def __init__(self, database: Database, stamps: Stamps) -> None:
        self._db = database
        self._stamps = stamps
        self._kept: OrderedDict[KeyQuery, tuple[tuple[int, int], Keys | None]] = OrderedDict()
        """Query -> (the state for which it is valid, its keys or None)."""

    def get(
        self, query: KeyQuery, make: Callable[[KeyQuery], Keys], renew: Callable[[KeyQuery, Keys, int], Keys | None], *, at_first: bool
    ) -> Keys | None:  # fmt: skip
        """The present keys of a list. `renew` makes them from those at an earlier stamp, or returns None if `make` takes less time, which at
        the first request after a change is called only if `at_first`; else the result is None."""
        state = self._db.epoch, self._stamps.last(query.listed.workspace)
        of, keys = self._kept.get(query, (None, None))
        if of is not None and of != state and keys is not None:
            keys = renew(query, keys, of[1]) if of[0] == state[0] else None
        if keys is None:
            keys = make(query) if at_first or of == state else None
        self._kept[query] = state, keys
        self._kept.move_to_end(query)
        while len(self._kept) > MOST_LISTS or (self._size() > MOST_KEYS and len(self._kept) > 1):
            self._kept.popitem(last=False)
        return keys

    def _size(self) -> int:
        return sum(len(keys) for _, keys in self._kept.values() if keys is not None)


class Pages:
    def __init__(self, database: Database, documents: Documents, counts: ItemCounts, stamps: Stamps) -> None:
        self._db = database
        self._counts = counts
        self._documents = documents
        self._remembered = ListCache(database, stamps)

    def items(self, query: ListQuery) -> ListPage:
        return self._listed(query)

    def of_categories(self, query: ListQuery) -> ListPage:
        return self._listed(query)

    def _listed(self, query: ListQuery) -> ListPage:
        column, direction = COLUMNS[query.sort_by], _DIRECTIONS[query.sort_order]
        self._db.ensure_index(f"items_by_{column}")
        term = None if query.search is None else items.searchable(query.search)
        listed = ItemFilter.of(query.workspace, query.status, query.categories, term)
        selected = KeyQuery(listed, query.comparisons(), column, direction)
        offset = (query.page - 1) * query.limit
        return self._db.consistent_read(lambda: self._page(selected, offset, query.limit))

    def _page(self, query: KeyQuery, offset: int, limit: int) -> ListPage:
        counted = query.listed.term is None and not query.comparisons
        keys = self._remembered.get(query, self._keys, self._renewed, at_first=not counted)
        if keys is None:
            return self._walked(query, offset, limit)
        return ListPage(self._documents.of(keys[offset : offset + limit]), len(keys))

    def _walked(self, query: KeyQuery, offset: int, limit: int) -> ListPage:
        total = self._counts.of(query.listed)
        if offset >= total:
            return ListPage([], total)
        select, values = query.sql()
        rows = self._db.all(f"{select} LIMIT ? OFFSET ?", (*values, limit, offset))
        return ListPage(self._documents.of([row[0] for row in rows]), total)

    def _keys(self, query: KeyQuery) -> Keys:
        """The keys that a query selects. They are read as one JSON text, which takes half the time of rows."""
        sql, values = query.sql()
        row = self._db.one(f"SELECT json_group_array(key) FROM ({sql})", tuple(values))
        assert row is not None
        return array("I", _decoder.decode(row[0]))

    def _renewed(self, query: KeyQuery, keys: Keys, since: int) -> Keys | None:
        most = min(MOST, max(LEAST, self._counts.of(ItemFilter(query.listed.workspace)) // SHARE))
        return renewed_keys(self._db, query, keys, since, most)


_decoder = msgspec.json.Decoder(list[int])
_DIRECTIONS = {"asc": "ASC", "desc": "DESC"}
