"""`ItemStore`, which finds, inserts and replaces single items. Lists are in `mock_server.store.lists.pages`."""

from typing import Any

import msgspec

from mock_server import stamps
from mock_server.clock import Clock
from mock_server.store import item as items
from mock_server.store.documents import Documents
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The kind and the author of a change. `action` is created, updated, published, archived or reverted."""

    action: str
    actor: str
    notify: bool = False
    target: int = 0
    """The version number to which a revert returns."""


class ItemStore:
    def __init__(
        self, database: Database, documents: Documents, counts: ItemCounts, stamps: Stamps, clock: Clock
    ) -> None:
        self._db = database
        self._counts = counts
        self._documents = documents
        self._stamps = stamps
        self._clock = clock

    # Reading

    def find(self, workspace: str, item_id: str) -> tuple[int, int, bytes] | None:
        """(key, version, doc) of an item, or None."""
        return self._documents.find(workspace, item_id)

    # Writing: always within `Database.write()`

    def next_id(self, workspace: str, make: Any) -> str:
        """A new id from the counter of the workspace, so that the same requests make the same ids."""
        row = self._db.one("UPDATE workspaces SET made = made + 1 WHERE id = ? RETURNING made", (workspace,))
        assert row is not None
        made: str = make(row[0])
        return made

    def next_stamp(self, workspace: str) -> int:
        """The stamp of the next change: greater than all before in the workspace, and not before the clock (rule R30)."""
        stamp = max(self._stamps.last(workspace) + 1, self._clock.now())
        self._stamps.put(workspace, stamp)
        return stamp

    def insert(self, workspace: str, item: ContentItem, change: Change) -> WrittenItem:
        """Insert a new item with its first version."""
        stamp = self.next_stamp(workspace)
        item.created_at = item.updated_at = stamps.text(stamp)
        doc = items.encode(item)
        row = self._db.one(
            "INSERT INTO items (workspace, id, version, status, live, category, title, created_at, updated_at,"
            " published_at, haystack, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
            (workspace, item.id, item.version, item.status, item.status != "archived", item.category, item.title, stamp,
             stamp, None, items.haystack(item.title, item.body), doc),
        )  # fmt: skip
        assert row is not None
        self._counts.move(workspace, item.status, item.category, 1)
        self.log(workspace, row[0], item, doc, stamp, change)
        return WrittenItem(item, doc)

    def replace(
        self, workspace: str, key: int, before: ContentItem, after: ContentItem, change: Change
    ) -> WrittenItem:
        """Write the next version of an item. Only this method sets version number, times and author of `after`."""
        stamp = self.next_stamp(workspace)
        after = self.stamped(before, after, stamp, change)
        return self.store(workspace, key, before, after, stamp, change)

    def stamped(self, before: ContentItem, after: ContentItem, stamp: int, change: Change) -> ContentItem:
        after.version = self.next_version(before, change)
        after.updated_at, after.updated_by = stamps.text(stamp), change.actor
        if after.status == "published" and after.published_at is None:
            after.published_at = after.updated_at
        return after

    def next_version(self, before: ContentItem, change: Change) -> int:
        return before.version + 1

    def store(
        self, workspace: str, key: int, before: ContentItem, after: ContentItem, stamp: int, change: Change
    ) -> WrittenItem:
        doc = items.encode(after)
        self._documents.put(key, after.version, doc)
        columns = {"updated_at": stamp, "doc": doc, **self.differing(before, after)}
        self._db.run(f"UPDATE items SET {' = ?, '.join(columns)} = ? WHERE key = ?", (*columns.values(), key))
        if (before.status, before.category) != (after.status, after.category):
            self._counts.move(workspace, before.status, before.category, -1)
            self._counts.move(workspace, after.status, after.category, 1)
        self.log(workspace, key, after, doc, stamp, change)
        return WrittenItem(after, doc)

    def differing(self, before: ContentItem, after: ContentItem) -> dict[str, Any]:
        """The columns that differ between two versions, with their new values, because SQLite updates the indexes of all columns that are set."""
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

    def log(
        self, workspace: str, key: int, item: ContentItem, doc: bytes, stamp: int, change: Change
    ) -> None:
        """Insert the row that is both the item's version and the entry of the change log."""
        self._db.run(
            "INSERT INTO versions (workspace, item, version, change_type, created_at, created_by, notify, snapshot)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (workspace, key, item.version, change.action, stamp, change.actor, change.notify, doc),
        )  # fmt: skip
