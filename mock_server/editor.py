"""How items change: the rules of every single write, used by the single calls and by bulk alike.

Each method runs inside one write transaction and raises Problem with nothing changed, or returns the item
as it is afterwards. Order of the 409s: INVALID_STATE, VERSION_CONFLICT, CATEGORY_UNKNOWN.
"""

from __future__ import annotations

from typing import Any

from mock_server.identity import IdMaker
from mock_server.problem import Problem
from mock_server.store import item as items
from mock_server.store.categories import CategoryStore
from mock_server.store.item import Item
from mock_server.store.items import Change, ItemStore
from mock_server.store.versions import VersionStore

ALL_PLATFORMS = ["web", "ios", "android"]


class Editor:
    def __init__(
        self, items: ItemStore, categories: CategoryStore, versions: VersionStore, ids: IdMaker
    ) -> None:
        self._items = items
        self._categories = categories
        self._versions = versions
        self._ids = ids

    def create(self, workspace: str, actor: str, body: dict[str, Any]) -> Item:
        self._require_category(workspace, body.get("category"))
        item = Item(
            id=self._items.next_id(workspace, lambda made: self._ids.make(workspace, made)),
            title=body["title"],
            body=body.get("body", ""),
            category=body.get("category"),
            tags=body.get("tags", []),
            platforms=body.get("platforms", ALL_PLATFORMS),
            metadata=body.get("metadata", {}),
            status="draft",
            version=1,
            created_at="",
            updated_at="",
            published_at=None,
            created_by=actor,
            updated_by=actor,
        )
        return self._items.insert(workspace, item, Change(action="created", actor=actor))

    def update(
        self, workspace: str, actor: str, key: int, before: Item, version: int, changes: dict[str, Any]
    ) -> Item:
        if before.status == "archived":
            raise _archived(before)
        if before.version != version:
            raise Problem(
                "VERSION_CONFLICT",
                f"The item is at version {before.version}, the update was made for version {version}.",
                details={"currentVersion": before.version, "yourVersion": version},
            )
        self._require_category(workspace, changes.get("category"))
        after = items.changed(before, items.writable(changes))
        return self._items.replace(workspace, key, before, after, Change(action="updated", actor=actor))

    def publish(self, workspace: str, actor: str, key: int, before: Item, options: dict[str, Any]) -> Item:
        if before.status == "archived":
            raise _archived(before)
        if before.status == "published":
            return before
        changes = {"status": "published", **items.writable(options)}
        change = Change(action="published", actor=actor, notify=options.get("notify", False))
        return self._items.replace(workspace, key, before, items.changed(before, changes), change)

    def archive(self, workspace: str, actor: str, key: int, before: Item) -> Item:
        if before.status == "archived":
            return before
        after = items.changed(before, {"status": "archived"})
        return self._items.replace(workspace, key, before, after, Change(action="archived", actor=actor))

    def revert(
        self, workspace: str, actor: str, key: int, before: Item, version_id: str, *, backup: bool
    ) -> Item:
        target = self._versions.named(key, version_id)
        if target is None:
            raise Problem(
                "VERSION_NOT_FOUND", f"The item {before.id} has no version with the id {version_id}."
            )
        content = items.decode(target.snapshot)
        changes = {name: getattr(content, name) for name in items.WRITABLE}
        changes["status"] = "draft" if before.status == "archived" else before.status
        if backup:
            self._versions.mark_backup(key, before.version)
        after = items.changed(before, changes)
        return self._items.replace(workspace, key, before, after, Change(action="reverted", actor=actor))

    def _require_category(self, workspace: str, category: str | None) -> None:
        if category is not None and not self._categories.exists(workspace, category):
            raise Problem("CATEGORY_UNKNOWN", f"There is no category with the id {category}.")


def _archived(item: Item) -> Problem:
    return Problem("INVALID_STATE", f"The item {item.id} is archived; revert it first.")
