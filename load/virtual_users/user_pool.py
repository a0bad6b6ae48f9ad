"""What the users of one process share: the request tracker, the target, who is on, which writes were theirs, and their totals."""

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
"""Acknowledged writes whose events are still timed."""


class PoolMember(Protocol):
    """A user, as far as the pool knows it."""

    persona: Persona
    realtime_session: RealtimeSession | None

    def leave(self) -> None: ...
    def came_to(self) -> Counter[str]: ...


class UserPool:
    """What the users of one process share. `open` is the time in which people act. `mark` tells the devices of one run from those
    of another."""

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
        """How many users of this role there were before, from 0."""
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
        """Take what a person came to; nobody is counted twice."""
        if user in self.users:
            self.users.remove(user)
            self.tallies.setdefault(user.persona.name, Counter()).update(user.came_to())

    # Writes and their events

    @property
    def made(self) -> tuple[str, ...]:
        """Items that these users have written; who writes here has made them."""
        return tuple(self._items)

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
        """Plain data for the coordinator."""
        return {
            "people": {name: dict(tally) for name, tally in self.tallies.items()},
            "lines": {name: dict(tally) for name, tally in self.lines.items()},
        }
