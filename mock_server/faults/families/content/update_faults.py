"""Faults of changes of an item: versions, updates, publication, archive, create."""

from functools import partial
from typing import Any

from mock_server import stamps
from mock_server.content_service import ALL_PLATFORMS, ContentService
from mock_server.faults.families import entry
from mock_server.faults.families.content.version_faults import STALE
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import Replacement, at, exclusive, fields, plus, returns, skipped
from mock_server.handlers.content_writing import ContentWriteHandlers
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import Change, ItemStore

_fault = partial(entry.wrapped, "meaning")
_UPDATE, _CREATE, _PUBLISH, _ARCHIVE = (
    "updateContentItem",
    "createContentItem",
    "publishContent",
    "archiveContent",
)
_ITEM, _SET = "getContentItem", "createContentItem updateContentItem"


def _one_behind(step: WrappedStep, before: ContentItem, version: int) -> None:
    if before.version - version != 1:
        step(before, version)


def _current_too_high(step: WrappedStep, before: ContentItem, version: int) -> None:
    try:
        step(before, version)
    except Problem as problem:
        details = {**(problem.details or {}), "currentVersion": before.version + 1}
        raise Problem(problem.code, problem.detail, details=details) from None


def _raised_by(number: int) -> Any:
    @exclusive
    def by(step: WrappedStep, before: ContentItem, change: Change) -> int:
        return before.version + number

    return by


def _now_and_then_lost(step: WrappedStep, *given: Any, every: int = 2) -> Any:
    write = Replacement(*given)
    if write.change.action == "updated" and step.count() % every == 0:
        return items.written(write.after)
    return step(*write)


def _as_it_was(step: WrappedStep, context: RequestContext) -> tuple[ContentItem, WrittenItem]:
    before, _ = step(context)
    return before, items.written(before)


def _at_the_old_time(step: WrappedStep, *given: Any) -> Any:
    write = Replacement(*given)
    if write.change.action != "updated":
        return step(*write)
    kept = items.changed(write.after, {"updated_at": write.before.updated_at})
    return step(*write._replace(after=kept, stamp=stamps.parse(write.before.updated_at)))


def _on(action: str, **make: Any) -> Any:
    """A wrapper that sets fields of the item after a change of this kind, each from its states after and before."""

    def by(
        step: WrappedStep, before: ContentItem, after: ContentItem, stamp: int, change: Change
    ) -> ContentItem:
        was = items.changed(before, {})
        made: ContentItem = step(before, after, stamp, change)
        if change.action != action:
            return made
        return items.changed(made, {name: one(made, was) for name, one in make.items()})

    return by


VERSIONING = (
    _fault("lost-update", "S:272", "The version of an update is not checked: the last writer wins.",
           "items.conflict-on-stale-version races.one-winner races.counter races.reads-linearizable", _UPDATE,
           at(ContentService.require_version, skipped)),
    _fault("conflict-one-late", "S:272", "An update may be one version behind.",
           "items.conflict-on-stale-version races.one-winner races.reads-linearizable", _UPDATE,
           at(ContentService.require_version, _one_behind)),
    _fault("version-not-raised", "F7", "A change does not raise the version.", "items.update-bumps-version", "writes",
           at(ItemStore.next_version, _raised_by(0))),
    _fault("version-raised-twice", "F7", "A change raises the version by two.", "items.update-bumps-version", "writes",
           at(ItemStore.next_version, _raised_by(2))),
    _fault("conflict-current-wrong", "R17", "`currentVersion` of a conflict is one too high.",
           "items.conflict-on-stale-version", _UPDATE, at(ContentService.require_version, _current_too_high)),
    *STALE,
    _fault("write-lost", "openapi", "Each Nth update is acknowledged and not stored.", "items.update-merges", _UPDATE,
           at(ItemStore.store, _now_and_then_lost)),
    _fault("update-answer-old", "openapi", "An update answers the item as it was.", "items.update-bumps-version", _UPDATE,
           at(ContentWriteHandlers.updated, _as_it_was)),
    _fault("updated-at-kept", "F7", "An update leaves updatedAt as it was.", "items.update-bumps-version", _UPDATE,
           at(ItemStore.store, _at_the_old_time)),
    _fault("updated-by-kept", "openapi", "An update leaves updatedBy as it was.", "versions.authors", _UPDATE,
           at(ItemStore.stamped, _on("updated", updated_by=lambda made, before: before.updated_by))),
    _fault("created-at-moves", "F7", "An update sets createdAt.", "items.update-merges", _UPDATE,
           at(ItemStore.stamped, _on("updated", created_at=lambda made, before: made.updated_at))),
)  # fmt: skip


def _stored(name: str, make: Any) -> Any:
    """A wrapper that changes a field of a request with `make` before it is stored."""

    def by(step: WrappedStep, document: dict[str, Any]) -> dict[str, Any]:
        stored: dict[str, Any] = step(document)
        return {**stored, name: make(stored[name])} if name in stored else stored

    return by


def _cut(step: WrappedStep, document: dict[str, Any], *, length: int = 100) -> dict[str, Any]:
    stored: dict[str, Any] = step(document)
    return {**stored, "title": stored["title"][:length]} if "title" in stored else stored


def _merged(make: Any) -> Any:
    """A wrapper that replaces the fields of an update by `make(before, fields)`."""
    return lambda step, before, fields: step(before, make(before, fields))


def _reset(before: ContentItem, fields: dict[str, Any]) -> dict[str, Any]:
    rest: dict[str, Any] = {
        "body": "",
        "category": None,
        "tags": [],
        "platforms": ALL_PLATFORMS,
        "metadata": {},
    }
    return {**rest, **fields}


def _category_kept(before: ContentItem, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "category" or value is not None}


def _metadata_added(before: ContentItem, fields: dict[str, Any]) -> dict[str, Any]:
    if "metadata" not in fields:
        return fields
    return {**fields, "metadata": {**before.metadata, **fields["metadata"]}}


def _unpublished(before: ContentItem, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "status": "draft"} if before.status == "published" else fields


UPDATING = (
    _fault("put-replaces", "S:262", "An update resets what it does not name.", "items.update-merges", _UPDATE,
           at(ContentService.merged, _merged(_reset))),
    _fault("put-keeps-category", "openapi", "`category: null` is ignored.", "items.update-null-clears-category", _UPDATE,
           at(ContentService.merged, _merged(_category_kept))),
    _fault("put-merges-metadata", "openapi", "Metadata is merged, not set.", "items.update-replaces-members-whole", _UPDATE,
           at(ContentService.merged, _merged(_metadata_added))),
    _fault("put-unpublishes", "openapi", "An update makes a published item a draft.", "items.update-keeps-published", _UPDATE,
           at(ContentService.merged, _merged(_unpublished))),
    _fault("put-archived", "R21", "An archived item can be updated.", "items.archived-refuses-writes", _UPDATE,
           at(ContentService.require_not_archived, skipped)),
    _fault("title-trimmed", "openapi", "Spaces around a title are removed.", "items.create-keeps-what-was-sent", _SET,
           at(ContentService.stored, _stored("title", str.strip))),
    _fault("title-cut", "openapi", "Long titles are cut.", "items.length-in-code-points", _SET,
           at(ContentService.stored, _cut)),
    _fault("text-latin", "openapi", "Letters outside Latin-1 become `?`.", "items.unicode-survives", _SET,
           at(ContentService.stored, _stored("title", lambda text: text.encode("latin-1", "replace").decode("latin-1")))),
    _fault("tags-sorted", "openapi", "Tags are sorted.", "items.create-keeps-what-was-sent", _SET,
           at(ContentService.stored, _stored("tags", sorted))),
    _fault("tags-lowered", "openapi", "Tags are kept in lower case.", "items.unicode-survives", _SET,
           at(ContentService.stored, _stored("tags", lambda tags: [tag.lower() for tag in tags]))),
    _fault("metadata-names-lowered", "openapi", "The names in metadata are kept in lower case.", "items.unicode-survives", _SET,
           at(ContentService.stored, _stored("metadata", lambda texts: {name.lower(): text for name, text in texts.items()}))),
    _fault("publish-repeat-counts", "openapi", "Publishing a published item makes a version.", "items.publish-idempotent",
           _PUBLISH, at(ContentService.is_repeat, returns(False))),
    _fault("publish-stamp-moves", "openapi", "publishedAt moves with a later publication.", "items.publish-once-stamped",
           "publishContent updateContentItem revertContentVersion",
           at(ItemStore.stamped, _on("published", published_at=lambda made, before: made.updated_at))),
    _fault("publish-stamp-missing", "openapi", "publishedAt stays null.", "items.publish", _PUBLISH,
           at(ItemStore.stamped, _on("published", published_at=lambda made, before: before.published_at))),
    _fault("publish-platforms-ignored", "openapi", "Publish does not set the platforms.", "items.publish-platforms",
           _PUBLISH, at(ContentService.stored, returns({}))),
    _fault("publish-archived", "R21", "An archived item can be published.", "items.archived-refuses-writes", _PUBLISH,
           at(ContentService.require_not_archived, skipped)),
    _fault("archive-repeat-counts", "openapi", "Archiving an archived item makes a version.", "items.archive-idempotent",
           _ARCHIVE, at(ContentService.is_repeat, returns(False))),
    _fault("archive-removes", "R21", "An archived item cannot be read any more.", "items.archive", _ITEM,
           at(ItemStore.find, lambda step, *named: _unless_archived(step(*named)))),
    _fault("archive-without-version", "openapi", "Archiving makes no version.", "items.archive", _ARCHIVE,
           at(ItemStore.next_version, lambda step, before, change: before.version), at(ItemStore.log, skipped)),
    _fault("create-published", "openapi", "A new item is published.", "items.create-is-draft", _CREATE,
           at(ContentService.new_item, fields(status=lambda *_: "published"))),
    _fault("create-twice", "CF-3", "A create makes two items.", "items.create-once", _CREATE,
           at(ContentService.create, lambda step, *asked: [step(*asked), step(*asked)][1])),
    _fault("create-id-temporary", "S:230", "Ids of new items begin with `temp-`.", "items.ids-fresh shape.answers", _CREATE,
           at(ContentService.new_item, fields(id=lambda item, *_: "temp-" + item.id[1:]))),
    _fault("create-version-two", "F7", "A new item has version 2.", "items.create-is-draft", _CREATE,
           at(ContentService.new_item, fields(version=lambda *_: 2))),
    _fault("category-unchecked", "openapi", "A category that does not exist is accepted.", "items.category-unknown", _SET,
           at(ContentService.require_category, skipped)),
    _fault("create-without-platforms", "openapi", "A create without platforms is for none.", "items.create-defaults",
           _CREATE, at(ContentService.stored, lambda step, document: {"platforms": [], **step(document)})),
    _fault("metrics-count-wrong", "F11", "`accepted` is one too low.", "http.metrics-count", "ingestMetrics",
           at(SessionHandlers.count_metrics, plus(-1))),
)  # fmt: skip


def _unless_archived(found: Any) -> Any:
    return None if found is not None and items.decode(found[2]).status == "archived" else found
