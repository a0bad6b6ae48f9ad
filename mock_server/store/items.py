"""Items: reading one, and the one way in which an item changes. Lists of them are `mock_server.store.lists.pages`."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server import stamps
from mock_server.clock import Clock
from mock_server.rules import Rules, Ruling
from mock_server.store import item as items
from mock_server.store.documents import Documents
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.lists import texts
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.order import deviate
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what. `action` is created, updated, published, archived or reverted."""

    action: str
    actor: str
    notify: bool = False
    target: int = 0
    """Of a revert: the number of the version that it returns to."""


class ItemStore:
    def __init__(
        self,
        database: Database,
        documents: Documents,
        counts: ItemCounts,
        stamps: Stamps,
        clock: Clock,
        ruling: Ruling,
    ) -> None:
        self._db = database
        self._counts = counts
        self._documents = documents
        self._stamps = stamps
        self._clock = clock
        self._ruling = ruling
        self._updates = 0

    # Reading

    def find(self, workspace: str, item_id: str) -> tuple[int, int, bytes] | None:
        """(key, version, doc), or None where this workspace has no such item."""
        return self._documents.find(workspace, item_id)

    def find_anywhere(self, item_id: str) -> tuple[int, int, bytes] | None:
        """As `find`, whatever the workspace: for faults only."""
        row = self._db.one("SELECT key, version, doc FROM items WHERE id = ?", (item_id,))
        return row and (row[0], row[1], row[2])

    # Writing: always within `Database.write()`

    def next_id(self, workspace: str, make: Any) -> str:
        """A fresh id from the workspace's own counter: the same program makes the same ids."""
        row = self._db.one("UPDATE workspaces SET made = made + 1 WHERE id = ? RETURNING made", (workspace,))
        assert row is not None
        made: str = make(row[0])
        return made

    def next_stamp(self, workspace: str) -> int:
        """Strictly increasing within a workspace, and never behind the clock (behaviour R30)."""
        stamp = max(self._stamps.last(workspace) + 1, self._clock.now())
        self._stamps.put(workspace, stamp)
        if self._ruling.on:  # the item may not get it
            self._db.run("UPDATE workspaces SET stamp = ? WHERE id = ?", (stamp, workspace))
        return stamp

    def insert(self, workspace: str, item: ContentItem, change: Change) -> WrittenItem:
        self._distrust()
        item.version, stamp = self._ruling.rules.create_version, self.next_stamp(workspace)
        item.created_at = item.updated_at = stamps.text(stamp)
        item.created_by = item.updated_by = change.actor
        doc = items.encode(item)
        row = self._db.one(
            "INSERT INTO items (workspace, id, version, status, live, category, title, created_at, updated_at,"
            " published_at, haystack, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
            (workspace, item.id, item.version, item.status, item.status != "archived", item.category, item.title, stamp,
             stamp, None, items.haystack(item.title, item.body), doc),
        )  # fmt: skip
        assert row is not None
        self._counts.move(workspace, item.status, item.category, 1)
        self._log(workspace, row[0], item, doc, stamp, change)
        return WrittenItem(item, doc)

    def replace(
        self, workspace: str, key: int, before: ContentItem, after: ContentItem, change: Change
    ) -> WrittenItem:
        """`after` becomes the item's next version. Version, times and actor are set here and nowhere else."""
        stamp, rules = self.next_stamp(workspace), self._ruling.rules
        after.version = before.version + rules.version_step
        after.updated_at, after.updated_by = stamps.text(stamp), change.actor
        if after.status == "published" and after.published_at is None and not rules.publish_stamp_missing:
            after.published_at = after.updated_at
        self._distrust()
        if self._ruling.on:
            if self._is_lost(change, rules):
                return WrittenItem(after, items.encode(after))
            self._deviate(key, before, after, change, rules)
            stamp = stamps.parse(after.updated_at)
        doc = items.encode(after)
        self._documents.put(key, after.version, doc)
        columns = {"updated_at": stamp, "doc": doc, **_differing(before, after)}
        self._db.run(f"UPDATE items SET {' = ?, '.join(columns)} = ? WHERE key = ?", (*columns.values(), key))
        if (before.status, before.category) != (after.status, after.category):
            self._counts.move(workspace, before.status, before.category, -1)
            self._counts.move(workspace, after.status, after.category, 1)
        if rules.archive_version or change.action != "archived":
            self._log(workspace, key, after, doc, stamp, change)
        return WrittenItem(after, doc)

    def _distrust(self) -> None:
        """A write while a fault is on may leave rows that nothing else may be derived from."""
        if self._ruling.on:
            deviate(self._db)
            texts.forget(self._db)

    def _is_lost(self, change: Change, rules: Rules) -> bool:
        if change.action != "updated" or not rules.write_lost_every:
            return False
        self._updates += 1
        return self._updates % rules.write_lost_every == 0

    def _deviate(
        self, key: int, before: ContentItem, after: ContentItem, change: Change, rules: Rules
    ) -> None:
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
                # Out of sight and not away: the number of the last one is not to be given out again.
                self._db.run(
                    "UPDATE versions SET item = -seq WHERE item = ? AND version > ?", (key, change.target)
                )

    def _log(
        self, workspace: str, key: int, item: ContentItem, doc: bytes, stamp: int, change: Change
    ) -> None:
        again = " OR REPLACE" if self._ruling.on else ""  # a fault may give out a number twice
        self._db.run(
            f"INSERT{again} INTO versions (workspace, item, version, change_type, created_at, created_by, notify, snapshot)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (workspace, key, item.version, change.action, stamp, change.actor, change.notify, doc),
        )


def _differing(before: ContentItem, after: ContentItem) -> dict[str, Any]:
    """The columns in which two versions differ, and their new values: SQLite renews each index that has one of them."""
    columns: dict[str, Any] = {}
    if after.version != before.version:
        columns["version"] = after.version
    if after.title != before.title:
        columns["title"] = after.title
    if after.title != before.title or after.body != before.body:
        columns["haystack"] = items.haystack(after.title, after.body)
    if after.category != before.category:
        columns["category"] = after.category
    if after.status != before.status:
        columns |= {"status": after.status, "live": after.status != "archived"}
    if after.published_at != before.published_at:
        columns["published_at"] = items.micros(after.published_at)
    return columns
