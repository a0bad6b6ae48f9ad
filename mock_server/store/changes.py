"""The change log: the rows of `versions` in commit order, one for each effective change."""

from typing import NamedTuple

from mock_server.store import item as items
from mock_server.store.sqlite.database import Database, Row


class Entry(NamedTuple):
    seq: int
    workspace: str
    stamp: int
    item: str
    version: int
    action: str
    title: str
    notify: bool
    actor: str


_ROWS = "SELECT seq, workspace, created_at, version, change_type, notify, created_by, snapshot FROM versions"


class ChangeLog:
    """The log of committed changes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def newest(self) -> int:
        """The number of the last committed change; 0 before the first."""
        row = self._db.one("SELECT COALESCE(MAX(seq), 0) FROM versions")
        return int(row[0]) if row else 0

    def last_of(self, item: str) -> Entry | None:
        """The newest change of an item."""
        row = self._db.one(
            f"{_ROWS} WHERE item IN (SELECT key FROM items WHERE id = ?) ORDER BY seq DESC LIMIT 1", (item,)
        )
        return None if row is None else _entry(row)

    def after(self, seq: int) -> list[Entry]:
        """The changes after this number, in commit order, because a number is assigned while the write lock is held."""
        return [_entry(row) for row in self._db.all(f"{_ROWS} WHERE seq > ? ORDER BY seq", (seq,))]


def _entry(row: Row) -> Entry:
    seq, workspace, stamp, version, action, notify, actor, snapshot = row
    label = items.label(snapshot)
    return Entry(seq, workspace, stamp, label.id, version, action, label.title, bool(notify), actor)
