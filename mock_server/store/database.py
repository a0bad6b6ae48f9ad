"""The connection: SQLite in WAL mode, explicit transactions, one connection a process.

WAL with synchronous=NORMAL survives the death of the process (kill -9) without losing a commit; only the
death of the machine may lose the last ones, never half of one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mock_server.store.tables import SCHEMA, VERSION

Row = tuple[Any, ...]


class DatabaseError(ValueError):
    """The file cannot be used; one line for the user."""


class Database:
    """`path` ":memory:" keeps everything in this process only."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        try:
            # Transactions are begun by hand: sqlite3's own would begin them deferred and fail on upgrade.
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10, cached_statements=256)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA temp_store=MEMORY")
            self._connection.execute("PRAGMA cache_size=-65536")
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error as error:
            raise DatabaseError(f"cannot use the database {path}: {error}") from None
        if found not in (0, VERSION):
            raise DatabaseError(
                f"{path} was made by another version ({found}, this is {VERSION}); use a new file"
            )
        if found == 0:
            self._connection.executescript(f"BEGIN; {SCHEMA}; PRAGMA user_version={VERSION}; COMMIT;")

    def one(self, sql: str, values: tuple[Any, ...] = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: tuple[Any, ...] = ()) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Execute a statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> None:
        self._connection.executemany(sql, rows)

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction that is all there or not at all. Takes the write lock at once; nests into itself."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a write that can fail alone (one operation of a bulk request)."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def data_version(self) -> int:
        """Changes when another process has committed; cheap enough to ask on every request."""
        row = self.one("PRAGMA data_version")
        assert row is not None
        return int(row[0])

    def clear(self) -> None:
        """Drop every row of every table, and the numbering with them."""
        with self.write():
            for (name,) in self.all("SELECT name FROM sqlite_schema WHERE type = 'table'"):
                self.run(f'DELETE FROM "{name}"')

    def copy(self) -> sqlite3.Connection:
        """The whole database as it is now, kept in memory."""
        copy = sqlite3.connect(":memory:")
        self._connection.backup(copy)
        return copy

    def load(self, copy: sqlite3.Connection) -> None:
        copy.backup(self._connection)

    def close(self) -> None:
        self._connection.close()
