"""Faults of the version history and of reverts."""

import re
from functools import partial
from typing import Any

import msgspec

from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import Replacement, at, fields, members, result, skipped
from mock_server.handlers.content_reading import ContentReadHandlers
from mock_server.handlers.content_writing import ContentWriteHandlers
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.item import ContentItem
from mock_server.store.items import ItemStore
from mock_server.store.sqlite.database import Database
from mock_server.store.versions import StoredVersion, VersionStore

_fault = partial(entry.wrapped, "meaning")
_VERSIONS, _ITEM, _REVERT = "getContentVersions", "getContentItem", "revertContentVersion"
_ALL = 1_000_000
TOO_LONG = re.compile(r"\d{20}")
"""A number that 64 bits do not hold."""


def _present_if_unknown(step: WrappedStep, context: RequestContext) -> Any:
    try:
        return step(context)
    except Problem:
        _, version, doc = context.found
        return version, doc


def _present_snapshot(step: WrappedStep, context: RequestContext, version: StoredVersion) -> dict[str, Any]:
    return {**step(context, version), "snapshot": msgspec.Raw(context.found[2])}


def _rewriting(step: WrappedStep, *given: Any) -> Any:
    write = Replacement(*given)
    if write.change.action == "updated":
        before = write.before
        past = items.changed(write.after, {"version": before.version, "updated_at": before.updated_at})
        step.part(Database).run(
            "UPDATE versions SET snapshot = ? WHERE item = ? AND version = ?",
            (items.encode(past), write.key, before.version),
        )
        step.touch()
    return step(*write)


def _hiding_later(step: WrappedStep, *given: Any) -> Any:
    """Hide later versions without deleting them, so that their numbers are not used again."""
    hidden = "UPDATE versions SET item = -seq WHERE item = ? AND version > ?"
    write = Replacement(*given)
    step.part(Database).run(hidden, (write.key, write.change.target))
    step.touch()
    return step(*write)


def _only(*names: str) -> Any:
    """A wrapper with which a revert restores only these fields."""

    def by(step: WrappedStep, before: ContentItem, past: ContentItem) -> Any:
        kept = {name: getattr(before, name) for name in items.WRITABLE if name not in names}
        return step(before, items.changed(past, kept))

    return by


def _any_version(step: WrappedStep, key: int, before: ContentItem, version_id: str) -> Any:
    """The version with this id of any item."""
    try:
        return step(key, before, version_id)
    except Problem:
        named = items.of_version(version_id)
        owner = named and step.part(Database).one("SELECT key FROM items WHERE id = ?", (named[0],))
        found = step.part(VersionStore).numbered(owner[0], named[1]) if owner and named else None
        if found is None:
            raise
        return found


def _into_64_bits(step: WrappedStep, *given: Any) -> Any:
    if any(TOO_LONG.search(text) for text in given if isinstance(text, str)):
        raise OverflowError
    return step(*given)


VERSIONS = (
    _fault("versions-oldest-first", "openapi", "History starts with version 1.", "versions.newest-first", _VERSIONS,
           at(VersionStore.newest, lambda step, key, limit: step(key, _ALL)[::-1][:limit])),
    _fault("versions-limit-ignored", "F13", "`limit` of the history is ignored.", "versions.limit", _VERSIONS,
           at(VersionStore.newest, lambda step, key, limit: step(key, _ALL))),
    _fault("versions-gap", "openapi", "A version is missing from the history.", "versions.newest-first", _VERSIONS,
           at(VersionStore.newest, result(lambda versions: versions[:1] + versions[2:]))),
    _fault("versions-present-snapshot", "openapi", "Every version shows the present content.", "versions.snapshots",
           _VERSIONS, at(ContentReadHandlers.version_entry, _present_snapshot)),
    _fault("versions-type-wrong", "openapi", "Every change is called `updated`.", "versions.change-types", _VERSIONS,
           at(ContentReadHandlers.version_entry, members(changeType=lambda *_: "updated"))),
    _fault("version-asked-ignored", "S:113", "`?version=k` answers the present version.", "versions.snapshots", _ITEM,
           at(ContentReadHandlers.version_shown, lambda step, context: context.found[1:])),
    _fault("version-unknown-current", "R27", "An unknown `?version=k` answers the present one.", "versions.unknown", _ITEM,
           at(ContentReadHandlers.version_shown, _present_if_unknown)),
    _fault("history-rewritten", "openapi", "An update overwrites the version before it.", "versions.immutable",
           "updateContentItem getContentItem getContentVersions", at(ItemStore.store, _rewriting)),
    _fault("backup-not-marked", "R28", "A revert does not mark what it replaces.", "revert.backup", _REVERT,
           at(VersionStore.mark_backup, skipped)),
    _fault("revert-backward", "R28", "A revert takes the target's version number.", "revert.content", _REVERT,
           at(ItemStore.next_version, lambda step, before, change: change.target)),
    _fault("revert-drops-later", "R28", "A revert removes the versions after its target.", "revert.keeps-history", _REVERT,
           at(ItemStore.store, _hiding_later)),
    _fault("revert-title-only", "openapi", "A revert brings back the title only.", "revert.content", _REVERT,
           at(ContentService.reverted, _only("title"))),
    _fault("revert-nothing", "openapi", "A revert changes nothing but the version.", "revert.content", _REVERT,
           at(ContentService.reverted, _only())),
    _fault("revert-keeps-archived", "R21", "A reverted archived item stays archived.", "revert.recovers", _REVERT,
           at(ContentService.reverted, fields(status=lambda made, before, past: before.status))),
    _fault("revert-status", "openapi", "A revert brings back the status of its target.", "revert.keeps-status", _REVERT,
           at(ContentService.reverted, fields(status=lambda made, before, past: past.status))),
    _fault("revert-foreign-version", "openapi", "A revert takes a version of another item.", "revert.foreign-version", _REVERT,
           at(ContentService.target, _any_version)),
    _fault("revert-number-500", "openapi", "A revert to a version id with a number beyond 64 bits is 500.", "revert.foreign-version",
           _REVERT, at(ContentService.target, _into_64_bits)),
    _fault("etag-number-500", "RFC 9110 8.8.3", "An entity tag with a number beyond 64 bits is 500.", "http.not-modified http.if-match",
           "getContentItem updateContentItem",
           at(ContentReadHandlers.is_not_modified, _into_64_bits), at(ContentWriteHandlers.is_match, _into_64_bits)),
)  # fmt: skip


def _now_and_then_stale(step: WrappedStep, context: RequestContext, *, every: int = 2) -> tuple[int, bytes]:
    version, doc = step(context)
    if context.query.get("version") is None and step.count() % every == 0:
        old = step.part(VersionStore).numbered(context.found[0], version - 1)
        if old is not None:
            return old.version, old.snapshot
    return version, doc


STALE = (
    _fault("read-stale", "openapi", "Each Nth read of an item shows the version before.", "items.list-shows-present-state", _ITEM,
           at(ContentReadHandlers.version_shown, _now_and_then_stale)),
)  # fmt: skip
