"""The connection: SQLite in WAL mode, explicit transactions, one connection a process.

WAL with synchronous=NORMAL survives the death of the process (kill -9) without losing a commit; only the
death of the machine may lose the last ones, never half of one.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from mock_server.store.tables import AT_ONCE, INDEXES, SCHEMA, VERSION

Row = tuple[Any, ...]
_ALONE = nullcontext()


class DatabaseError(ValueError):
    """The file cannot be used; one line for the user."""


class Database:
    """`path` ":memory:" keeps everything in this process only."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        self._indexes: set[str] = set()
        self.epoch = 0
        """Changes when rows were replaced behind the back of whoever remembers some: what they remember is void."""
        try:
            # Transactions are begun by hand: sqlite3's own would begin them deferred and fail on upgrade.
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10, cached_statements=512)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            # The log goes into the file after 16 MB and not after 4: that is the long pause of a write, and pages that
            # change often go once.
            self._connection.execute("PRAGMA wal_autocheckpoint=4000")
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
            self._create()

    def _create(self) -> None:
        try:
            self._connection.executescript(f"BEGIN; {SCHEMA}; PRAGMA user_version={VERSION}; COMMIT;")
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"cannot make the tables of {self.path}: {error} (SQLite {sqlite3.sqlite_version}; it must be 3.37 or"
                " newer with FTS5: use a Python whose sqlite3 module has that)"
            ) from None

    def one(self, sql: str, values: tuple[Any, ...] = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: tuple[Any, ...] = ()) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def brief(self, sql: str, values: tuple[Any, ...], steps: int) -> list[Row] | None:
        """As `all`, but None if it takes more instructions of SQLite's machine than this, or at most twice as many."""
        # SQLite counts on from the statement's last execution, so the first call comes at any time.
        stop = functools.partial(next, iter((False,)), True)
        self._connection.set_progress_handler(stop, steps)
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return None
        finally:
            self._connection.set_progress_handler(None, 0)

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

    def read(self) -> AbstractContextManager[None]:
        """Several statements that see one state, whatever another process commits meanwhile. Not for writing."""
        return _ALONE if self.path == ":memory:" or self._connection.in_transaction else self._reading()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

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

    @contextmanager
    def unindexed(self) -> Iterator[None]:
        """Rows that come in great number: the indexes of the items are made after them and not with each."""
        for name in INDEXES:
            self.run(f"DROP INDEX IF EXISTS {name}")
        yield
        for name in AT_ONCE:
            self.run(INDEXES[name])

    def need(self, index: str) -> None:
        """Make this index of the items unless it is there; not within a transaction of the caller's."""
        if index in self._indexes or self.in_transaction:
            return
        there = "SELECT 1 FROM sqlite_schema WHERE name = ?"
        if self.one(there, (index,)) is None:
            with self.write():
                if self.one(there, (index,)) is None:  # another process may have been faster
                    self.run(INDEXES[index])
        self._indexes.add(index)

    def clear(self) -> None:
        """Drop every row of every table, and the numbering with them."""
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'texts%' AND name <> 'trigrams'"
        with self.write():
            for (name,) in self.all(tables):
                self.run(f'DELETE FROM "{name}"')
            self.run("INSERT INTO texts (texts) VALUES ('delete-all')")
        self._replaced()

    def copy(self) -> sqlite3.Connection:
        """The whole database as it is now, kept in memory."""
        copy = sqlite3.connect(":memory:")
        self._connection.backup(copy)
        return copy

    def load(self, copy: sqlite3.Connection) -> None:
        copy.backup(self._connection)
        self._replaced()

    def _replaced(self) -> None:
        self.epoch += 1
        self._indexes.clear()

    def close(self) -> None:
        self._connection.close()
