"""Values that were read from rows, kept for as long as nobody else can have changed them (`Database.generation`).

Whoever writes such a row in this process forgets its value, or puts the new one.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from mock_server.store.sqlite.database import Database

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")

MOST = 10_000


class Remembered(Generic[Name, Value]):
    """Values of rows, kept by name until they may have changed. Few are ever kept, so no order of use is: when it is full, it
    starts again."""

    def __init__(self, database: Database, *, most: int = MOST) -> None:
        self._db = database
        self._most = most
        self._values: dict[Name, Value] = {}
        self._generation = database.generation

    def get(self, name: Name, read: Callable[[Name], Value]) -> Value:
        if self._generation != self._db.generation or len(self._values) > self._most:
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
