"""How items change: the rules of every single write, used by the single calls and by bulk alike.

Each method runs inside one write transaction and raises Problem with nothing changed, or returns the item
as it is afterwards. Order of the 409s: INVALID_STATE, VERSION_CONFLICT, CATEGORY_UNKNOWN.
"""

from __future__ import annotations

from typing import Any

from mock_server.problem import Problem
from mock_server.rules import Ruling
from mock_server.store import item as items
from mock_server.store.categories import CategoryStore
from mock_server.store.ids import IdMaker
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import Change, ItemStore
from mock_server.store.versions import VersionStore

ALL_PLATFORMS = ["web", "ios", "android"]


class ContentService:
    def __init__(
        self,
        items: ItemStore,
        categories: CategoryStore,
        versions: VersionStore,
        ids: IdMaker,
        ruling: Ruling,
    ) -> None:
        self._items = items
        self._categories = categories
        self._versions = versions
        self._ids = ids
        self._ruling = ruling

    def create(self, workspace: str, actor: str, body: dict[str, Any]) -> WrittenItem:
        self._require_category(workspace, body.get("category"))
        rules, change = self._ruling.rules, Change(action="created", actor=actor)
        if self._ruling.on:
            body = self._worded(body)
        if rules.create_twice:
            self._items.insert(workspace, self._new(workspace, actor, body), change)
        item = self._new(workspace, actor, body)
        if rules.create_published:
            item.status = "published"
        if rules.mass_assignment:
            item.status = body.get("status", item.status)
        return self._items.insert(workspace, item, change)

    def _new(self, workspace: str, actor: str, body: dict[str, Any]) -> ContentItem:
        rules = self._ruling.rules
        made = self._items.next_id(workspace, lambda number: self._ids.make(workspace, number))
        return ContentItem(
            id=rules.create_id_prefix + made[1:],
            title=body.get("title", ""),
            body=body.get("body", ""),
            category=body.get("category"),
            tags=body.get("tags", []),
            platforms=body.get("platforms", ALL_PLATFORMS if rules.create_platforms_default else []),
            metadata=body.get("metadata", {}),
            status="draft",
            version=1,
            created_at="",
            updated_at="",
            published_at=None,
            created_by=actor,
            updated_by=actor,
        )

    def _worded(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Texts and tags as faults store them."""
        rules, fields = self._ruling.rules, dict(fields)
        title = fields.get("title")
        if title is not None and rules.title_trimmed:
            fields["title"] = title.strip()
        if title is not None and rules.title_cut:
            fields["title"] = title[: rules.title_cut]
        if title is not None and rules.text_latin:
            fields["title"] = title.encode("latin-1", "replace").decode("latin-1")
        if "tags" in fields and rules.tags_sorted:
            fields["tags"] = sorted(fields["tags"])
        if "tags" in fields and rules.tags_lowered:
            fields["tags"] = [tag.lower() for tag in fields["tags"]]
        if "metadata" in fields and rules.metadata_names_lowered:
            fields["metadata"] = {name.lower(): text for name, text in fields["metadata"].items()}
        return fields

    def _merged(self, before: ContentItem, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of an update as faults apply them."""
        rules, fields = self._ruling.rules, self._worded(fields)
        if rules.put_partial:
            fields = dict(list(fields.items())[:1])
        if rules.put_replaces:
            reset: dict[str, Any] = {
                "body": "",
                "category": None,
                "tags": [],
                "platforms": ALL_PLATFORMS,
                "metadata": {},
            }
            fields = reset | fields
        if "tags" in fields and rules.put_appends_tags:
            fields["tags"] = before.tags + fields["tags"]
        if fields.get("category", "") is None and rules.put_keeps_category:
            del fields["category"]
        if "metadata" in fields and rules.put_merges_metadata:
            fields["metadata"] = before.metadata | fields["metadata"]
        if before.status == "published" and rules.put_unpublishes:
            fields["status"] = "draft"
        return fields

    def update(
        self, workspace: str, actor: str, key: int, before: ContentItem, version: int, changes: dict[str, Any]
    ) -> WrittenItem:
        rules = self._ruling.rules
        if before.status == "archived" and not rules.put_archived:
            raise _archived(before)
        behind = before.version - version
        if behind and rules.version_checked and not 0 < behind <= rules.version_check_slack:
            raise Problem(
                "VERSION_CONFLICT",
                f"The item is at version {before.version}, the update was made for version {version}.",
                details={
                    "currentVersion": before.version + rules.conflict_current_shift,
                    "yourVersion": version,
                },
            )
        self._require_category(workspace, changes.get("category"))
        fields = items.writable(changes)
        after = items.changed(before, self._merged(before, fields) if self._ruling.on else fields)
        return self._items.replace(workspace, key, before, after, Change(action="updated", actor=actor))

    def publish(
        self, workspace: str, actor: str, key: int, before: ContentItem, options: dict[str, Any]
    ) -> WrittenItem:
        rules = self._ruling.rules
        if before.status == "archived" and not rules.publish_archived:
            raise _archived(before)
        if before.status == "published" and not rules.publish_repeat_counts:
            return items.written(before)
        changes = {"status": "published", **(items.writable(options) if rules.publish_platforms else {})}
        change = Change(action="published", actor=actor, notify=options.get("notify", False))
        return self._items.replace(workspace, key, before, items.changed(before, changes), change)

    def archive(self, workspace: str, actor: str, key: int, before: ContentItem) -> WrittenItem:
        rules = self._ruling.rules
        if (before.status == "archived" and not rules.archive_repeat_counts) or rules.archive_nothing:
            return items.written(before)
        after = items.changed(before, {"status": "archived"})
        return self._items.replace(workspace, key, before, after, Change(action="archived", actor=actor))

    def revert(
        self, workspace: str, actor: str, key: int, before: ContentItem, version_id: str, *, backup: bool
    ) -> WrittenItem:
        rules = self._ruling.rules
        target = self._versions.named(key, before.id, version_id)
        if target is None and rules.revert_foreign_version:
            target = self._versions.named_anywhere(version_id)
        if target is None:
            raise Problem(
                "VERSION_NOT_FOUND", f"The item {before.id} has no version with the id {version_id}."
            )
        content = items.decode(target.snapshot)
        changes = {name: getattr(content, name) for name in items.WRITABLE}
        if self._ruling.on:
            kept = () if rules.revert_nothing else ("title",) if rules.revert_title_only else items.WRITABLE
            changes = {name: value for name, value in changes.items() if name in kept}
        recovered = before.status == "archived" and not rules.revert_keeps_archived
        changes["status"] = "draft" if recovered else before.status
        if rules.revert_status:
            changes["status"] = content.status
        if backup and rules.backup_marked:
            self._versions.mark_backup(key, before.version)
        after = items.changed(before, changes)
        change = Change(action="reverted", actor=actor, target=target.version)
        return self._items.replace(workspace, key, before, after, change)

    def _require_category(self, workspace: str, category: str | None) -> None:
        unknown = category is not None and not self._categories.exists(workspace, category)
        if unknown and self._ruling.rules.category_checked:
            raise Problem("CATEGORY_UNKNOWN", f"There is no category with the id {category}.")


def _archived(item: ContentItem) -> Problem:
    return Problem("INVALID_STATE", f"The item {item.id} is archived; revert it first.")
