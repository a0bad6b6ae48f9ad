"""Values that were read from rows, kept for as long as nobody else can have changed them (`Database.generation`).

Whoever writes such a row in this process forgets its value, or puts the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from mock_server.store.database import Database

Value = TypeVar("Value")

MOST = 10_000


class Remembered(Generic[Value]):
    """By the value's name; the oldest ways of keeping few of many are not worth it here: when it is full, it starts again."""

    def __init__(self, database: Database, *, most: int = MOST) -> None:
        self._db = database
        self._most = most
        self._values: dict[str, Value] = {}
        self._generation = database.generation

    def get(self, name: str, read: Callable[[str], Value]) -> Value:
        if self._generation != self._db.generation or len(self._values) > self._most:
            self.forget()
        try:
            return self._values[name]
        except KeyError:
            value = self._values[name] = read(name)
            return value

    def put(self, name: str, value: Value) -> None:
        self._values[name] = value

    def forget(self) -> None:
        self._values.clear()
        self._generation = self._db.generation
