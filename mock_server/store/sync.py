"""Incremental synchronisation: the items that changed after a stamp, in chained windows without loss or repetition.

An item is only in the window of its last change, so a client that follows the stamps reaches the present state, however often an item has
changed.
"""

import msgspec

from mock_server.store import item as items
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps

MOST = 1000


class ChangedSince(msgspec.Struct, frozen=True):
    docs: list[bytes]
    deleted: list[tuple[str, int]]
    until: int
    has_more: bool


class SyncStore:
    def __init__(self, database: Database, stamps: Stamps, most: int = MOST) -> None:
        self._db = database
        self._stamps = stamps
        self._most = most

    def window(
        self, workspace: str, since: int, *, include_deleted: bool, platforms: frozenset[str]
    ) -> ChangedSince:
        """The window of changes t with since < t <= until; `has_more` if it does not hold all of them."""
        # Read first: a later commit has a greater stamp and belongs to the next window.
        present, longest = self.present(workspace), self.longest()
        chunk = longest + 1  # one more, to find out whether there are more
        docs: list[bytes] = []
        deleted: list[tuple[str, int]] = []
        until = position = since
        lives = (1, 0) if include_deleted else (1,)
        # Two scans of the index by stamp are merged, so that sync needs no index of its own.
        changed = " UNION ALL ".join(self.changed(live) for live in lives)
        while True:
            rows = self._db.all(
                f"{changed} ORDER BY updated_at LIMIT {chunk}", (workspace, position, present) * len(lives)
            )
            for stamp, is_live, item_id, doc in rows:
                if not self.is_for(doc, platforms):
                    continue
                if len(docs) + len(deleted) == longest:
                    return ChangedSince(docs, deleted, until, has_more=True)
                if self.is_deleted(is_live):
                    deleted.append((item_id, stamp))
                else:
                    docs.append(doc)
                until = stamp
            if len(rows) < chunk:
                return ChangedSince(docs, deleted, present, has_more=False)
            position = rows[-1][0]

    def present(self, workspace: str) -> int:
        """The stamp at which a complete window ends."""
        return self._stamps.last(workspace)

    def longest(self) -> int:
        """The most entries of a window."""
        return self._most

    def changed(self, live: int) -> str:
        """The SQL query for items whose last change lies between two stamps; its values are workspace, after, up to."""
        return (
            f"SELECT updated_at, live, id, doc FROM items WHERE workspace = ? AND live = {live}"
            " AND updated_at > ? AND updated_at <= ?"
        )

    def is_deleted(self, live: int) -> bool:
        """Whether an item is shown as deleted."""
        return not live

    def is_for(self, doc: bytes, platforms: frozenset[str]) -> bool:
        """Whether an item is for one of the platforms; one without platforms is for all."""
        own = items.platforms(doc)
        return not own or not platforms.isdisjoint(own)
