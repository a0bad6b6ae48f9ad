"""`RowCache`, a cache of values that were read from rows, valid while no other process can have changed them (`Database.generation`).

Code in this process that writes such a row drops the cache or sets the new value.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from mock_server.store.sqlite.database import Database

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")

MOST = 10_000


class RowCache(Generic[Name, Value]):
    """A cache of row values by name. It rarely fills, so it is cleared when it is full, without an LRU order."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._values: dict[Name, Value] = {}
        self._generation = database.generation

    def get(self, name: Name, read: Callable[[Name], Value]) -> Value:
        if self._generation != self._db.generation or len(self._values) > MOST:
            self.forget()
        try:
            return self._values[name]
        except KeyError:
            value = self._values[name] = read(name)
            return value

    def put(self, name: Name, value: Value) -> None:
        self._values[name] = value

    def forget(self) -> None:
        self._values.clear()
        self._generation = self._db.generation
