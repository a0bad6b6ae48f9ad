"""RTK Query's cache as a state machine: subscriptions, lifetimes, de-duplication, invalidation, refetching.

It is modelled on @reduxjs/toolkit 2.x and was checked against it with random programs. Its surprising behaviour is kept:
- a failed mutation invalidates as well, with the tags that need no result (`isRejectedWithValue`);
- `delayed` (the default of 2.x) holds invalidations back until no request at all is pending; `immediately` (1.x)
  loses one that comes while the same query is in flight (reduxjs/redux-toolkit#2444);
- focus and reconnect refetch what is subscribed, and remove what is not;
- an answer to a query that was removed meanwhile is ignored.

The cache requests answers with `Fetch` effects and receives them by `settled`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from load.virtual_users.guide.cache.cache_tags import Tag, TagTable, hits
from load.virtual_users.guide.exchange import ArmTimer, Ask, CancelTimer

KEEP = 60.0
"""`keepUnusedDataFor` of the whole API, seconds (S:63)."""
STALE = 30.0
"""`refetchOnMountOrArgChange`, seconds (S:64)."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request for an answer, to be passed to `settled` with the ticket."""

    ticket: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Drop:
    """The answer of this ticket is no longer needed."""

    ticket: int


CacheEffect = Fetch | Drop | ArmTimer | CancelTimer


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """The end of a query or mutation; for any error, `ok` is False and `data` is None."""

    ok: bool
    data: Any = None


@dataclass(slots=True)
class CacheEntry:
    """One cached query with its subscribers."""

    ask: Ask
    ticket: int = 0
    pending: bool = False
    data: Any = None
    fulfilled_at: float | None = None
    subscribers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRules:
    """The lifetimes of cached answers. `keep` overrides KEEP for an operation, seconds."""

    keep: Mapping[str, float] = field(default_factory=dict)
    stale: float = STALE
    invalidation: Literal["delayed", "immediately"] = "delayed"


@dataclass(slots=True)
class CacheTally:
    """The counts of one cache. `served`: mounts answered from the cache; `joined`: mounts that waited for a request in flight;
    `fetches`: by cause (mount, prefetch, focus, reconnect, or the mutation or event that invalidated the query)."""

    mounts: int = 0
    served: int = 0
    joined: int = 0
    fetches: Counter[str] = field(default_factory=Counter)


class QueryCache:
    """The cached queries of one client."""

    def __init__(self, tags: TagTable, rules: CacheRules, numbers: count[int]) -> None:
        self.tags, self.rules, self.tally = tags, rules, CacheTally()
        self.entries: dict[str, CacheEntry] = {}
        self._numbers = numbers
        self._provided: dict[str, tuple[Tag, ...]] = {}
        self._asked: dict[int, Ask] = {}
        self._subscribed: dict[int, str] = {}
        self._running: set[int] = set()
        self._held: list[tuple[Tag, str]] = []

    def subscribe(self, ask: Ask, now: float) -> tuple[int, list[CacheEffect]]:
        """A component mounts. Returns the subscription's number, and the fetches that it needs."""
        number = next(self._numbers)
        self.tally.mounts += 1
        entry = self.entries.get(ask.key)
        fetch = self._condition(entry, now, self.rules.stale)
        self.tally.joined += bool(entry and entry.pending)
        self.tally.served += bool(entry and not entry.pending and not fetch)
        effects = self._fetch(ask, "mount") if fetch else []
        self.entries[ask.key].subscribers.add(number)
        self._subscribed[number] = ask.key
        return number, [CancelTimer(("expire", ask.key)), *effects]

    def prefetch(self, ask: Ask, now: float) -> list[CacheEffect]:
        """Fetch without subscribing (`util.prefetch`), unless there is an answer already."""
        return self._fetch(ask, "prefetch") if self._condition(self.entries.get(ask.key), now, None) else []

    def unsubscribe(self, number: int) -> list[CacheEffect]:
        """A component unmounts. If its query was removed and fetched again since, the new entry's lifetime starts."""
        key = self._subscribed.pop(number, "")
        entry = self.entries.get(key)
        if entry is None:
            return []
        entry.subscribers.discard(number)
        return self._lifetime(key)

    def _condition(self, entry: CacheEntry | None, now: float, stale: float | None) -> bool:
        """Whether to fetch (the thunk's `condition`): not while in flight; if never fulfilled; else only if stale."""
        if entry is None:
            return True
        if entry.pending:
            return False
        if entry.fulfilled_at is None:
            return True
        return stale is not None and now - entry.fulfilled_at >= stale

    def _fetch(self, ask: Ask, cause: str) -> list[CacheEffect]:
        entry = self.entries.setdefault(ask.key, CacheEntry(ask))
        entry.ticket, entry.pending = next(self._numbers), True
        self._asked[entry.ticket] = ask
        self._running.add(entry.ticket)
        self.tally.fetches[cause] += 1
        return [Fetch(entry.ticket, ask)]

    def begin(self, ask: Ask) -> tuple[int, list[CacheEffect]]:
        """Begin a mutation; `settled` with its ticket ends it."""
        ticket = next(self._numbers)
        self._asked[ticket] = ask
        self._running.add(ticket)
        return ticket, [Fetch(ticket, ask)]

    def settled(self, ticket: int, outcome: QueryOutcome, now: float) -> list[CacheEffect]:
        """End a query or a mutation; a dropped or forgotten ticket has no effect."""
        ask = self._asked.pop(ticket, None)
        if ask is None:
            return []
        self._running.discard(ticket)
        data = outcome.data if outcome.ok else None
        if self.tags.spec[ask.operation].method != "GET":
            return self.invalidate(self.tags.invalidates(ask.operation, ask.arg, data), ask.operation)
        self._provided[ask.key] = self.tags.provides(ask.operation, ask.arg, data)
        entry = self.entries.get(ask.key)
        if entry is not None and entry.ticket == ticket:
            entry.pending = False
            if outcome.ok:
                entry.data, entry.fulfilled_at = data, now
        lifetime = self._lifetime(ask.key) if entry is not None else []
        return [*lifetime, *self.invalidate((), "")]

    def invalidate(self, tags: Iterable[Tag], cause: str) -> list[CacheEffect]:
        """Refetch the subscribed queries that provide one of these tags and remove the others, now or later (see the module)."""
        self._held += [(tag, cause) for tag in tags]
        if not self._held or (self.rules.invalidation == "delayed" and self._running):
            return []
        held, self._held = self._held, []
        effects: list[CacheEffect] = []
        for key, tag_cause in self.touched(held).items():
            effects += self._refresh(key, tag_cause)
        return effects

    def patched(self, ask: Ask) -> None:
        """Update the tags of a query after an optimistic update or its undo (`updateQueryData`), even without an answer."""
        entry = self.entries.get(ask.key)
        data = entry.data if entry is not None else None
        self._provided[ask.key] = self.tags.provides(ask.operation, ask.arg, data)

    def touched(self, tags: Iterable[tuple[Tag, str]]) -> dict[str, str]:
        """The cached queries that these tags invalidate, each with its first cause."""
        found: dict[str, str] = {}
        for tag, cause in tags:
            for key, provided in self._provided.items():
                if key in self.entries and any(hits(tag, own) for own in provided):
                    found.setdefault(key, cause)
        return found

    def focus(self) -> list[CacheEffect]:
        return self._everything("focus")

    def reconnect(self) -> list[CacheEffect]:
        return self._everything("reconnect")

    def _everything(self, cause: str) -> list[CacheEffect]:
        return [effect for key in list(self.entries) for effect in self._refresh(key, cause)]

    def _refresh(self, key: str, cause: str) -> list[CacheEffect]:
        entry = self.entries[key]
        if not entry.subscribers:
            return self._remove(key)
        return [] if entry.pending else self._fetch(entry.ask, cause)

    def _remove(self, key: str) -> list[CacheEffect]:
        del self.entries[key]
        self._provided.pop(key, None)
        return [CancelTimer(("expire", key))]

    def _lifetime(self, key: str) -> list[CacheEffect]:
        entry = self.entries[key]
        if entry.subscribers:
            return []
        return [ArmTimer(("expire", key), self.rules.keep.get(entry.ask.operation, KEEP))]

    def expired(self, key: str) -> list[CacheEffect]:
        """The lifetime of an unused answer has ended; a request in flight for it is aborted."""
        entry = self.entries.get(key)
        if entry is None or entry.subscribers:
            return []
        self._remove(key)
        if not entry.pending:
            return []
        self._running.discard(entry.ticket)
        self._asked.pop(entry.ticket, None)
        return [Drop(entry.ticket), *self.invalidate((), "")]

    def reset(self) -> list[CacheEffect]:
        """Forget all queries and abort all requests in flight (`resetApiState`)."""
        dropped: list[CacheEffect] = [Drop(ticket) for ticket in sorted(self._running)]
        cancelled: list[CacheEffect] = [CancelTimer(("expire", key)) for key in self.entries]
        self.entries.clear()
        self._provided.clear()
        self._asked.clear()
        self._running.clear()
        self._held.clear()
        return [*dropped, *cancelled]
