"""The number of items by workspace, status and category, maintained by writes, so that lists need not count."""

from typing import Any

from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.sqlite.database import Database
from mock_server.store.sqlite.row_cache import RowCache


class ItemCounts:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._kept = RowCache[ItemFilter, int](database)

    def of(self, selection: ItemFilter) -> int:
        """The number of items of a filter; its search term is ignored."""
        return self._kept.get(selection, self._read)

    def move(self, workspace: str, status: str, category: str | None, step: int) -> None:
        """Add one item (1) or remove one (-1), inside a write."""
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
