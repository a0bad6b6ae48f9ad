"""Moves what was committed from SQLite's log into its file, in a thread: there it waits for the disk, and no request does.

By itself SQLite does that within the write that makes the log too long. It still does where the thread falls behind
(`LOG_PAGES` of the database), and a process that dies leaves the log for the next one; so nothing depends on this thread but
the pauses.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from mock_server.store.sqlite.database import Database

SECONDS = 1.0
"""Between two looks at whether there is anything new."""


class Checkpoints:
    """Moves committed pages from SQLite's log into its file. `wait` (seconds) returns whether it is over; a thread's own event
    does."""

    def __init__(self, database: Database, *, wait: Callable[[float], bool] | None = None) -> None:
        self._db = database
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._thread = threading.Thread(target=self.run, name="checkpoints", daemon=True)
        self.made = 0

    def start(self) -> None:
        """A database in memory has no log."""
        if not self._db.alone:
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        seen = self._db.commits
        # A connection belongs to its thread. It never waits for a lock: another process may be at the same work.
        with closing(sqlite3.connect(self._db.path, isolation_level=None, timeout=0)) as connection:
            while not self._wait(SECONDS):
                if seen == self._db.commits:
                    continue
                seen = self._db.commits
                try:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    self.made += 1
                except sqlite3.Error:
                    return  # a full or a broken disk: the next write finds out and says so
