"""Incremental synchronisation: what changed after a stamp, in windows that chain without loss or repeat.

An item stands in the window of its last change only, so a client that follows the stamps ends with the
present state however often an item changed in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.store import item as items
from mock_server.store.database import Database

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Window:
    docs: list[bytes]
    deleted: list[tuple[str, int]]
    until: int
    has_more: bool


class SyncStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    def window(
        self, workspace: str, since: int, *, include_deleted: bool, platforms: frozenset[str]
    ) -> Window:
        """Changes t with since < t <= until; at most LIMIT entries, then `has_more`."""
        # Read first: a change that commits after this moment has a greater stamp and waits for the next window.
        row = self._db.one("SELECT stamp FROM workspaces WHERE id = ?", (workspace,))
        present = int(row[0]) if row else 0
        docs: list[bytes] = []
        deleted: list[tuple[str, int]] = []
        until = since
        live = "" if include_deleted else " AND live = 1"
        position = since
        while True:
            rows = self._db.all(
                f"SELECT updated_at, live, id, doc FROM items WHERE workspace = ? AND updated_at > ?"
                f" AND updated_at <= ?{live} ORDER BY updated_at LIMIT {LIMIT}",
                (workspace, position, present),
            )
            for stamp, is_live, item_id, doc in rows:
                if not _shown(doc, platforms):
                    continue
                if len(docs) + len(deleted) == LIMIT:
                    return Window(docs, deleted, until, has_more=True)
                if is_live:
                    docs.append(doc)
                else:
                    deleted.append((item_id, stamp))
                until = stamp
            if len(rows) < LIMIT:
                return Window(docs, deleted, present, has_more=False)
            position = rows[-1][0]


def _shown(doc: bytes, platforms: frozenset[str]) -> bool:
    own = items.decode(doc).platforms
    return not own or not platforms.isdisjoint(own)
