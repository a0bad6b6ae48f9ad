"""Items: reading one, a page, a category; and the one way in which an item changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mock_server import stamps
from mock_server.clock import Clock
from mock_server.rules import Rules, Ruling
from mock_server.store import item as items
from mock_server.store.database import Database
from mock_server.store.item import Item
from mock_server.store.listing import PREVIOUS, condition, order, searched, window


@dataclass(frozen=True, slots=True)
class Page:
    docs: list[bytes]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who did what. `action` is created, updated, published, archived or reverted."""

    action: str
    actor: str
    notify: bool = False
    target: int = 0
    """Of a revert: the number of the version that it returns to."""


class ItemStore:
    def __init__(self, database: Database, clock: Clock, ruling: Ruling) -> None:
        self._db = database
        self._clock = clock
        self._ruling = ruling
        self._updates = 0

    # Reading

    def find(self, workspace: str, item_id: str) -> tuple[int, int, bytes] | None:
        """(key, version, doc), or None where this workspace has no such item."""
        row = self._db.one(
            "SELECT key, version, doc FROM items WHERE workspace = ? AND id = ?", (workspace, item_id)
        )
        return row and (row[0], row[1], row[2])

    def find_anywhere(self, item_id: str) -> tuple[int, int, bytes] | None:
        """As `find`, whatever the workspace: for faults only."""
        row = self._db.one("SELECT key, version, doc FROM items WHERE id = ?", (item_id,))
        return row and (row[0], row[1], row[2])

    def page(
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
    ) -> Page:
        rules = self._ruling.rules
        status = status if rules.list_status_filter else None
        category = category if rules.list_category_filter else None
        search = search if rules.list_search else None
        live = int(status != "archived")
        where, values = "workspace = ? AND live = ?", [workspace, live]
        for name, wanted in (("status", status if live else None), ("category", category)):
            if wanted is not None:
                where += f" AND {name} = ?"
                values.append(wanted)
        if search is not None:
            where += f" AND {searched(rules)}"
            values.append(items.searchable(search) if rules.search_folds_case else search)
        if self._ruling.on:
            where = condition(where, rules, filtered=status is not None)
        total = (
            self._count(workspace, status, category)
            if search is None and not self._ruling.on
            else self._scalar(f"SELECT COUNT(*) FROM items WHERE {where}", values)
        )
        if rules.list_total_ignores_filter:
            total = self._count(workspace, None, None)
        return self._rows(where, values, order(rules, sort_by, sort_order, page), page, limit, total)

    def category_page(
        self,
        workspace: str,
        categories: list[str],
        *,
        page: int,
        limit: int,
        status: str | None,
        start: int | None,
        end: int | None,
    ) -> Page:
        """Items of any of the categories, newest change first; `start` and `end` (µs) are inclusive."""
        marks = ", ".join("?" * len(categories))
        where = f"workspace = ? AND category IN ({marks})"
        where += " AND live = 1" if status is None else " AND status = ?"
        values: list[Any] = [workspace, *categories, *([] if status is None else [status])]
        stamp = "created_at" if self._ruling.rules.range_on_created else "updated_at"
        if start is not None:
            where += f" AND {stamp} >= ?"
            values.append(start)
        if end is not None:
            where += f" AND {stamp} <= ?"
            values.append(end)
        if start is None and end is None:
            total = sum(self._count(workspace, status, category) for category in categories)
        else:
            total = self._scalar(f"SELECT COUNT(*) FROM items WHERE {where}", values)
        return self._rows(where, values, "updated_at DESC, id DESC", page, limit, total)

    def _rows(self, where: str, values: list[Any], order: str, page: int, limit: int, total: int) -> Page:
        offset, rules, doc = (page - 1) * limit, self._ruling.rules, "doc"
        if self._ruling.on:
            offset, limit = window(rules, page, limit, total)
            doc = PREVIOUS if rules.list_stale else doc
        if offset >= total:
            return Page([], total)
        rows = self._db.all(
            f"SELECT {doc} FROM items WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        docs = [row[0] for row in rows]
        if rules.list_drops_every:
            del docs[rules.list_drops_every - 1 :: rules.list_drops_every]
        return Page(docs, total)

    def _scalar(self, sql: str, values: list[Any]) -> int:
        row = self._db.one(sql, tuple(values))
        return int(row[0]) if row else 0

    def _count(self, workspace: str, status: str | None, category: str | None) -> int:
        where, values = "workspace = ?", [workspace]
        where += " AND status = ?" if status else " AND status <> 'archived'"
        if status:
            values.append(status)
        if category is not None:
            where += " AND category = ?"
            values.append(category)
        return self._scalar(f"SELECT COALESCE(SUM(n), 0) FROM counts WHERE {where}", values)

    # Writing: always within `Database.write()`

    def next_id(self, workspace: str, make: Any) -> str:
        """A fresh id from the workspace's own counter: the same program makes the same ids."""
        row = self._db.one("UPDATE workspaces SET made = made + 1 WHERE id = ? RETURNING made", (workspace,))
        assert row is not None
        made: str = make(row[0])
        return made

    def next_stamp(self, workspace: str) -> int:
        """Strictly increasing within a workspace, and never behind the clock (behaviour R30)."""
        row = self._db.one(
            "UPDATE workspaces SET stamp = max(stamp + 1, ?) WHERE id = ? RETURNING stamp",
            (self._clock.now(), workspace),
        )
        assert row is not None
        return int(row[0])

    def insert(self, workspace: str, item: Item, change: Change) -> Item:
        item.version, stamp = self._ruling.rules.create_version, self.next_stamp(workspace)
        item.created_at = item.updated_at = stamps.text(stamp)
        item.created_by = item.updated_by = change.actor
        row = self._db.one(
            "INSERT INTO items (workspace, id, version, status, live, category, title, created_at, updated_at,"
            " published_at, haystack, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
            (workspace, item.id, item.version, item.status, item.status != "archived", item.category, item.title, stamp,
             stamp, None, items.haystack(item), items.encode(item)),
        )  # fmt: skip
        assert row is not None
        self._tally(workspace, item.status, item.category, 1)
        self._log(workspace, row[0], item, stamp, change)
        return item

    def replace(self, workspace: str, key: int, before: Item, after: Item, change: Change) -> Item:
        """`after` becomes the item's next version. Version, times and actor are set here and nowhere else."""
        stamp, rules = self.next_stamp(workspace), self._ruling.rules
        after.version = before.version + rules.version_step
        after.updated_at, after.updated_by = stamps.text(stamp), change.actor
        if after.status == "published" and after.published_at is None and not rules.publish_stamp_missing:
            after.published_at = after.updated_at
        if self._ruling.on:
            if self._is_lost(change, rules):
                return after
            self._deviate(key, before, after, change, rules)
            stamp = stamps.parse(after.updated_at)
        self._db.run(
            "UPDATE items SET version = ?, status = ?, live = ?, category = ?, title = ?, updated_at = ?,"
            " published_at = ?, haystack = ?, doc = ? WHERE key = ?",
            (after.version, after.status, after.status != "archived", after.category, after.title, stamp,
             items.micros(after.published_at), items.haystack(after), items.encode(after), key),
        )  # fmt: skip
        if (before.status, before.category) != (after.status, after.category):
            self._tally(workspace, before.status, before.category, -1)
            self._tally(workspace, after.status, after.category, 1)
        if rules.archive_version or change.action != "archived":
            self._log(workspace, key, after, stamp, change)
        return after

    def _is_lost(self, change: Change, rules: Rules) -> bool:
        if change.action != "updated" or not rules.write_lost_every:
            return False
        self._updates += 1
        return self._updates % rules.write_lost_every == 0

    def _deviate(self, key: int, before: Item, after: Item, change: Change, rules: Rules) -> None:
        """What faults do to a change on its way into the store."""
        if change.action == "updated":
            if rules.updated_at_kept:
                after.updated_at = before.updated_at
            if rules.updated_by_kept:
                after.updated_by = before.updated_by
            if rules.created_at_moves:
                after.created_at = after.updated_at
            if rules.history_rewritten:
                past = items.changed(after, {"version": before.version, "updated_at": before.updated_at})
                self._db.run(
                    "UPDATE versions SET snapshot = ? WHERE item = ? AND version = ?",
                    (items.encode(past), key, before.version),
                )
        if change.action == "published" and rules.publish_stamp_moves:
            after.published_at = after.updated_at
        if change.action == "archived" and not rules.archive_version:
            after.version = before.version
        if change.action == "reverted":
            if rules.revert_backward:
                after.version = change.target
            if rules.revert_drops_later:
                self._db.run("DELETE FROM versions WHERE item = ? AND version > ?", (key, change.target))

    def _tally(self, workspace: str, status: str, category: str | None, step: int) -> None:
        self._db.run(
            "INSERT INTO counts VALUES (?, ?, ?, ?)"
            " ON CONFLICT (workspace, status, category) DO UPDATE SET n = n + excluded.n",
            (workspace, status, category or "", step),
        )

    def _log(self, workspace: str, key: int, item: Item, stamp: int, change: Change) -> None:
        again = " OR REPLACE" if self._ruling.on else ""  # a fault may give out a number twice
        self._db.run(
            f"INSERT{again} INTO versions (item, version, id, change_type, created_at, created_by, snapshot)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, item.version, f"{item.id}-v{item.version}", change.action, stamp, change.actor, items.encode(item)),
        )  # fmt: skip
        self._db.run(
            "INSERT INTO changes (workspace, stamp, item, version, action, title, notify, actor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (workspace, stamp, item.id, item.version, change.action, item.title, change.notify, change.actor),
        )
