"""The operations that change items, stated once: the kind of change, and what an answer shows of it.

>>> sorted(WRITES)[:2], ACTIONS["publishContent"], "archiveContent" in SHOW_ITEM
(['archiveContent', 'bulkUpdateContent'], 'published', False)
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class ContentWrite(NamedTuple):
    """One writing operation: the change that it makes and what its answer shows. `action` as events and versions call it.
    `shows`: the answer holds the item as it then is. `always`: a success has made a new version, where publish and archive may
    have found nothing left to do."""

    action: str
    shows: bool
    always: bool


SINGLE_WRITES: Mapping[str, ContentWrite] = MappingProxyType(
    {
        "createContentItem": ContentWrite("created", shows=True, always=True),
        "updateContentItem": ContentWrite("updated", shows=True, always=True),
        "publishContent": ContentWrite("published", shows=True, always=False),
        "archiveContent": ContentWrite("archived", shows=False, always=False),
        "revertContentVersion": ContentWrite("reverted", shows=True, always=True),
    }
)
BULK = "bulkUpdateContent"
BULK_TYPES: Mapping[str, str] = MappingProxyType(
    {"update": "updateContentItem", "publish": "publishContent", "archive": "archiveContent"}
)
"""`type` of an operation inside a bulk request -> the operation that it is."""
WRITES = frozenset({*SINGLE_WRITES, BULK})
SHOW_ITEM = frozenset(name for name, write in SINGLE_WRITES.items() if write.shows)
ALWAYS_CHANGE = frozenset(name for name, write in SINGLE_WRITES.items() if write.shows and write.always)
"""What these answer is a version that the call itself has made, never one that was there before."""
ACTIONS: Mapping[str, str] = MappingProxyType({name: write.action for name, write in SINGLE_WRITES.items()})
