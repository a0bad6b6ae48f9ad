"""The logical clock of a workspace: the stamp of its last change (behaviour R30)."""

from __future__ import annotations

from mock_server.store.database import Database

_NEWEST = "COALESCE((SELECT MAX(updated_at) FROM items INDEXED BY items_by_updated_at WHERE workspace = w.id AND live = {}), 0)"
_LAST = f"SELECT max(stamp, {_NEWEST.format(1)}, {_NEWEST.format(0)}) FROM workspaces w WHERE id = ?"


def last_stamp(database: Database, workspace: str) -> int:
    """Microseconds. Every change leaves its stamp in its item, so no write has to keep it in a place of its own.

    `workspaces.stamp` is where the world began, or where a fault has written that may keep the stamp from the item.
    """
    row = database.one(_LAST, (workspace,))
    return 0 if row is None else int(row[0])
