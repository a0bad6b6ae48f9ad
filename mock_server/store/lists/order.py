"""Lists that are remembered: the keys of a selection in one order, so that its total and every page cost the same.

A list is made by a walk over all items, which is what makes the first page of its kind expensive; after that it is
kept for the next one and follows the writes. What changed since is found by its stamp (behaviour R30), in this process
or in another, so nothing has to be told to anybody; where a changed item stood before is found by its version history.
A list is never trusted beyond that: too many changes, rows that were replaced without a stamp (`Database.epoch`), or a
history that a fault has touched, and it is made anew.

Only keys are kept, four bytes each, and only of the lists that were asked for last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_server.store import item as items
from mock_server.store.item import ContentItem
from mock_server.store.lists.excerpt import Keys
from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps

Place = tuple[Any, str]
"""(sort value, id): what orders the items of a list."""

MOST_LISTS = 256
MOST_KEYS = 4_000_000
"""Of all lists together: 16 MB, twenty whole lists of 200,000 items."""
BY_KEY = "key"
"""The order that costs nothing: of a list that is only counted."""

_BEFORE_ALL = -(2**63)
"""In place of a stamp that is not there: null comes before every stamp."""
# What a row is sorted by, as SQL and, of an older version, as Python.
_VALUE = {"published_at": f"COALESCE(published_at, {_BEFORE_ALL})"}
_PAST: dict[str, Callable[[ContentItem], Any]] = {
    "updated_at": lambda item: items.micros(item.updated_at),
    "created_at": lambda item: items.micros(item.created_at),
    "title": lambda item: item.title,
    "published_at": lambda item: (
        _BEFORE_ALL if item.published_at is None else items.micros(item.published_at)
    ),
    "version": lambda item: item.version,
}


@dataclass(slots=True)
class KeptOrder:
    """A list as it was at `stamp`."""

    keys: Keys
    stamp: int


Make = Callable[[], Keys]


class Orders:
    def __init__(
        self, database: Database, stamps: Stamps, *, lists: int = MOST_LISTS, keys: int = MOST_KEYS
    ) -> None:
        self._db = database
        self._stamps = stamps
        self._kept: OrderedDict[tuple[ItemFilter, str], KeptOrder] = OrderedDict()
        self._most_lists, self._most_keys = lists, keys
        self.size = 0
        """How many keys are kept, of all lists together."""
        self._epoch = database.epoch

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: tuple[ItemFilter, str]) -> bool:
        return name in self._kept

    def present(self, selection: ItemFilter, column: str) -> Keys | None:
        """The list, if nothing at all has changed since it was asked for."""
        kept = self._kept.get((selection, column))
        if (
            kept is None
            or self._epoch != self._db.epoch
            or kept.stamp != self._stamps.last(selection.workspace)
        ):
            return None
        self._kept.move_to_end((selection, column))
        return kept.keys

    def get(self, selection: ItemFilter, column: str, make: Make) -> Keys:
        """The keys of the selection as they are now, ascending; `make` makes them. Within `Database.at_once`."""
        if self._epoch != self._db.epoch:
            self.forget()
        name = selection, column
        stamp = self._stamps.last(selection.workspace)
        kept = self._kept.pop(name, None)
        if kept is not None:
            self.size -= len(kept.keys)
            if kept.stamp != stamp and not self._follow(selection, column, kept):
                kept = None
        if kept is None:
            kept = KeptOrder(make(), stamp)
        kept.stamp = stamp
        self._keep(name, kept)
        return kept.keys

    def forget(self) -> None:
        self._kept.clear()
        self.size, self._epoch = 0, self._db.epoch

    def rank(self, keys: Keys, column: str, value: Any, *, after: bool) -> int:
        """How many of the list come before this value, or (`after`) before what is greater than it."""
        find = bisect_right if after else bisect_left
        return find(keys, value, key=lambda key: self._place(column, key)[0])

    def _keep(self, name: tuple[ItemFilter, str], kept: KeptOrder) -> None:
        self._kept[name] = kept
        self.size += len(kept.keys)
        while len(self._kept) > self._most_lists or (self.size > self._most_keys and len(self._kept) > 1):
            _, oldest = self._kept.popitem(last=False)
            self.size -= len(oldest.keys)

    def _place(self, column: str, key: int) -> Place:
        row = self._db.one(f"SELECT {_VALUE.get(column, column)}, id FROM items WHERE key = ?", (key,))
        assert row is not None  # items are never removed
        return row[0], row[1]

    # What changed since

    def _follow(self, selection: ItemFilter, column: str, kept: KeptOrder) -> bool:
        """Bring a list up to date, or say that it must be made anew."""
        most = MOST_CHANGES if column == BY_KEY else MOST_MOVES
        condition, values = selection.where()
        rows = self._db.all(
            f"SELECT key, {condition} FROM items WHERE workspace = ? AND live IN (0, 1) AND updated_at > ? LIMIT ?",
            (*values, selection.workspace, kept.stamp, most + 1),
        )
        if len(rows) > most:
            return False
        changed = {key: bool(here) for key, here in rows}
        if column == BY_KEY:
            _put_by_key(kept.keys, changed)
            return True
        if self._db.one("SELECT 1 FROM meta WHERE key = 'deviated'") is not None:
            return False
        self._move(kept, column, changed)
        return True

    def _move(self, kept: KeptOrder, column: str, changed: dict[int, bool]) -> None:
        """Take all that changed out of where they were, then put in those that belong here, where they are now."""
        past: dict[int, Place] = {}
        for key in changed:
            was = self._past_place(column, key, kept.stamp)
            if was is not None:
                past[key] = was

        def then(key: int) -> Place:
            return past[key] if key in past else self._place(column, key)

        def now(key: int) -> Place:
            return self._place(column, key)

        here = {key for key, belongs in changed.items() if belongs}
        for key, was in past.items():
            position = bisect_left(kept.keys, was, key=then)
            if position < len(kept.keys) and kept.keys[position] == key:
                if key in here and now(key) == was:
                    here.discard(key)  # it stands where it stood
                else:
                    del kept.keys[position]
        for key in here:
            kept.keys.insert(bisect_left(kept.keys, now(key), key=now), key)

    def _past_place(self, column: str, key: int, stamp: int) -> Place | None:
        """Where the item stood at that time; None if it was not there yet."""
        row = self._db.one(
            "SELECT snapshot FROM versions WHERE item = ? AND created_at <= ? ORDER BY version DESC LIMIT 1",
            (key, stamp),
        )
        if row is None:
            return None
        item = items.decode(row[0])
        return _PAST[column](item), item.id


MOST_CHANGES = 2_000
"""Since a list was asked for last; of a list by key, where one costs 2 us."""
MOST_MOVES = 200
"""The same of the other lists, where one costs 60 us and a walk over all of 200,000 items 20 ms."""


def has(keys: Keys, key: int) -> bool:
    """Whether the key is in an ascending list."""
    position = bisect_left(keys, key)
    return position < len(keys) and keys[position] == key


def _put_by_key(keys: Keys, changed: dict[int, bool]) -> None:
    for key, here in changed.items():
        if here == has(keys, key):
            continue
        position = bisect_left(keys, key)
        if here:
            keys.insert(position, key)
        else:
            del keys[position]


def deviate(database: Database) -> None:
    """A fault is about to write: histories cannot be relied on in this database from now on."""
    database.run("INSERT OR IGNORE INTO meta VALUES ('deviated', 1)")
    database.epoch += 1
    database.generation += 1
