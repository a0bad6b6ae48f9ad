"""Pages of items: what the two lists of the API show, at the same cost whatever the number of items.

Three ways lead to a page. A short way from the beginning of the list is walked, along the index of its order. A
longer one, when it is asked for often, starts from a list that is remembered (`mock_server.store.lists.order`). And what a search leaves over, if it is
little, is fetched and sorted. A walk has an end in any case: where the items of a filter lie at the far end of the
order (drafts by publishedAt), the list is remembered instead. The total is known before the page is looked for: it is
kept (`counts`), or the length of a remembered list.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec

from mock_server.store import item as items
from mock_server.store.documents import Documents
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.excerpt import Excerpt, Keys
from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.lists.listing import COLUMNS, ListPage
from mock_server.store.lists.order import BY_KEY, MOST_LISTS, Orders, has
from mock_server.store.lists.texts import Texts, indexed
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps

SHORT = 200
"""Index entries (60 ns each) that a page may always pass on its way: following a remembered list costs no less."""
WALK = 4_000
"""The same while the list is not remembered yet: the fiftieth page of a list that shows a quarter of them."""
ENTRY = 10
"""Instructions of SQLite's machine for one of them, at most: a walk that needs more than it should is broken off."""
WALK_FOUND = 500
"""The same where each is looked up among what a search has found (400 ns)."""
WALK_RANGE = 500
"""Items between two stamps that are counted one by one."""
FEW = 50
"""What may be fetched and sorted for one page (1 us each)."""


class Pages:
    def __init__(
        self,
        database: Database,
        documents: Documents,
        counts: ItemCounts,
        stamps: Stamps,
        texts: Texts,
    ) -> None:
        self._db = database
        self._counts = counts
        self._documents = documents
        self._texts = texts
        self._orders = Orders(database, stamps)
        self._far: set[tuple[ItemFilter, str]] = set()
        """Lists that lie at the far end of their index, as was found out by walking. There are a few hundred at most."""
        self._walked: dict[tuple[ItemFilter, str], int] = {}
        """How many entries the walks along a list have passed that were not short."""

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
        """One page of a workspace."""
        excerpt = Excerpt(COLUMNS[sort_by], sort_order == "desc", (page - 1) * limit, limit)
        self._need(excerpt, category)
        categories = None if category is None else (category,)
        if search is None:
            listed = ItemFilter.of(workspace, status, categories)
            return self._db.at_once(lambda: self._listed(listed, excerpt))
        self._texts.catch_up(workspace)
        found = ItemFilter.of(workspace, status, categories, items.searchable(search))
        return self._db.at_once(lambda: self._found(found, excerpt))

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
        """Items of any of the categories, newest change first; `start` and `end` (µs) are inclusive."""
        selection = ItemFilter.of(workspace, status, tuple(categories))
        excerpt = Excerpt("updated_at", True, (page - 1) * limit, limit)
        self._need(excerpt, categories)
        if start is None and end is None:
            return self._db.at_once(lambda: self._listed(selection, excerpt))
        first, last = _EVER if start is None else start, -_EVER if end is None else end
        return self._db.at_once(lambda: self._ranged(selection, excerpt, first, last))

    def _need(self, excerpt: Excerpt, categories: Any) -> None:
        """What these lists walk along, before they are read."""
        self._db.need(f"items_by_{excerpt.column}")
        if categories is not None:
            self._db.need("items_by_category")

    # The ways

    def _listed(self, selection: ItemFilter, excerpt: Excerpt) -> ListPage:
        total = self._counts.of(selection)
        if excerpt.offset >= total:
            return ListPage([], total)
        present = self._orders.present(selection, excerpt.column)
        if present is not None:
            return ListPage(self._documents.of(excerpt.cut(present)), total)
        near = self._near(selection, excerpt, total)
        if near is not None:
            return ListPage(self._documents.of(near), total)
        keys = self._ordered(selection, excerpt.column)
        return ListPage(self._documents.of(excerpt.cut(keys)), len(keys))

    def _found(self, selection: ItemFilter, excerpt: Excerpt) -> ListPage:
        keys = self._orders.get(selection, BY_KEY, lambda: self._search(selection))
        total = len(keys)
        if excerpt.offset >= total:
            return ListPage([], total)
        if total <= FEW:
            return ListPage(self._documents.of(self._sorted(keys, excerpt)), total)
        beside = self._counts.of(selection.whole())
        page = self._nearest(selection, excerpt, keys, 2 * excerpt.end * beside // total)
        if len(page) < min(excerpt.limit, total - excerpt.offset):
            page = excerpt.cut(self._ordered(selection, excerpt.column, among=keys))
        return ListPage(self._documents.of(page), total)

    def _ranged(self, selection: ItemFilter, excerpt: Excerpt, start: int, end: int) -> ListPage:
        """Of a list by updated_at, the part between two stamps."""
        where, values = selection.where()
        part = "FROM items INDEXED BY items_by_updated_at WHERE updated_at >= ? AND updated_at <= ?"
        passed = self._number(
            f"SELECT COUNT(*) FROM (SELECT 1 {part} AND workspace = ? AND live = ? LIMIT ?)",
            [start, end, selection.workspace, selection.live, WALK_RANGE + 1],
        )
        if passed <= WALK_RANGE:
            total = self._number(f"SELECT COUNT(*) {part} AND {where}", [start, end, *values])
            rows = self._db.all(
                f"SELECT key {part} AND {where} ORDER BY {excerpt.order} LIMIT ? OFFSET ?",
                (start, end, *values, excerpt.limit, excerpt.offset),
            )
            return ListPage(self._documents.of([row[0] for row in rows]), total)
        keys = self._ordered(selection, "updated_at")
        first = self._orders.rank(keys, "updated_at", start, after=False)
        last = self._orders.rank(keys, "updated_at", end, after=True)
        total = max(0, last - first)
        return ListPage(
            self._documents.of(excerpt.cut(keys, first, last)) if excerpt.offset < total else [], total
        )

    # Their parts

    def _number(self, sql: str, values: list[Any]) -> int:
        row = self._db.one(sql, tuple(values))
        assert row is not None
        return int(row[0])

    def _near(self, selection: ItemFilter, excerpt: Excerpt, total: int) -> list[int] | None:
        """The page's keys, if the way to it is short, or not worth a remembered list yet."""
        name = selection, excerpt.column
        if name in self._far:
            return None
        categories, statuses = selection.categories or (), selection.statuses
        alone = excerpt.column == "updated_at" and len(categories) == len(statuses) == 1
        few = bool(categories) and total <= FEW
        whole = selection.whole()
        beside = total if alone or few or selection == whole else self._counts.of(whole)
        if not self._is_worth_walking(name, excerpt.end * beside // total, beside):
            return None
        if alone or few:
            # Nothing else comes by: they are in their order, or few enough to be sorted.
            where = f"workspace = ? AND category IN ({_marks(categories)}) AND status IN ({_marks(statuses)})"
            values = [selection.workspace, *categories, *statuses]
            return self._walk("items_by_category", where, values, excerpt)
        keys = self._walk(f"items_by_{excerpt.column}", *selection.where(), excerpt)
        if keys is None:
            self._far.add(name)
        return keys

    def _is_worth_walking(self, name: tuple[ItemFilter, str], walk: int, all_of_it: int) -> bool:
        """Whether to pass so many entries again, or to remember the list, which takes a walk along all of it.

        A list is remembered once the walks along it have passed as many entries as it has: whatever is asked for next, that
        is never twice as much as the best choice (renting and buying skis).
        """
        if walk <= SHORT:
            return True
        if walk > WALK or name in self._orders:
            return False
        walked = self._walked.pop(name, 0) + walk
        if walked > all_of_it:
            return False
        if len(self._walked) == MOST_LISTS:
            self._walked.clear()
        self._walked[name] = walked
        return True

    def _walk(self, index: str, where: str, values: list[Any], excerpt: Excerpt) -> list[int] | None:
        rows = self._db.brief(
            f"SELECT key FROM items INDEXED BY {index} WHERE {where} ORDER BY {excerpt.order} LIMIT ? OFFSET ?",
            (*values, excerpt.limit, excerpt.offset),
            WALK * ENTRY,
        )
        return None if rows is None else [row[0] for row in rows]

    def _nearest(self, selection: ItemFilter, excerpt: Excerpt, among: Keys, walk: int) -> list[int]:
        """The page's keys, or fewer if the walk is too short for it; `among` is ascending."""
        if walk > WALK_FOUND:
            return []
        where, values = selection.whole().where()
        passed = self._keys(
            f"SELECT key FROM items INDEXED BY items_by_{excerpt.column} WHERE {where} ORDER BY {excerpt.order} LIMIT ?",
            [*values, walk],
        )
        return [key for key in passed if has(among, key)][excerpt.offset : excerpt.end]

    def _sorted(self, keys: Keys, excerpt: Excerpt) -> list[int]:
        rows = self._db.all(
            "SELECT key FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN items ON items.key = wanted"
            f" ORDER BY {excerpt.order} LIMIT ? OFFSET ?",
            (json.dumps(keys.tolist()), excerpt.limit, excerpt.offset),
        )
        return [row[0] for row in rows]

    def _ordered(self, selection: ItemFilter, column: str, *, among: Keys | None = None) -> Keys:
        """The remembered list; `among`: the keys that a search has found, in any order."""

        def walk() -> Keys:
            where, values = (selection if among is None else selection.whole()).where()
            walked = f"SELECT key FROM items INDEXED BY items_by_{column} WHERE {where} ORDER BY {column}, id"
            keys = self._keys(walked, values)
            if among is None:
                return array("I", keys)
            wanted = set(among)
            return array("I", [key for key in keys if key in wanted])

        return self._orders.get(selection, column, walk)

    def _keys(self, sql: str, values: list[Any]) -> list[int]:
        """What a statement selects, as one text: half the time of as many rows."""
        row = self._db.one(f"SELECT json_group_array(key) FROM ({sql})", tuple(values))
        assert row is not None
        return _decoder.decode(row[0])

    def _search(self, selection: ItemFilter) -> Keys:
        """The keys of what has the term, ascending: the candidates of the index, each looked into."""
        assert selection.term is not None
        where, values = selection.where()
        expression = self._texts.holding(selection.term)
        if expression is None:
            return array("I", self._keys(f"SELECT key FROM items NOT INDEXED WHERE {where}", values))
        late = indexed(self._db, selection.workspace)
        candidates = (
            ("texts CROSS JOIN items ON key = texts.rowid", "texts MATCH ?", expression),
            ("items INDEXED BY items_by_updated_at", "updated_at > ?", late),
        )
        found: set[int] = set()
        for source, condition, wanted in candidates:
            found.update(
                self._keys(f"SELECT key FROM {source} WHERE {condition} AND {where}", [wanted, *values])
            )
        return array("I", sorted(found))


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


_decoder = msgspec.json.Decoder(list[int])
_EVER = -(2**62)
"""Before every date that a request can name; without the sign, after it."""
