"""The data pool of one load process: the target's items, sessions and sync stamps that it may use.

Every arrival must be sendable at its due time, so none may depend on an answer that has not come yet. The pool keeps items by
their known state; the warm-up fills it and answers update it. A write leases its item and the answer puts it back, so that each
item has at most one write in flight and a plain mix never causes a 409. If an answer is lost, the item's version is unknown and the
item is not used again.

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
"""The most ids that are kept for reading, so that a run of a day needs no more memory than one of a minute."""
SPARE_SESSIONS = 512


class DataPoolEmpty(Exception):
    """The pool has nothing for an arrival; the text tells what is missing."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountCredentials:
    email: str
    password: str


@dataclass(slots=True)
class KnownItem:
    """An item that the load may use. `ancestor` is the id of its version 1 if known, to which it can always be reverted."""

    id: str
    version: int
    ancestor: str = ""


@dataclass(slots=True, repr=False)
class LoginSession:
    """One session of the load, by a login or with a ready token, which has no `refresh`. `expires` is the access token's expiry by
    the monotonic clock, `life` its lifetime, both in ns."""

    name: str
    access: str
    refresh: str
    expires: int
    life: int = 0
    refreshes: int = 0


@dataclass(slots=True, repr=False)
class CodeGrant:
    """An authorization code; `code` is empty until the redirect has come."""

    verifier: str
    state: str
    code: str = ""


@dataclass(slots=True)
class SyncChain:
    """A client that synchronises; each of its windows starts at the end of the last one."""

    name: str
    stamp: str


@dataclass(slots=True)
class Lease:
    """An item that was taken out for a write, and the queue that it came from."""

    item: KnownItem
    home: deque[KnownItem]


@dataclass(slots=True)
class Draft:
    """One request before rendering. It holds `leases`, `guest` and `chain` until it is settled."""

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
    """The pool of its sequence; None for the process's own pool."""

    def settle(self) -> None:
        """Release what it holds, so that nothing can be put back twice."""
        self.leases = []
        self.guest = None
        self.chain = None


class DataPool:
    """The items, sessions and sync stamps of one process. `callers` are the sessions of content requests; `guests` are those that
    auth requests use up."""

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
        self.lost: Counter[bool] = Counter()
        """The items and sessions that were written off, by whether no answer came in time."""
        self.made: dict[str, None] = {}
        """Items that this process has created and not archived."""
        self._turn = 0
        self._login = -1
        self._serial = 0

    def apart(self) -> DataPool:
        """A pool for one sequence, with the same callers and categories, but its own items and guests. It has one queue for all
        states, because it only holds the items that its user created."""
        made = DataPool(self.rng, name=f"{self.name}.{self.serial()}", account=self.accounts[0])
        made.accounts, made.callers, made.categories = self.accounts, self.callers, self.categories
        made.oauth_clients = self.oauth_clients
        made.stamp, made.made = self.stamp, self.made
        all_items: deque[KnownItem] = deque()
        made.by_state = dict.fromkeys(ITEM_STATES, all_items)
        return made

    def next_account(self) -> AccountCredentials:
        """The account of the next login; accounts are used in turn."""
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
        """Take the least recently used item of the first state that has one."""
        for state in states:
            home = self.by_state[state]
            if home:
                return Lease(home.popleft(), home)
        raise DataPoolEmpty(f"no item in the state {states[0]!r}")

    def place(self, item: KnownItem, state: str) -> None:
        self.by_state[state].append(item)

    def adopt(self, item: KnownItem) -> None:
        """Add a new item to the working items if some are missing, else to the drafts."""
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

    def open(self, access: str, refresh: str, *, at: int, life: int) -> str:
        """Keep the session of a login that was answered at a time, and return its name. Times are in ns."""
        name = f"{self.name}.s{self.serial()}"
        self.welcome(LoginSession(name, access, refresh, expires=at + life, life=life))
        return name

    def welcome(self, session: LoginSession) -> None:
        """Keep a session for later; above a limit it is left to expire."""
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
        """Put back all that a request held, because it changed nothing."""
        for lease in draft.leases:
            lease.home.append(lease.item)
        if draft.guest is not None:
            self.welcome(draft.guest)
        if draft.chain is not None:
            self.chains.append(draft.chain)
        draft.settle()

    def write_off(self, draft: Draft, *, silent: bool = False) -> None:
        """Discard the items and sessions that a request held, because it is unknown whether it was applied. `silent`: no answer came in
        time."""
        self.lost[silent] += len(draft.leases) + (draft.guest is not None)
        if draft.chain is not None:
            self.chains.append(draft.chain)
        draft.settle()
