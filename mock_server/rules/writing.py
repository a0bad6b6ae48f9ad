"""The rules of what the writing operations do; each field has its right value as default."""

from __future__ import annotations


class WritingRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Writing

    version_checked: bool = True
    """An update of an old version is 409; False: the last writer wins."""
    version_check_slack: int = 0
    """How many versions behind an update may be."""
    version_step: int = 1
    """What an effective change adds to the version."""
    conflict_current_shift: int = 0
    """Added to `details.currentVersion`."""
    read_stale_every: int = 0
    """Each Nth read of an item shows the version before the present one."""
    list_stale: bool = False
    """Lists show each item as it was one version before."""
    write_lost_every: int = 0
    """Each Nth update is acknowledged and not stored."""
    updated_at_kept: bool = False
    """An update leaves `updatedAt` as it was."""
    updated_by_kept: bool = False
    """An update leaves `updatedBy` as it was."""
    created_at_moves: bool = False
    """An update sets `createdAt`."""
    put_replaces: bool = False
    """An update resets what it does not name."""
    put_partial: bool = False
    """An update stores the first of the members it names and ignores the others."""
    put_appends_tags: bool = False
    """An update adds its tags to those that are there."""
    put_keeps_category: bool = False
    """`category: null` is ignored."""
    put_merges_metadata: bool = False
    """`metadata` is merged into what is there, not set."""
    put_unpublishes: bool = False
    """An update makes a published item a draft."""
    put_archived: bool = False
    """An archived item can be updated."""
    title_trimmed: bool = False
    """Spaces around a title are removed without a word."""
    title_cut: int = 0
    """When not 0, longer titles are cut to this many characters."""
    text_latin: bool = False
    """Letters outside Latin-1 become `?`."""
    tags_sorted: bool = False
    """Tags are sorted."""
    tags_lowered: bool = False
    """Tags are kept in lower case."""
    metadata_names_lowered: bool = False
    """The names in metadata are kept in lower case."""
    answer_before_write: bool = False
    """The answer of an update shows the item as it was."""
    publish_repeat_counts: bool = False
    """Publishing a published item makes a version."""
    publish_stamp_moves: bool = False
    """`publishedAt` moves with each publication."""
    publish_stamp_missing: bool = False
    """`publishedAt` stays null."""
    publish_platforms: bool = True
    """Publish sets the platforms that it names."""
    publish_archived: bool = False
    """An archived item can be published."""
    archive_nothing: bool = False
    """Archive answers success and does nothing."""
    archive_repeat_counts: bool = False
    """Archiving an archived item makes a version."""
    archive_removes: bool = False
    """An archived item cannot be read any more (404)."""
    archive_version: bool = True
    """Archiving makes a version."""
    create_published: bool = False
    """A new item is published."""
    create_twice: bool = False
    """A create makes two items."""
    create_id_prefix: str = "c"
    """What new ids begin with; never `temp-` (S:230)."""
    create_version: int = 1
    """The version of a new item."""
    category_checked: bool = True
    """A category that does not exist is 409."""
    create_platforms_default: bool = True
    """A create without platforms means all three; False: none."""
    metrics_accepted_shift: int = 0
    """Added to the number of accepted metrics."""

    # Bulk

    bulk_counts_all: bool = False
    """successfulOperations counts the failed ones as well."""
    bulk_stops: bool = False
    """The operations after the first failure are neither applied nor reported."""
    bulk_atomic: bool = False
    """One failure undoes all operations, though they are counted as successful."""
    bulk_backwards: bool = False
    """Operations are applied from the last to the first."""
    bulk_index_from_one: bool = False
    """`index` counts from 1."""
    bulk_code: str = ""
    """When not empty, the code of every failed operation."""
    bulk_silent: bool = False
    """Failed operations are not reported."""
    bulk_version_checked: bool = True
    """An update in bulk needs the present version."""
    bulk_drops_last: bool = False
    """The last operation of several is counted and not applied."""
    bulk_reports_twice: bool = False
    """A failed operation is reported twice."""
    bulk_all_failed_status: int = 200
    """The status when every operation failed."""
    bulk_partial_status: int = 200
    """The status when some operation failed."""
