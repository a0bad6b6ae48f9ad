"""A cache of items' JSON, because reading twenty documents from SQLite (30 us) takes longer than the rest of a page.

An entry is replaced when this process writes its item, and all are dropped when another process may have written (`Database.generation`).
"""

from collections.abc import Iterable, Sequence

from mock_server.store.sqlite.database import Database, Row

MOST_BYTES, MOST_NAMES = 16 << 20, 50_000

Entry = tuple[int, int, bytes]
"""(key, version, doc)"""


class Documents:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._kept: dict[int, Entry] = {}
        self._keys: dict[tuple[str, str], int] = {}
        """(workspace, id) -> key, of items that were requested by id."""
        self.size = 0
        """The size of the cached documents in bytes."""
        self._generation = database.generation

    def find(self, workspace: str, item_id: str) -> Entry | None:
        """The item with this id, or None."""
        self._catch_up()
        key = self._keys.get((workspace, item_id))
        if key is not None and (kept := self._kept.get(key)) is not None:
            return kept
        row = self._db.one(
            "SELECT key, version, doc FROM items WHERE workspace = ? AND id = ?", (workspace, item_id)
        )
        if row is None:
            return None
        (entry,) = self._keep([row])
        self._keys[workspace, item_id] = entry[0]
        return entry

    def of(self, keys: Sequence[int]) -> list[bytes]:
        """The documents of existing items, in the order of `keys`."""
        self._catch_up()
        try:
            return [self._kept[key][2] for key in keys]
        except KeyError:
            pass
        found = {key: kept for key in keys if (kept := self._kept.get(key)) is not None}
        missing = [key for key in keys if key not in found]
        if missing:
            marks = ", ".join("?" * len(missing))
            rows = self._db.all(f"SELECT key, version, doc FROM items WHERE key IN ({marks})", tuple(missing))
            found |= {entry[0]: entry for entry in self._keep(rows)}
        return [found[key][2] for key in keys]

    def put(self, key: int, version: int, doc: bytes) -> None:
        """Replace the cached document of an item that was written."""
        kept = self._kept.get(key)
        if kept is not None:
            self.size += len(doc) - len(kept[2])
            self._kept[key] = key, version, doc

    def _catch_up(self) -> None:
        if self._generation != self._db.generation or self.size > MOST_BYTES or len(self._keys) > MOST_NAMES:
            self._kept.clear()
            self._keys.clear()
            self.size, self._generation = 0, self._db.generation

    def _keep(self, rows: Iterable[Row]) -> list[Entry]:
        entries: list[Entry] = [(key, version, doc) for key, version, doc in rows]
        for entry in entries:
            self._kept[entry[0]] = entry
            self.size += len(entry[2])
        return entries
