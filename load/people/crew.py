"""What the people of one process share: the books, the target, who is on, which writes were theirs, and what they came to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from contracts.spec import Spec
from load.books import Books
from load.client.driver import aimed
from load.client.persona import Persona
from load.connection import Pool
from load.people.line import Line
from load.people.person import Person
from load.people.roles import ROLES, Cast
from load.target import Target
from load.world import Account

TIMED = 5_000
"""Acknowledged writes whose events are still timed."""


class Crew:
    """`open` is the time in which people act. `mark` tells the devices of one run from those of another."""

    def __init__(
        self, *, spec: Spec, books: Books, target: Target, cast: Cast, account: Account, index: int, seed: int, mark: str
    ) -> None:  # fmt: skip
        self.spec, self.books, self.cast, self.account = spec, books, cast, account
        self.index, self.seed, self.mark = index, seed, mark
        self.open = False
        self.people: list[Person] = []
        self.tallies: dict[str, Counter[str]] = {}
        self.lines: dict[str, Counter[str]] = {}
        self._target = target
        self._pool = Pool(target)
        self._numbers: Counter[str] = Counter()
        self._items: set[str] = set()
        self._acknowledged: dict[tuple[str, int], int] = {}
        self._order: deque[tuple[str, int]] = deque()

    def person(self, role: str) -> Person:
        """Somebody new of this role."""
        number = self._numbers[role]
        self._numbers[role] += 1
        person = Person(self, ROLES[role], number)
        self.people.append(person)
        return person

    def pool(self, persona: Persona) -> Pool:
        return Pool(aimed(self._target, persona), like=self._pool)

    @property
    def connected(self) -> Iterator[Line]:
        return (person.line for person in self.people if person.line is not None)

    def left(self, person: Person) -> None:
        """Take what a person came to; nobody is counted twice."""
        if person in self.people:
            self.people.remove(person)
            self.tallies.setdefault(person.persona.name, Counter()).update(person.came_to())

    # Writes and their events

    def wrote(self, item: str, version: int, at: int) -> None:
        self._items.add(item)
        self._acknowledged[item, version] = at
        self._order.append((item, version))
        if len(self._order) > TIMED:
            self._acknowledged.pop(self._order.popleft(), None)

    def acknowledged(self, item: str, version: int, now: int) -> int | None:
        """From when the event of this version counts: its write's answer, or now if that is still to come; None for others'."""
        if item not in self._items:
            return None
        return self._acknowledged.get((item, version), now)

    def told(self) -> dict[str, Any]:
        """Plain data for the conductor."""
        return {
            "people": {name: dict(tally) for name, tally in self.tallies.items()},
            "lines": {name: dict(tally) for name, tally in self.lines.items()},
        }
