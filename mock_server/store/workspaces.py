"""The logical clock of a workspace: the stamp of its last change (behaviour R30)."""

from mock_server.store.sqlite.database import Database
from mock_server.store.sqlite.remembered import Remembered

_NEWEST = "COALESCE((SELECT MAX(updated_at) FROM items INDEXED BY items_by_updated_at WHERE workspace = w.id AND live = {}), 0)"
_LAST = f"SELECT max(stamp, {_NEWEST.format(1)}, {_NEWEST.format(0)}) FROM workspaces w WHERE id = ?"


class Stamps:
    """The stamps of the workspaces' last changes, in microseconds. Every change leaves its stamp in its item, so no write has to
    keep it in a place of its own.

    `workspaces.stamp` is where the world began, or where a fault has written that may keep the stamp from the item.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._kept = Remembered[str, int](database)

    def last(self, workspace: str) -> int:
        return self._kept.get(workspace, self._read)

    def put(self, workspace: str, stamp: int) -> None:
        """A change with this stamp is being written."""
        self._kept.put(workspace, stamp)

    def _read(self, workspace: str) -> int:
        row = self._db.one(_LAST, (workspace,))
        return 0 if row is None else int(row[0])
