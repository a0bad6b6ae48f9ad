"""The operations that change items, with the kind of change and what their answers show.

>>> sorted(WRITES)[:2], ACTIONS["publishContent"], SINGLE_WRITES["archiveContent"].shows
(['archiveContent', 'bulkUpdateContent'], 'published', False)
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class ContentWrite(NamedTuple):
    """One write operation. `action` is the name of its change in events and versions. `shows` says that its answer has the new state of
    the item. `always` says that a success makes a new version; publish and archive may have nothing to do."""

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
"""`type` in a bulk request -> the operation with the same meaning."""
WRITES = frozenset({*SINGLE_WRITES, BULK})
ALWAYS_CHANGE = frozenset(name for name, write in SINGLE_WRITES.items() if write.shows and write.always)
"""The operations whose answer always shows a version that the call itself has made."""
ACTIONS: Mapping[str, str] = MappingProxyType({name: write.action for name, write in SINGLE_WRITES.items()})
