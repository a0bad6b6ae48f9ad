"""The change log: one row for each effective change, written in the transaction that made it."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.store.database import Database, Row


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


class ChangeLog:
    """What is committed, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def newest(self) -> int:
        """The number of the last committed change, 0 before the first."""
        self._db.settle()
        row = self._db.one("SELECT COALESCE(MAX(seq), 0) FROM changes")
        return int(row[0]) if row else 0

    def last_of(self, item: str) -> Entry | None:
        """The newest change of an item."""
        self._db.settle()
        row = self._db.one("SELECT * FROM changes WHERE item = ? ORDER BY seq DESC LIMIT 1", (item,))
        return None if row is None else _entry(row)

    def after(self, seq: int) -> list[Entry]:
        """In the order of their commits: the write lock is taken before a number is given out."""
        self._db.settle()
        rows = self._db.all("SELECT * FROM changes WHERE seq > ? ORDER BY seq", (seq,))
        return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry._make((*row[:7], bool(row[7]), row[8]))
