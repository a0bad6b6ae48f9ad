"""The last change stamp of each workspace, which orders its changes (rule R30)."""

from mock_server.store.sqlite.database import Database
from mock_server.store.sqlite.row_cache import RowCache

_NEWEST = "COALESCE((SELECT MAX(updated_at) FROM items INDEXED BY items_by_updated_at WHERE workspace = w.id AND live = {}), 0)"
_LAST = f"SELECT max(stamp, {_NEWEST.format(1)}, {_NEWEST.format(0)}) FROM workspaces w WHERE id = ?"


class Stamps:
    """The stamps of the workspaces' last changes, in microseconds. They are read from the items, so a write need not store them separately.

    `workspaces.stamp` is the stamp of the initial data, or one that a fault has stored because the item lacks it.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._kept = RowCache[str, int](database)

    def last(self, workspace: str) -> int:
        return self._kept.get(workspace, self._read)

    def put(self, workspace: str, stamp: int) -> None:
        """Set the stamp of the change that is being written."""
        self._kept.put(workspace, stamp)

    def _read(self, workspace: str) -> int:
        row = self._db.one(_LAST, (workspace,))
        return 0 if row is None else int(row[0])
