"""Incremental synchronisation: what changed after a stamp, in windows that chain without loss or repeat.

An item stands in the window of its last change only, so a client that follows the stamps ends with the
present state however often an item changed in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.rules import Ruling
from mock_server.store import item as items
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps


@dataclass(frozen=True, slots=True)
class SyncWindow:
    docs: list[bytes]
    deleted: list[tuple[str, int]]
    until: int
    has_more: bool


class SyncStore:
    def __init__(self, database: Database, stamps: Stamps, ruling: Ruling) -> None:
        self._db = database
        self._stamps = stamps
        self._ruling = ruling

    def window(
        self, workspace: str, since: int, *, include_deleted: bool, platforms: frozenset[str]
    ) -> SyncWindow:
        """Changes t with since < t <= until; at most `sync_limit` entries, then `has_more`."""
        # Read first: a change that commits after this moment has a greater stamp and waits for the next window.
        rules = self._ruling.rules
        known = (
            [row[0] for row in self._db.all("SELECT id FROM workspaces")] if rules.sync_all_workspaces else []
        )
        present = max(self._stamps.last(name) for name in (workspace, *known))
        limit = rules.sync_limit
        chunk = limit + 1  # one more tells whether there is more
        docs: list[bytes] = []
        deleted: list[tuple[str, int]] = []
        until = since
        lives = (1, 0) if include_deleted or rules.sync_deleted_always else (1,)
        own = "(workspace = ? OR 1)" if rules.sync_all_workspaces else "workspace = ?"
        # Two walks along the index of the lists by stamp, merged, so that no index of its own is needed.
        changed = " UNION ALL ".join(
            f"SELECT updated_at, live, id, doc FROM items WHERE {own} AND live = {live}"
            " AND updated_at > ? AND updated_at <= ?"
            for live in lives
        )
        position = since
        while True:
            rows = self._db.all(
                f"{changed} ORDER BY updated_at LIMIT {chunk}", (workspace, position, present) * len(lives)
            )
            for stamp, is_live, item_id, doc in rows:
                if not self._shown(doc, platforms):
                    continue
                if len(docs) + len(deleted) == limit:
                    return SyncWindow(
                        docs, deleted, until if rules.sync_more_told else present, rules.sync_more_told
                    )
                if is_live or rules.sync_archived_as_items:
                    docs.append(doc)
                else:
                    deleted.append((item_id, stamp))
                until = stamp
            if len(rows) < chunk:
                return SyncWindow(docs, deleted, present, has_more=False)
            position = rows[-1][0]

    def _shown(self, doc: bytes, platforms: frozenset[str]) -> bool:
        own, rules = items.platforms(doc), self._ruling.rules
        if not own:
            return not rules.sync_no_platform_hidden
        return not platforms.isdisjoint(own) or not rules.sync_platforms
