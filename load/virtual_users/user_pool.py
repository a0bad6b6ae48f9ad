"""The shared state of the users of one process: request tracker, target, current users, their writes and their totals."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, Protocol

from contracts.spec import Spec
from load.engine.in_flight import RequestTracker
from load.http.connection import Pool
from load.http.target import Target
from load.journeys.data_pool import AccountCredentials
from load.realtime.channel_endpoint import ChannelEndpoint
from load.virtual_users.drivers.server_adapter import aimed
from load.virtual_users.guide.persona import Persona
from load.virtual_users.realtime_session import RealtimeSession
from load.virtual_users.roles import Population

TIMED = 5_000
"""The most acknowledged writes whose events are timed."""


class PoolMember(Protocol):
    """A user, as far as the pool needs it."""

    persona: Persona
    realtime_session: RealtimeSession | None

    def leave(self) -> None: ...
    def totals(self) -> Counter[str]: ...


class UserPool:
    """The shared state of the users of one process. Users act while `open` is true. `mark` distinguishes the device ids of one
    run from those of another."""

    def __init__(
        self, *, spec: Spec, tracker: RequestTracker, target: Target, population: Population, account: AccountCredentials, index: int, seed: int, mark: str
    ) -> None:  # fmt: skip
        self.spec, self.tracker, self.population, self.account = spec, tracker, population, account
        self.index, self.seed, self.mark = index, seed, mark
        self.open = False
        self.users: list[PoolMember] = []
        self.tallies: dict[str, Counter[str]] = {}
        self.lines: dict[str, Counter[str]] = {}
        self._target = target
        self._channels: dict[Target, ChannelEndpoint] = {}
        self._numbers: Counter[str] = Counter()
        self._items: set[str] = set()
        self._acknowledged: dict[tuple[str, int], int] = {}
        self._order: deque[tuple[str, int]] = deque()

    def number(self, role: str) -> int:
        """The number of the next user of this role, from 0."""
        number = self._numbers[role]
        self._numbers[role] += 1
        return number

    def pool(self, persona: Persona) -> Pool:
        return Pool(aimed(self.spec, self._target, persona))

    def channel(self, persona: Persona) -> ChannelEndpoint:
        target = aimed(self.spec, self._target, persona)
        if target not in self._channels:
            self._channels[target] = ChannelEndpoint(self.spec, target)
        return self._channels[target]

    @property
    def connected(self) -> Iterator[RealtimeSession]:
        return (user.realtime_session for user in self.users if user.realtime_session is not None)

    def left(self, user: PoolMember) -> None:
        """Remove a user and add its totals, once."""
        if user in self.users:
            self.users.remove(user)
            self.tallies.setdefault(user.persona.name, Counter()).update(user.totals())

    # Writes and their events

    @property
    def made(self) -> tuple[str, ...]:
        """The items that these users created; they write no others."""
        return tuple(self._items)

    def wrote(self, item: str, version: int, at: int) -> None:
        self._items.add(item)
        self._acknowledged[item, version] = at
        self._order.append((item, version))
        if len(self._order) > TIMED:
            self._acknowledged.pop(self._order.popleft(), None)

    def acknowledged(self, item: str, version: int, now: int) -> int | None:
        """The time from which the event of a version counts, in ns: the answer to its write, or `now` if that is still to come.
        None if no user of this process wrote the item."""
        if item not in self._items:
            return None
        return self._acknowledged.get((item, version), now)

    def report(self) -> dict[str, Any]:
        """The totals as plain data for the coordinator."""
        return {
            "people": {name: dict(tally) for name, tally in self.tallies.items()},
            "lines": {name: dict(tally) for name, tally in self.lines.items()},
        }
