"""How many items there are of each workspace, status and category: kept by the writes, so that no list counts."""

from typing import Any

from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.sqlite.database import Database
from mock_server.store.sqlite.remembered import Remembered


class ItemCounts:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._kept = Remembered[ItemFilter, int](database)

    def of(self, selection: ItemFilter) -> int:
        """Without regard to a term."""
        return self._kept.get(selection, self._read)

    def move(self, workspace: str, status: str, category: str | None, step: int) -> None:
        """One more (1) or one less (-1); within a write."""
        self._kept.forget()
        self._db.run(
            "INSERT INTO counts VALUES (?, ?, ?, ?)"
            " ON CONFLICT (workspace, status, category) DO UPDATE SET n = n + excluded.n",
            (workspace, status, category or "", step),
        )

    def _read(self, selection: ItemFilter) -> int:
        if selection.status is None:
            where = f"status {'<>' if selection.live else '='} 'archived'"
            values: list[Any] = [selection.workspace]
        else:
            where, values = "status = ?", [selection.workspace, selection.status]
        if selection.categories is not None:
            where += f" AND category IN ({', '.join('?' * len(selection.categories))})"
            values += selection.categories
        row = self._db.one(
            f"SELECT COALESCE(SUM(n), 0) FROM counts WHERE workspace = ? AND {where}", tuple(values)
        )
        assert row is not None
        return int(row[0])
