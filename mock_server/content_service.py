"""`ContentService`, the rules of each write of an item, for single requests and for bulk requests.

Each method runs inside a write transaction. It raises Problem and changes nothing, or returns the new state of the item. The order of the
409s is INVALID_STATE, VERSION_CONFLICT, CATEGORY_UNKNOWN.
"""

from typing import Any

from mock_server.problem import Problem
from mock_server.store import item as items
from mock_server.store.categories import CategoryStore
from mock_server.store.ids import IdMaker
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import Change, ItemStore
from mock_server.store.versions import StoredVersion, VersionStore

ALL_PLATFORMS = ["web", "ios", "android"]


class ContentService:
    def __init__(
        self, items: ItemStore, categories: CategoryStore, versions: VersionStore, ids: IdMaker
    ) -> None:
        self._items = items
        self._categories = categories
        self._versions = versions
        self._ids = ids

    def create(self, workspace: str, actor: str, body: dict[str, Any]) -> WrittenItem:
        self.require_category(workspace, body.get("category"))
        item = self.new_item(workspace, actor, body)
        return self._items.insert(workspace, item, Change(action="created", actor=actor))

    def new_item(self, workspace: str, actor: str, body: dict[str, Any]) -> ContentItem:
        fields = self.stored(body)
        return ContentItem(
            id=self._items.next_id(workspace, lambda number: self._ids.make(workspace, number)),
            title=fields["title"],
            body=fields.get("body", ""),
            category=fields.get("category"),
            tags=fields.get("tags", []),
            platforms=fields.get("platforms", ALL_PLATFORMS),
            metadata=fields.get("metadata", {}),
            status="draft",
            version=1,
            created_at="",
            updated_at="",
            published_at=None,
            created_by=actor,
            updated_by=actor,
        )

    def stored(self, document: dict[str, Any]) -> dict[str, Any]:
        """The fields of a request that are stored in an item."""
        return items.writable(document)

    def update(
        self, workspace: str, actor: str, key: int, before: ContentItem, version: int, changes: dict[str, Any]
    ) -> WrittenItem:
        self.require_not_archived(before)
        self.require_version(before, version)
        self.require_category(workspace, changes.get("category"))
        after = self.merged(before, self.stored(changes))
        return self._items.replace(workspace, key, before, after, Change(action="updated", actor=actor))

    def merged(self, before: ContentItem, fields: dict[str, Any]) -> ContentItem:
        """The item with the fields of an update, each replaced as a whole."""
        return items.changed(before, fields)

    def publish(
        self, workspace: str, actor: str, key: int, before: ContentItem, options: dict[str, Any]
    ) -> WrittenItem:
        self.require_not_archived(before)
        if self.is_repeat(before, "published"):
            return items.written(before)
        after = items.changed(before, {"status": "published", **self.stored(options)})
        change = Change(action="published", actor=actor, notify=options.get("notify", False))
        return self._items.replace(workspace, key, before, after, change)

    def archive(self, workspace: str, actor: str, key: int, before: ContentItem) -> WrittenItem:
        if self.is_repeat(before, "archived"):
            return items.written(before)
        after = items.changed(before, {"status": "archived"})
        return self._items.replace(workspace, key, before, after, Change(action="archived", actor=actor))

    def is_repeat(self, before: ContentItem, status: str) -> bool:
        """Whether the item has this status already, so that no version is made."""
        return before.status == status

    def revert(
        self, workspace: str, actor: str, key: int, before: ContentItem, version_id: str, *, backup: bool
    ) -> WrittenItem:
        target = self.target(key, before, version_id)
        if backup:
            self._versions.mark_backup(key, before.version)
        after = self.reverted(before, items.decode(target.snapshot))
        change = Change(action="reverted", actor=actor, target=target.version)
        return self._items.replace(workspace, key, before, after, change)

    def target(self, key: int, before: ContentItem, version_id: str) -> StoredVersion:
        """The version to which a revert returns. Raises Problem(404)."""
        target = self._versions.named(key, before.id, version_id)
        if target is None:
            raise Problem(
                "VERSION_NOT_FOUND", f"The item {before.id} has no version with the id {version_id}."
            )
        return target

    def reverted(self, before: ContentItem, past: ContentItem) -> ContentItem:
        """The item with the content of an earlier version and its present status; an archived item becomes a draft."""
        content = {name: getattr(past, name) for name in items.WRITABLE}
        status = "draft" if before.status == "archived" else before.status
        return items.changed(before, {**content, "status": status})

    # Conditions of a write

    def require_category(self, workspace: str, category: str | None) -> None:
        if category is not None and not self._categories.exists(workspace, category):
            raise Problem("CATEGORY_UNKNOWN", f"There is no category with the id {category}.")

    def require_not_archived(self, before: ContentItem) -> None:
        if before.status == "archived":
            raise Problem("INVALID_STATE", f"The item {before.id} is archived; revert it first.")

    def require_version(self, before: ContentItem, version: int) -> None:
        if before.version != version:
            raise Problem(
                "VERSION_CONFLICT",
                f"The item is at version {before.version}, the update was made for version {version}.",
                details={"currentVersion": before.version, "yourVersion": version},
            )
