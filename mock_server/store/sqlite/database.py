"""The connection: SQLite in WAL mode, explicit transactions, one connection a process.

WAL with synchronous=NORMAL survives the death of the process (kill -9) without losing a commit; only the
death of the machine may lose the last ones, never half of one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias, TypeVar

from mock_server.store.sqlite.tables import AT_ONCE, INDEXES, SCHEMA, VERSION

Row = tuple[Any, ...]
DatabaseCopy: TypeAlias = sqlite3.Connection
Value = TypeVar("Value")
LOG_PAGES = 32_000
"""64 MB of log that has not gone into the file."""
CACHE_KIB = 16 << 10
"""Pages of a file that this process keeps; the system keeps them too, so more of them is memory twice."""


class DatabaseError(ValueError):
    """The file cannot be used; one line for the user."""


class _Write(AbstractContextManager[None]):
    """`Database.write`. A class, because a generator costs as much as a statement."""

    __slots__ = ("_before", "_db")

    def __init__(self, database: Database) -> None:
        self._db = database

    def __enter__(self) -> None:
        self._before = self._db._begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db._commit(self._before)
        else:
            self._db._take_back(self._before)


_NESTED = nullcontext()


class Database:
    """The connection of one process to SQLite. `path` ":memory:" keeps everything in this process only."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        self.alone = path == ":memory:"
        """No other process can see it."""
        self._indexes: set[str] = set()
        self.epoch = 0
        """Changes when rows were replaced behind the back of whoever remembers some: what they remember is void."""
        self.generation = 0
        """Changes when rows may be others than this process has read or written: another one has committed, a write was
        taken back, or rows were replaced. Asked by `look`, once a request."""
        self._looked_at = 0
        self.commits = 0
        try:
            if not self.alone:
                # For its owner alone, and so are its log and index, which SQLite makes like the file: it may hold data of a target.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Transactions are begun by hand: sqlite3's own would begin them deferred and fail on upgrade.
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10, cached_statements=512)
            # Smaller pages than usual: each write touches a few, all over the file, and each goes whole into the log. In memory
            # there is no log, and fewer pages are made in less time.
            self._connection.execute(f"PRAGMA page_size={16384 if self.alone else 2048}")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            # Long before that a thread moves the log into the file, where there is one (`mock_server.store.sqlite.checkpoints`).
            self._connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            self._connection.execute("PRAGMA temp_store=MEMORY")
            self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        except (sqlite3.Error, OSError) as error:
            told = error.strerror if isinstance(error, OSError) else error
            raise DatabaseError(f"cannot use the database {path}: {told}") from None
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
        """Execute a statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> None:
        self._connection.executemany(sql, rows)

    def fill(
        self, table: str, same: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Insert many rows. `same`: what all of them have."""
        names, first = (*same, *columns), tuple(same.values())
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.many(sql, ((*first, *row) for row in rows))

    def write(self) -> AbstractContextManager[None]:
        """All of it is done or nothing. Takes the write lock at once; nests into itself."""
        return _NESTED if self.in_transaction else _Write(self)

    def _begin(self) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        self._see_others()  # from here on nobody else can commit
        return self._connection.total_changes

    def _commit(self, before: int) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._take_back(before)
            raise
        self.commits += 1

    def _take_back(self, before: int) -> None:
        self.generation += self._connection.total_changes != before
        if (
            self._connection.in_transaction
        ):  # a full disk or a broken one makes SQLite itself take everything back
            self._connection.execute("ROLLBACK")

    def at_once(self, read: Callable[[], Value]) -> Value:
        """What `read` finds by several statements, all of one state, whatever another process commits meanwhile.

        The first time it is only looked whether anybody did; a transaction costs more than most reads.
        """
        before = self.generation
        value = read()
        self.look()
        if self.generation == before or self.in_transaction:
            return value
        self.epoch += 1  # what was remembered on the way may be of two states
        self._connection.execute("BEGIN")
        try:
            self._see_others()  # which is also where the state is taken
            return read()
        finally:
            self._connection.execute("COMMIT")

    @property
    def in_transaction(self) -> bool:
        """Whether the caller is within `write`, or within a transaction of `at_once`."""
        return self._connection.in_transaction

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a write that can fail alone (one operation of a bulk request)."""
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

    def look(self) -> None:
        """Notice what other processes have committed. Within a transaction that is nothing."""
        if not self.in_transaction:
            self._see_others()

    def _see_others(self) -> None:
        if self.alone:
            return
        row = self.one("PRAGMA data_version")
        assert row is not None
        if row[0] != self._looked_at:
            self._looked_at = row[0]
            self.generation += 1

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
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        with self.write():
            for (name,) in self.all(tables):
                self.run(f'DELETE FROM "{name}"')
        self._replaced()

    @property
    def size(self) -> int:
        """Bytes of all pages."""
        pages, page = self.one("PRAGMA page_count"), self.one("PRAGMA page_size")
        assert pages is not None and page is not None
        return int(pages[0]) * int(page[0])

    def copy(self) -> DatabaseCopy:
        """The whole database as it is now, kept in memory."""
        copy = sqlite3.connect(":memory:")
        self._connection.backup(copy)
        return copy

    def load(self, copy: DatabaseCopy) -> None:
        copy.backup(self._connection)
        self._replaced()

    def _replaced(self) -> None:
        self.forget()
        self._indexes.clear()

    def forget(self) -> None:
        """Nothing that anybody remembers of the rows is to be relied on."""
        self.epoch += 1
        self.generation += 1

    def close(self) -> None:
        self._connection.close()
