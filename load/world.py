"""What one load process knows of the target: its items, sessions and sync stamps. Pure: no socket, no clock of its own.

Every arrival has to be sendable at its due time, so nothing may depend on an answer that has not come yet. The
world therefore keeps shelves of items in known states, filled before the run and kept up by answers. A write
takes its item off the shelf (a lease) and the answer puts it back, so each item has one write in flight and a
plain mix never provokes a 409. Where an answer is lost nobody knows the item's version: it is never used again.

    >>> world = World(random.Random(1), name="w0", account=Account("a@b.example", "secret"))
    >>> world.lease("working")
    Traceback (most recent call last):
    load.world.Starved: no item on the shelf 'working'
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHELVES = ("working", "drafts", "published", "revertable")
READABLE = 2_000
"""Ids kept for reading: enough for a spread, bounded so that a day's run needs no more memory than a minute's."""
SPARE_SESSIONS = 512


class Starved(Exception):
    """An arrival for which the world has nothing: the text says what is missing."""


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    email: str
    password: str


@dataclass(slots=True)
class Item:
    """`ancestor` is the id of its version 1 where that is known: revert can always go back there."""

    id: str
    version: int
    ancestor: str = ""


@dataclass(slots=True, repr=False)
class Session:
    """One login. `expires` is when the access token ends on the caller's monotonic clock, `life` how long it lives, ns."""

    name: str
    access: str
    refresh: str
    expires: int
    life: int = 0
    refreshes: int = 0


@dataclass(slots=True)
class Chain:
    """A client that synchronises: each window starts where its last one ended."""

    name: str
    stamp: str


@dataclass(slots=True)
class Lease:
    item: Item
    home: deque[Item]


@dataclass(slots=True)
class Draft:
    """One request before it is bytes. `leases`, `guest` and `chain` are what it holds until it is settled."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None
    session: Session | None = None
    leases: list[Lease] = field(default_factory=list)
    guest: Session | None = None
    chain: Chain | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def settle(self) -> None:
        """It holds nothing any more; settling twice must not put anything back twice."""
        self.leases = []
        self.guest = None
        self.chain = None


class World:
    """`callers` are the sessions that content requests speak for; `guests` those that auth requests use up."""

    def __init__(self, rng: random.Random, *, name: str, account: Account) -> None:
        self.rng = rng
        self.name = name
        self.account = account
        self.shelves: dict[str, deque[Item]] = {shelf: deque() for shelf in SHELVES}
        self.wanted: dict[str, int] = dict.fromkeys(SHELVES, 0)
        self.readable: list[str] = []
        self.categories: list[str] = []
        self.callers: list[Session] = []
        self.guests: deque[Session] = deque()
        self.chains: deque[Chain] = deque()
        self.stamp = ""
        self.user = ""
        self.lost: Counter[str] = Counter()
        self._turn = 0
        self._serial = 0

    # Names

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def title(self) -> str:
        return f"load {self.name} {self.serial()}"

    # Items

    def lease(self, *shelves: str) -> Lease:
        """The longest rested item of the first shelf that has one."""
        for shelf in shelves:
            home = self.shelves[shelf]
            if home:
                return Lease(home.popleft(), home)
        raise Starved(f"no item on the shelf {shelves[0]!r}")

    def place(self, item: Item, shelf: str) -> None:
        self.shelves[shelf].append(item)

    def adopt(self, item: Item) -> None:
        """Put a new item where one is missing, else with the drafts."""
        self.remember(item.id)
        shelf = "working" if len(self.shelves["working"]) < self.wanted["working"] else "drafts"
        self.place(item, shelf)

    def remember(self, item_id: str) -> None:
        if len(self.readable) < READABLE:
            self.readable.append(item_id)
        else:
            self.readable[self.rng.randrange(READABLE)] = item_id

    def any_id(self) -> str:
        if not self.readable:
            raise Starved("no item to read")
        return self.readable[self.rng.randrange(len(self.readable))]

    def any_category(self) -> str:
        if not self.categories:
            raise Starved("the target has no category")
        return self.categories[self.rng.randrange(len(self.categories))]

    # Sessions

    def caller(self) -> Session:
        if not self.callers:
            raise Starved("no session")
        self._turn = (self._turn + 1) % len(self.callers)
        return self.callers[self._turn]

    def spend_guest(self) -> Session:
        if not self.guests:
            raise Starved("no session to spend")
        return self.guests.popleft()

    def welcome(self, session: Session) -> None:
        """Keep a session for later; beyond a bound it is left to expire by itself."""
        if len(self.guests) < SPARE_SESSIONS:
            self.guests.append(session)

    # Sync

    def take_chain(self) -> Chain:
        if self.chains:
            return self.chains.popleft()
        if not self.stamp:
            raise Starved("no stamp to synchronise from")
        return Chain(f"{self.name}.sync{self.serial()}", self.stamp)

    # The end of a request

    def give_back(self, draft: Draft) -> None:
        """The request certainly changed nothing: all that it held is as it was."""
        for lease in draft.leases:
            lease.home.append(lease.item)
        if draft.guest is not None:
            self.welcome(draft.guest)
        if draft.chain is not None:
            self.chains.append(draft.chain)
        draft.settle()

    def write_off(self, draft: Draft) -> None:
        """Nobody knows whether the request was applied: what it held is not used again, but a reader loses nothing."""
        self.lost["items"] += len(draft.leases)
        self.lost["sessions"] += draft.guest is not None
        if draft.chain is not None:
            self.chains.append(draft.chain)
        draft.settle()
