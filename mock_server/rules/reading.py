"""The rules of what the reading operations answer; each field has its right value as default."""

from __future__ import annotations


class ReadingRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Lists

    list_status_filter: bool = True
    """`status` filters."""
    list_category_filter: bool = True
    """`category` filters."""
    list_category_prefix: bool = False
    """`category` keeps the subcategories' items as well (prefix of the id)."""
    list_search: bool = True
    """`search` filters."""
    search_folds_case: bool = True
    """`search` does not regard the case of ASCII letters."""
    search_body: bool = True
    """`search` looks into the body as well as the title."""
    search_prefix_only: bool = False
    """`search` finds the beginning of a title only."""
    search_wildcards: bool = False
    """`%` and `_` in `search` match anything, as in LIKE."""
    search_trimmed: bool = False
    """White space around `search` is left out."""
    search_words: bool = False
    """The words of `search` are found anywhere, in any order."""
    list_hides_archived: bool = True
    """Without `status=archived`, archived items are hidden."""
    list_hides_drafts: bool = False
    """Drafts are hidden unless asked for."""
    list_sorted: bool = True
    """`sortBy` is obeyed; False: always updatedAt."""
    list_order: bool = True
    """`sortOrder` is obeyed; False: always descending."""
    list_ties_by_id: bool = True
    """Equals are ordered by id; False: by nothing, differently on each page."""
    list_title_folded: bool = False
    """Titles sort without regard to case."""
    list_nulls_last: bool = False
    """Items never published come last in both orders of publishedAt."""
    list_offset_shift: int = 0
    """Rows by which a page starts late (1 loses a row at each border, -1 repeats one)."""
    list_page_from_zero: bool = False
    """`page=1` is the second page."""
    list_limit_shift: int = 0
    """Added to the number of rows of a page."""
    list_limit_fixed: int = 0
    """When not 0, the limit of every page, whatever was asked for."""
    list_last_page: bool = True
    """False: the last, shorter page is empty."""
    list_past_end_repeats: bool = False
    """A page past the end repeats the last one."""
    list_drops_every: int = 0
    """Each Nth row of a page is missing."""
    list_total_shift: int = 0
    """Added to `total`."""
    list_total_of_page: bool = False
    """`total` counts the rows of this page."""
    list_total_ignores_filter: bool = False
    """`total` counts all items that are not archived, whatever the filter."""
    pages_rounded_down: bool = False
    """`totalPages` is rounded down."""
    has_next_always: bool = False
    """`hasNext` is always true."""
    has_prev_wrong: bool = False
    """`hasPrev` is the opposite of what it should be."""

    # Categories

    subcategories_shown: int | None = None
    """Levels below that includeSubcategories adds; None is all of them."""
    subcategories_always: bool = False
    """Subcategories are included unasked."""
    category_status_default: bool = True
    """Without `status`, a category shows published items only; False: all but archived."""
    range_start_exclusive: bool = False
    """An item at exactly `startDate` is left out."""
    range_end_exclusive: bool = False
    """An item at exactly `endDate` is left out."""
    range_end_of_day: bool = True
    """A full-date as `endDate` means the end of that day; False: its beginning."""
    range_on_created: bool = False
    """The range tests `createdAt`."""
    range_ignored: bool = False
    """The range is ignored."""
    range_swapped: bool = False
    """An inverted range is turned round in place of being empty."""
    unknown_category_empty: bool = False
    """An unknown category in the path is an empty page, not 404."""
    tree_empty_shown: bool = False
    """Empty categories are shown unasked."""
    tree_empty_hidden: bool = False
    """includeEmpty is ignored."""
    tree_prunes_parents: bool = False
    """A category without items of its own is cut together with its filled subcategories."""
    tree_counts: str = ""
    """`all` counts archived items too, `published` only published ones, `subtree` adds up what is below."""
    tree_stale: bool = False
    """The tree is computed once and kept."""

    # Versions

    versions_oldest_first: bool = False
    """History is listed from version 1 on."""
    versions_limit: bool = True
    """`limit` is obeyed."""
    versions_gap: bool = False
    """The second newest version is left out."""
    versions_present_snapshot: bool = False
    """Every version shows the present content."""
    versions_type: str = ""
    """When not empty, the changeType of every version."""
    version_asked_ignored: bool = False
    """`?version=k` answers the present version."""
    version_unknown_current: bool = False
    """An unknown `?version=k` answers the present version, not 404."""
    history_rewritten: bool = False
    """An update also overwrites the snapshot of the version before it."""
    backup_marked: bool = True
    """A revert with createBackup marks the version that it replaces."""
    revert_backward: bool = False
    """Revert gives the item the target's version number again."""
    revert_drops_later: bool = False
    """Revert removes the versions after the target."""
    revert_title_only: bool = False
    """Revert brings back the title and nothing else."""
    revert_nothing: bool = False
    """Revert makes a new version with unchanged content."""
    revert_keeps_archived: bool = False
    """A reverted archived item stays archived."""
    revert_status: bool = False
    """Revert brings back the target's status as well."""
    revert_foreign_version: bool = False
    """A version id of another item is accepted."""

    # Sync

    sync_start_inclusive: bool = False
    """The window includes its first stamp, so that its last change is sent twice."""
    sync_end_shift: int = 0
    """Microseconds added to `syncTimestamp`; more than 0 skips changes."""
    sync_stamp_cut: int = 1
    """`syncTimestamp` is rounded up to a multiple of this many microseconds."""
    sync_deleted_always: bool = False
    """Deleted items are reported unasked."""
    sync_deleted_never: bool = False
    """Deleted items are never reported."""
    sync_archived_as_items: bool = False
    """Archived items stand in `items`."""
    sync_platforms: bool = True
    """`platforms` filters."""
    sync_no_platform_hidden: bool = False
    """An item without platforms is sent to nobody."""
    sync_limit: int = 1000
    """Entries of one window."""
    sync_more_told: bool = True
    """`hasMore` is true when there is more; False: the rest is lost."""
    sync_more_always: bool = False
    """`hasMore` is always true."""
    sync_created_only: bool = False
    """Only items created in the window are sent, not those changed in it."""
    sync_newest_first: bool = False
    """Items come in descending order of updatedAt."""
