"""WAL checkpoints in a thread, which copy commits from SQLite's log into its file, so that no request waits for the disk.

SQLite itself does a checkpoint during the write that makes the log too long. It still does so if the thread is late (`LOG_PAGES` of the
database), and the next process continues with the log of one that died. The thread therefore only avoids pauses.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from mock_server.store.sqlite.database import Database

SECONDS = 1.0
"""The pause between two checkpoints."""


class Checkpoints:
    """The checkpoint thread. `wait` pauses for a number of seconds and returns whether the thread has to end; by default it waits for an
    event."""

    def __init__(self, database: Database, *, wait: Callable[[float], bool] | None = None) -> None:
        self._db = database
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._thread = threading.Thread(target=self.run, name="checkpoints", daemon=True)
        self.made = 0

    def start(self) -> None:
        """Start the thread, unless the database is in memory and has no log."""
        if not self._db.in_memory:
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        seen = self._db.commits
        # A connection belongs to one thread. It does not wait for locks, because another process may do a checkpoint, too.
        with closing(sqlite3.connect(self._db.path, isolation_level=None, timeout=0)) as connection:
            while not self._wait(SECONDS):
                if seen == self._db.commits:
                    continue
                seen = self._db.commits
                try:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    self.made += 1
                except sqlite3.Error:
                    return  # a full or broken disk, which the next write will report
