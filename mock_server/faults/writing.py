"""Writes that do something else than they say: versions, updates, publication, archive, create and bulk."""

from __future__ import annotations

from functools import partial

from mock_server.faults import entry
from mock_server.faults.fault import Given

_rule = partial(entry.rule, "meaning")
_UPDATE, _CREATE, _PUBLISH, _ARCHIVE = (
    "updateContentItem",
    "createContentItem",
    "publishContent",
    "archiveContent",
)
_BULK, _ITEM = "bulkUpdateContent", "getContentItem"

VERSIONING = (
    _rule("lost-update", "S:272", "The version of an update is not checked: the last writer wins.",
          "items.conflict-on-stale-version races.one-winner races.counter races.reads-linearizable", _UPDATE, version_checked=False),
    _rule("conflict-one-late", "S:272", "An update may be one version behind.",
          "items.conflict-on-stale-version races.one-winner races.reads-linearizable", _UPDATE, version_check_slack=1),
    _rule("version-not-raised", "F7", "A change does not raise the version.", "items.update-bumps-version", "writes",
          version_step=0),
    _rule("version-raised-twice", "F7", "A change raises the version by two.", "items.update-bumps-version", "writes",
          version_step=2),
    _rule("conflict-current-wrong", "R17", "`currentVersion` of a conflict is one too high.",
          "items.conflict-on-stale-version", _UPDATE, conflict_current_shift=1),
    _rule("read-stale", "openapi", "Each Nth read of an item shows the version before.",
          "items.list-shows-present-state", _ITEM, given={"every": 2}, read_stale_every=Given("every")),
    _rule("write-lost", "openapi", "Each Nth update is acknowledged and not stored.",
          "items.update-merges", _UPDATE, given={"every": 2}, write_lost_every=Given("every")),
    _rule("update-answer-old", "openapi", "An update answers the item as it was.", "items.update-bumps-version", _UPDATE,
          answer_before_write=True),
    _rule("updated-at-kept", "F7", "An update leaves updatedAt as it was.", "items.update-bumps-version", _UPDATE,
          updated_at_kept=True),
    _rule("updated-by-kept", "openapi", "An update leaves updatedBy as it was.", "versions.authors", _UPDATE,
          updated_by_kept=True),
    _rule("created-at-moves", "F7", "An update sets createdAt.", "items.update-merges", _UPDATE, created_at_moves=True),
)  # fmt: skip

UPDATING = (
    _rule("put-replaces", "S:262", "An update resets what it does not name.", "items.update-merges", _UPDATE,
          put_replaces=True),
    _rule("put-keeps-category", "openapi", "`category: null` is ignored.", "items.update-null-clears-category", _UPDATE,
          put_keeps_category=True),
    _rule("put-merges-metadata", "openapi", "Metadata is merged, not set.", "items.update-replaces-members-whole", _UPDATE,
          put_merges_metadata=True),
    _rule("put-unpublishes", "openapi", "An update makes a published item a draft.", "items.update-keeps-published", _UPDATE,
          put_unpublishes=True),
    _rule("put-archived", "R21", "An archived item can be updated.", "items.archived-refuses-writes", _UPDATE, put_archived=True),
    _rule("title-trimmed", "openapi", "Spaces around a title are removed.", "items.create-keeps-what-was-sent", "createContentItem updateContentItem",
          title_trimmed=True),
    _rule("title-cut", "openapi", "Long titles are cut.", "items.length-in-code-points", "createContentItem updateContentItem",
          given={"length": 100}, title_cut=Given("length")),
    _rule("text-latin", "openapi", "Letters outside Latin-1 become `?`.", "items.unicode-survives", "createContentItem updateContentItem",
          text_latin=True),
    _rule("tags-sorted", "openapi", "Tags are sorted.", "items.create-keeps-what-was-sent", "createContentItem updateContentItem",
          tags_sorted=True),
    _rule("tags-lowered", "openapi", "Tags are kept in lower case.", "items.unicode-survives", "createContentItem updateContentItem",
          tags_lowered=True),
    _rule("metadata-names-lowered", "openapi", "The names in metadata are kept in lower case.", "items.unicode-survives",
          "createContentItem updateContentItem", metadata_names_lowered=True),
    _rule("publish-repeat-counts", "openapi", "Publishing a published item makes a version.", "items.publish-idempotent",
          _PUBLISH, publish_repeat_counts=True),
    _rule("publish-stamp-moves", "openapi", "publishedAt moves with a later publication.", "items.publish-once-stamped",
          "publishContent updateContentItem revertContentVersion", publish_stamp_moves=True),
    _rule("publish-stamp-missing", "openapi", "publishedAt stays null.", "items.publish", _PUBLISH,
          publish_stamp_missing=True),
    _rule("publish-platforms-ignored", "openapi", "Publish does not set the platforms.", "items.publish-platforms",
          _PUBLISH, publish_platforms=False),
    _rule("publish-archived", "R21", "An archived item can be published.", "items.archived-refuses-writes", _PUBLISH,
          publish_archived=True),
    _rule("archive-repeat-counts", "openapi", "Archiving an archived item makes a version.", "items.archive-idempotent",
          _ARCHIVE, archive_repeat_counts=True),
    _rule("archive-removes", "R21", "An archived item cannot be read any more.", "items.archive", _ITEM,
          archive_removes=True),
    _rule("archive-without-version", "openapi", "Archiving makes no version.", "items.archive", _ARCHIVE,
          archive_version=False),
    _rule("create-published", "openapi", "A new item is published.", "items.create-is-draft", _CREATE, create_published=True),
    _rule("create-twice", "CF-3", "A create makes two items.", "items.create-once", _CREATE, create_twice=True),
    _rule("create-id-temporary", "S:230", "Ids of new items begin with `temp-`.", "items.ids-fresh shape.answers", _CREATE,
          create_id_prefix="temp-"),
    _rule("create-version-two", "F7", "A new item has version 2.", "items.create-is-draft", _CREATE, create_version=2),
    _rule("category-unchecked", "openapi", "A category that does not exist is accepted.", "items.category-unknown",
          "createContentItem updateContentItem", category_checked=False),
    _rule("create-without-platforms", "openapi", "A create without platforms is for none.", "items.create-defaults",
          _CREATE, create_platforms_default=False),
    _rule("metrics-count-wrong", "F11", "`accepted` is one too low.", "http.metrics-count", "ingestMetrics",
          metrics_accepted_shift=-1),
)  # fmt: skip

BULK = (
    _rule("bulk-counts-failed", "F8", "successfulOperations counts the failed ones.", "bulk.partial-failure", _BULK,
          bulk_counts_all=True),
    _rule("bulk-stops", "R19", "The first failure ends the rest in silence.", "bulk.partial-failure", _BULK,
          bulk_stops=True),
    _rule("bulk-atomic", "R19", "One failure undoes all, though they count as done.", "bulk.partial-failure", _BULK,
          bulk_atomic=True),
    _rule("bulk-backwards", "R19", "Operations are applied from the last to the first.", "bulk.in-order", _BULK,
          bulk_backwards=True),
    _rule("bulk-index-from-one", "F8", "`index` counts from 1.", "bulk.partial-failure", _BULK, bulk_index_from_one=True),
    _rule("bulk-code-generic", "F8", "Every failure has the code INTERNAL.", "bulk.partial-failure", _BULK,
          bulk_code="INTERNAL"),
    _rule("bulk-silent", "F8", "Failed operations are not reported.", "bulk.partial-failure", _BULK, bulk_silent=True),
    _rule("bulk-version-unchecked", "R19", "An update in bulk needs no version.", "bulk.partial-failure", _BULK,
          bulk_version_checked=False),
    _rule("bulk-drops-last", "F8", "The last of several operations is counted and not applied.", "bulk.all-succeed",
          _BULK, bulk_drops_last=True),
    _rule("bulk-reports-twice", "F8", "A failure is reported twice.", "bulk.partial-failure", _BULK,
          bulk_reports_twice=True),
    _rule("bulk-all-failed-400", "R19", "A bulk in which all failed is 400.", "bulk.all-fail", _BULK,
          bulk_all_failed_status=400),
    _rule("bulk-partial-207", "R19", "A bulk in which some failed is 207.", "bulk.partial-failure shape.answers", _BULK,
          bulk_partial_status=207),
)  # fmt: skip

WRITING = VERSIONING + UPDATING + BULK
