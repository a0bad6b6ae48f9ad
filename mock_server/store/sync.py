"""Incremental synchronisation: what changed after a stamp, in windows that chain without loss or repeat.

An item stands in the window of its last change only, so a client that follows the stamps ends with the
present state however often an item changed in between.
"""

import msgspec

from mock_server.store import item as items
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps


class ChangedSince(msgspec.Struct, frozen=True):
    docs: list[bytes]
    deleted: list[tuple[str, int]]
    until: int
    has_more: bool


class SyncStore:
    def __init__(self, database: Database, stamps: Stamps) -> None:
        self._db = database
        self._stamps = stamps

    def window(
        self, workspace: str, since: int, *, include_deleted: bool, platforms: frozenset[str]
    ) -> ChangedSince:
        """Changes t with since < t <= until; where there are more than fit in, `has_more`."""
        # Read first: a change that commits after this moment has a greater stamp and waits for the next window.
        present, longest = self.present(workspace), self.longest()
        chunk = longest + 1  # one more tells whether there is more
        docs: list[bytes] = []
        deleted: list[tuple[str, int]] = []
        until = position = since
        lives = (1, 0) if include_deleted else (1,)
        # Two walks along the index of the lists by stamp, merged, so that no index of its own is needed.
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
        """The stamp up to which a window reaches."""
        return self._stamps.last(workspace)

    def longest(self) -> int:
        """Entries of one window at most."""
        return 1000

    def changed(self, live: int) -> str:
        """The items whose last change lies between two stamps: workspace, after, up to."""
        return (
            f"SELECT updated_at, live, id, doc FROM items WHERE workspace = ? AND live = {live}"
            " AND updated_at > ? AND updated_at <= ?"
        )

    def is_deleted(self, live: int) -> bool:
        """Whether a change is told as a deletion."""
        return not live

    def is_for(self, doc: bytes, platforms: frozenset[str]) -> bool:
        """An item without platforms is for all of them."""
        own = items.platforms(doc)
        return not own or not platforms.isdisjoint(own)
