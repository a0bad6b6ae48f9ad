"""What one load process knows of the target: its items, sessions and sync stamps. Pure: no socket, no clock of its own.

Every arrival has to be sendable at its due time, so nothing may depend on an answer that has not come yet. The
pool therefore keeps items by their known state, filled before the run and kept up by answers. A write
takes its item out (a lease) and the answer puts it back, so each item has one write in flight and a
plain mix never provokes a 409. Where an answer is lost nobody knows the item's version: it is never used again.

    >>> data_pool = DataPool(random.Random(1), name="w0", account=AccountCredentials("a@b.example", "secret"))
    >>> data_pool.lease("working")
    Traceback (most recent call last):
    load.journeys.data_pool.DataPoolEmpty: no item in the state 'working'
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.spec import OAuthClient

ITEM_STATES = ("working", "drafts", "published", "revertable")
READABLE = 2_000
"""Ids kept for reading: enough for a spread, bounded so that a day's run needs no more memory than a minute's."""
SPARE_SESSIONS = 512


class DataPoolEmpty(Exception):
    """An arrival for which the pool has nothing: the text says what is missing."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountCredentials:
    email: str
    password: str


@dataclass(slots=True)
class KnownItem:
    """An item that the load may use. `ancestor` is the id of its version 1 where that is known: revert can always go back there."""

    id: str
    version: int
    ancestor: str = ""


@dataclass(slots=True, repr=False)
class LoginSession:
    """One login of the load, or a token that was ready: such a one has no `refresh`. `expires` is when the access token ends on the
    caller's monotonic clock, `life` how long it lives, ns."""

    name: str
    access: str
    refresh: str
    expires: int
    life: int = 0
    refreshes: int = 0


@dataclass(slots=True, repr=False)
class CodeGrant:
    """An authorization code on its way: `code` is empty until the redirect has told it."""

    verifier: str
    state: str
    code: str = ""


@dataclass(slots=True)
class SyncChain:
    """A client that synchronises: each window starts where its last one ended."""

    name: str
    stamp: str


@dataclass(slots=True)
class Lease:
    item: KnownItem
    home: deque[KnownItem]


@dataclass(slots=True)
class Draft:
    """One request before it is bytes. `leases`, `guest` and `chain` are what it holds until it is settled."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None
    session: LoginSession | None = None
    leases: list[Lease] = field(default_factory=list)
    guest: LoginSession | None = None
    chain: SyncChain | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    pool: DataPool | None = None
    """Where it comes from, if that is not the process's own pool: a sequence has one to itself."""

    def settle(self) -> None:
        """It holds nothing any more; settling twice must not put anything back twice."""
        self.leases = []
        self.guest = None
        self.chain = None


class DataPool:
    """The items, sessions and sync stamps that one process's requests draw from. `callers` are the sessions that content requests
    speak for; `guests` those that auth requests use up."""

    def __init__(self, rng: random.Random, *, name: str, account: AccountCredentials) -> None:
        self.rng = rng
        self.name = name
        self.accounts: Sequence[AccountCredentials] = (account,)
        self.oauth_clients: Sequence[OAuthClient] = ()
        self.code: CodeGrant | None = None
        self.by_state: dict[str, deque[KnownItem]] = {state: deque() for state in ITEM_STATES}
        self.wanted: dict[str, int] = dict.fromkeys(ITEM_STATES, 0)
        self.readable: list[str] = []
        self.categories: list[str] = []
        self.callers: list[LoginSession] = []
        self.guests: deque[LoginSession] = deque()
        self.chains: deque[SyncChain] = deque()
        self.stamp = ""
        self.lost: Counter[str] = Counter()
        self.made: dict[str, None] = {}
        """Items that this process has made and not archived."""
        self._turn = 0
        self._login = -1
        self._serial = 0

    def apart(self) -> DataPool:
        """One with the same callers and categories, whose items and guests are its own: there, all states are one, because
        it holds what one user has made and nothing else."""
        made = DataPool(self.rng, name=f"{self.name}.{self.serial()}", account=self.accounts[0])
        made.accounts, made.callers, made.categories = self.accounts, self.callers, self.categories
        made.oauth_clients = self.oauth_clients
        made.stamp, made.made = self.stamp, self.made
        all_items: deque[KnownItem] = deque()
        made.by_state = dict.fromkeys(ITEM_STATES, all_items)
        return made

    def next_account(self) -> AccountCredentials:
        """Whose login comes next: the accounts in turn."""
        self._login = (self._login + 1) % len(self.accounts)
        return self.accounts[self._login]

    # Names

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def title(self) -> str:
        return f"load {self.name} {self.serial()}"

    # Items

    def lease(self, *states: str) -> Lease:
        """The longest rested item of the first state that has one."""
        for state in states:
            home = self.by_state[state]
            if home:
                return Lease(home.popleft(), home)
        raise DataPoolEmpty(f"no item in the state {states[0]!r}")

    def place(self, item: KnownItem, state: str) -> None:
        self.by_state[state].append(item)

    def adopt(self, item: KnownItem) -> None:
        """Put a new item where one is missing, else with the drafts."""
        self.remember(item.id)
        self.made[item.id] = None
        state = "working" if len(self.by_state["working"]) < self.wanted["working"] else "drafts"
        self.place(item, state)

    def remember(self, item_id: str) -> None:
        if len(self.readable) < READABLE:
            self.readable.append(item_id)
        else:
            self.readable[self.rng.randrange(READABLE)] = item_id

    def any_id(self) -> str:
        if not self.readable:
            raise DataPoolEmpty("no item to read")
        return self.readable[self.rng.randrange(len(self.readable))]

    def any_category(self) -> str:
        if not self.categories:
            raise DataPoolEmpty("the target has no category")
        return self.categories[self.rng.randrange(len(self.categories))]

    # Sessions

    def caller(self) -> LoginSession:
        if not self.callers:
            raise DataPoolEmpty("no session")
        self._turn = (self._turn + 1) % len(self.callers)
        return self.callers[self._turn]

    def spend_guest(self) -> LoginSession:
        if not self.guests:
            raise DataPoolEmpty("no session to spend")
        return self.guests.popleft()

    def welcome(self, session: LoginSession) -> None:
        """Keep a session for later; beyond a bound it is left to expire by itself."""
        if len(self.guests) < SPARE_SESSIONS:
            self.guests.append(session)

    # Sync

    def take_chain(self) -> SyncChain:
        if self.chains:
            return self.chains.popleft()
        if not self.stamp:
            raise DataPoolEmpty("no stamp to synchronise from")
        return SyncChain(f"{self.name}.sync{self.serial()}", self.stamp)

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
