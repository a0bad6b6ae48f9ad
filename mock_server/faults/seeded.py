"""The ten faults of the artificial API in Zhang & Arcuri, "Open Problems in Fuzzing RESTful APIs" (TOSEM 2023).

Same numbers, carried over to this API: its soft delete is archive, and its PUT merges by contract, so a
"partial update" is one that stores a part of what it was given.
"""

from __future__ import annotations

from mock_server.faults import entry
from mock_server.faults.transform import crash, drop, header, status

_rule = entry.rule
_TREE, _CREATE, _UPDATE = "getContentCategories", "createContentItem", "updateContentItem"

SEEDED = (
    entry.answer("http", "za-01-exception", "EvoMaster F100", "A read throws and is 500.", "shape.no-server-errors",
                 _TREE, crash()),
    entry.answer("shape", "za-02-required-missing", "openapi", "A member that the schema requires is missing.",
                 "shape.answers", "getContentItem", drop("/data/platforms")),
    entry.answer("http", "za-03-undocumented-status", "openapi", "A read is 201, which is not documented.",
                 "shape.answers", "getContentItem", status(200, 201)),
    _rule("http", "za-04-number-constraint", "openapi", "A number beyond its limits is accepted.",
          "items.limit-bounds", "getContentItems getContentByCategory getContentVersions updateContentItem",
          validation_skips=("maximum", "minimum", "exclusiveMinimum")),
    _rule("http", "za-05-text-constraint", "openapi", "A text beyond its limits is accepted.",
          "items.length-in-code-points", "createContentItem updateContentItem", validation_skips=("maxLength", "minLength", "pattern")),
    _rule("http", "za-06-required-constraint", "openapi", "A body without a required member is accepted.",
          "conformance.coverage-negative", _CREATE, validation_skips=("required",)),
    entry.answer("http", "za-07-location-404", "RFC 9110 10.2.2", "Location leads nowhere.", "items.location-resolves",
                 _CREATE, header(b"location", lambda value: value + b"-gone", statuses=(201,))),
    _rule("meaning", "za-08-delete-nothing", "EvoMaster F113", "Archive answers success and does nothing.",
          "items.archive", "archiveContent", archive_nothing=True),
    _rule("meaning", "za-09-put-partial", "EvoMaster F117", "An update stores the first member it is given.",
          "items.update-replaces-members-whole", _UPDATE, put_partial=True),
    _rule("meaning", "za-10-put-not-idempotent", "EvoMaster F118", "An update adds its tags to those there.",
          "items.update-replaces-members-whole", _UPDATE, put_appends_tags=True),
)  # fmt: skip
