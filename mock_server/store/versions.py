"""The version history of items, of which only the backup mark changes after it was written."""

from dataclasses import dataclass

from mock_server.store import item as items
from mock_server.store.sqlite.database import Database, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    version: int
    change_type: str
    created_at: int
    created_by: str
    backup: bool
    snapshot: bytes


_COLUMNS = "version, change_type, created_at, created_by, backup, snapshot"


class VersionStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    def newest(self, item: int, limit: int) -> list[StoredVersion]:
        rows = self._db.all(
            f"SELECT {_COLUMNS} FROM versions WHERE item = ? ORDER BY version DESC LIMIT ?", (item, limit)
        )
        return [_version(row) for row in rows]

    def numbered(self, item: int, version: int) -> StoredVersion | None:
        return _one(
            self._db.one(f"SELECT {_COLUMNS} FROM versions WHERE item = ? AND version = ?", (item, version))
        )

    def named(self, item: int, item_id: str, version_id: str) -> StoredVersion | None:
        """The version with this id; None for one of another item."""
        named = items.of_version(version_id)
        return self.numbered(item, named[1]) if named is not None and named[0] == item_id else None

    def mark_backup(self, item: int, version: int) -> None:
        self._db.run("UPDATE versions SET backup = 1 WHERE item = ? AND version = ?", (item, version))


def _one(row: Row | None) -> StoredVersion | None:
    return None if row is None else _version(row)


def _version(row: Row) -> StoredVersion:
    number, change_type, created_at, created_by, backup, snapshot = row
    return StoredVersion(
        version=number,
        change_type=change_type,
        created_at=created_at,
        created_by=created_by,
        backup=bool(backup),
        snapshot=snapshot,
    )
