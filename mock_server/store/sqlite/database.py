"""`Database`, the SQLite connection of one process, in WAL mode and with explicit transactions.

With WAL and synchronous=NORMAL no commit is lost if the process is killed (kill -9). If the machine fails, the last ones may be lost, but
never half of one.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias, TypeVar

from mock_server.store.sqlite.tables import AT_ONCE, INDEXES, SCHEMA, VERSION

Row = tuple[Any, ...]
DatabaseCopy: TypeAlias = sqlite3.Connection
Value = TypeVar("Value")
LOG_PAGES = 32_000
"""The pages of the log, 64 MB, after which SQLite does a checkpoint itself."""
CACHE_KIB = 16 << 10
"""The page cache of this process; the system caches the file, too, so a larger one would use memory twice."""


class DatabaseError(ValueError):
    """The file cannot be used. The message is one line for the user."""


class _Write(AbstractContextManager[None]):
    """The context manager of `Database.write`. It is a class, because a generator takes as long as a statement."""

    __slots__ = ("_before", "_db")

    def __init__(self, database: Database) -> None:
        self._db = database

    def __enter__(self) -> None:
        self._before = self._db._begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db._commit(self._before)
        else:
            self._db._rollback(self._before)


_NESTED = nullcontext()


class Database:
    """The connection of one process. The path ":memory:" keeps all data in this process."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        self.in_memory = path == ":memory:"
        """Whether the data is in memory, so that no other process can see it."""
        self._indexes: set[str] = set()
        self.epoch = 0
        """A number that changes when all rows were replaced, so that all caches are invalid."""
        self.generation = 0
        """A number that changes when rows may differ from those that this process has read or written: another process has committed, a
        write was rolled back, or all rows were replaced. `notice_commits` updates it, once for each request."""
        self._looked_at = 0
        self.commits = 0
        try:
            if not self.in_memory:
                # Only its owner may read it, because it may have data of a target. SQLite makes the log and its index with the same mode.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Transactions are started explicitly, because those of sqlite3 are deferred and fail when they first write.
            self._connection = sqlite3.connect(
                path, isolation_level=None, timeout=10, cached_statements=512, check_same_thread=False
            )
            # From Python 3.13 on, a connection that was not closed is warned of; whichever thread collects it closes it.
            weakref.finalize(self, self._connection.close)
            # Small pages, because each write changes a few all over the file, and writes each as a whole to the log. In memory there
            # is no log, and fewer pages are created faster.
            self._connection.execute(f"PRAGMA page_size={16384 if self.in_memory else 2048}")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            # Usually a thread does a checkpoint long before (`mock_server.store.sqlite.checkpoints`).
            self._connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            self._connection.execute("PRAGMA temp_store=MEMORY")
            self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        except (sqlite3.Error, OSError) as error:
            problem = error.strerror if isinstance(error, OSError) else error
            raise DatabaseError(f"cannot use the database {path}: {problem}") from None
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
                " newer: use a Python whose sqlite3 module has that)"
            ) from None

    def one(self, sql: str, values: tuple[Any, ...] = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: tuple[Any, ...] = ()) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Execute a statement, and return the number of changed rows."""
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> None:
        self._connection.executemany(sql, rows)

    def fill(
        self, table: str, same: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Insert many rows. `same` are the columns with the same value in all of them."""
        names, first = (*same, *columns), tuple(same.values())
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.many(sql, ((*first, *row) for row in rows))

    def write(self) -> AbstractContextManager[None]:
        """A write transaction, which takes the write lock at once; it may be nested."""
        return _NESTED if self.in_transaction else _Write(self)

    def _begin(self) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        self._read_data_version()  # from now on no other process can commit
        return self._connection.total_changes

    def _commit(self, before: int) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._rollback(before)
            raise
        self.commits += 1

    def _rollback(self, before: int) -> None:
        self.generation += self._connection.total_changes != before
        if self._connection.in_transaction:  # with a full or broken disk SQLite has rolled back itself
            self._connection.execute("ROLLBACK")

    def consistent_read(self, read: Callable[[], Value]) -> Value:
        """The result of `read`, whose statements all see the same state, whatever another process commits meanwhile.

        At first it runs without a transaction, which costs more than most reads, and is repeated in one if another process has committed.
        """
        before = self.generation
        value = read()
        self.notice_commits()
        if self.generation == before or self.in_transaction:
            return value
        self.epoch += 1  # values cached by the first attempt may be of two states
        self._connection.execute("BEGIN")
        try:
            self._read_data_version()  # the first read, which fixes the state
            return read()
        finally:
            self._connection.execute("COMMIT")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction of `write` or `consistent_read` is open."""
        return self._connection.in_transaction

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a write that can be rolled back alone, for one operation of a bulk request."""
        self._connection.execute("SAVEPOINT part")
        before = self._connection.total_changes
        try:
            yield
        except BaseException:
            self.generation += self._connection.total_changes != before
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def notice_commits(self) -> None:
        """Notice commits of other processes. Inside a transaction there are none."""
        if not self.in_transaction:
            self._read_data_version()

    def _read_data_version(self) -> None:
        if self.in_memory:
            return
        row = self.one("PRAGMA data_version")
        assert row is not None
        if row[0] != self._looked_at:
            self._looked_at = row[0]
            self.generation += 1

    @contextmanager
    def unindexed(self) -> Iterator[None]:
        """Drop the indexes during the block, for inserting many rows, and create those of AT_ONCE afterwards."""
        for name in INDEXES:
            self.run(f"DROP INDEX IF EXISTS {name}")
        yield
        for name in AT_ONCE:
            self.run(INDEXES[name])

    def ensure_index(self, index: str) -> None:
        """Create an index unless it exists. Inside a transaction nothing is done."""
        if index in self._indexes or self.in_transaction:
            return
        there = "SELECT 1 FROM sqlite_schema WHERE name = ?"
        if self.one(there, (index,)) is None:
            with self.write():
                if self.one(there, (index,)) is None:  # another process may have created it
                    self.run(INDEXES[index])
        self._indexes.add(index)

    def clear(self) -> None:
        """Delete all rows of all tables."""
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        with self.write():
            for (name,) in self.all(tables):
                self.run(f'DELETE FROM "{name}"')
        self._replaced()

    @property
    def size(self) -> int:
        """The size of all pages in bytes."""
        pages, page = self.one("PRAGMA page_count"), self.one("PRAGMA page_size")
        assert pages is not None and page is not None
        return int(pages[0]) * int(page[0])

    def copy(self) -> DatabaseCopy:
        """A copy of the whole database in memory."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.backup(copy)
        return copy

    def load(self, copy: DatabaseCopy) -> None:
        copy.backup(self._connection)
        self._replaced()

    def _replaced(self) -> None:
        self.forget()
        self._indexes.clear()

    def forget(self) -> None:
        """Invalidate all caches of rows."""
        self.epoch += 1
        self.generation += 1

    def close(self) -> None:
        self._connection.close()
