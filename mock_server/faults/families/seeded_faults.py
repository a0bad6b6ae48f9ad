"""The ten faults of the artificial API in Zhang & Arcuri, "Open Problems in Fuzzing RESTful APIs" (TOSEM 2023).

The numbers are the paper's. In this API the soft delete is archive, and PUT merges by contract, so a "partial update" is one that stores only
some of the given members.
"""

from typing import Any

from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.families.validation_faults import CONSTRAINTS
from mock_server.faults.fault import WrappedStep
from mock_server.faults.transform import crash, drop, header, status
from mock_server.faults.wrappers import at
from mock_server.store import item as items
from mock_server.store.item import ContentItem

_fault = entry.wrapped
_TREE, _CREATE, _UPDATE = "getContentCategories", "createContentItem", "updateContentItem"


def _first_only(step: WrappedStep, before: ContentItem, fields: dict[str, Any]) -> Any:
    return step(before, dict(list(fields.items())[:1]))


def _tags_added(step: WrappedStep, before: ContentItem, fields: dict[str, Any]) -> Any:
    if "tags" in fields:
        fields = {**fields, "tags": before.tags + fields["tags"]}
    return step(before, fields)


SEEDED = (
    entry.answer("http", "za-01-exception", "EvoMaster F100", "A read throws and is 500.", "shape.no-server-errors",
                 _TREE, crash()),
    entry.answer("shape", "za-02-required-missing", "openapi", "A member that the schema requires is missing.",
                 "shape.answers", "getContentItem", drop("/data/platforms")),
    entry.answer("http", "za-03-undocumented-status", "openapi", "A read is 201, which is not documented.",
                 "shape.answers", "getContentItem", status(200, 201)),
    *CONSTRAINTS,
    entry.answer("http", "za-07-location-404", "RFC 9110 10.2.2", "Location leads nowhere.", "items.location-resolves",
                 _CREATE, header(b"location", lambda value: value + b"-gone", statuses=(201,))),
    _fault("meaning", "za-08-delete-nothing", "EvoMaster F113", "Archive answers success and does nothing.",
          "items.archive", "archiveContent", at(ContentService.archive, lambda step, workspace, actor, key, before: items.written(before))),
    _fault("meaning", "za-09-put-partial", "EvoMaster F117", "An update stores the first member it is given.",
          "items.update-replaces-members-whole", _UPDATE, at(ContentService.merged, _first_only)),
    _fault("meaning", "za-10-put-not-idempotent", "EvoMaster F118", "An update adds its tags to those there.",
          "items.update-replaces-members-whole", _UPDATE, at(ContentService.merged, _tags_added)),
)  # fmt: skip
