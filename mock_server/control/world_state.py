"""The whole state of a server, which can be reset to a seed, saved in memory, and restored."""

import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mock_server.auth.passwords import PasswordHasher
from mock_server.clock import Clock
from mock_server.realtime.hub import Hub
from mock_server.seed.world import seed_database
from mock_server.store.sqlite.database import Database, DatabaseCopy

MOST_SNAPSHOTS, MOST_BYTES = 16, 512 << 20
"""The limits of all snapshots together; the oldest is dropped first, and the newest is always kept."""


class Snapshot(NamedTuple):
    copy: DatabaseCopy
    bytes: int
    clock: tuple[int, int | None]


def _close(snapshots: Mapping[str, Snapshot]) -> None:
    for snapshot in snapshots.values():
        snapshot.copy.close()


class WorldState:
    """The state of a server. The functions `reseeded` are called with each new seed, for everything that depends on the seed and is not in
    the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hub: Hub,
        hasher: PasswordHasher,
        *,
        seed: int,
        items: int,
        reseeded: Sequence[Callable[[int], object]],
    ) -> None:
        self._db = database
        self._clock = clock
        self._hub = hub
        self._hasher = hasher
        self.seed = seed
        self._items = items
        self._reseeded = reseeded
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        weakref.finalize(self, _close, self._snapshots)
        self._taken = 0

    def reset(self, seed: int | None = None, items: int | None = None) -> None:
        """Reset the server: new data, no sessions, no faults, the system's time."""
        self._hub.restart(self._hub.sockets)
        self._clock.reset()
        self.seed = self.seed if seed is None else seed
        self._db.clear()
        count = self._items if items is None else items
        seed_database(self._db, seed=self.seed, count=count, hasher=self._hasher)
        self._hub.rewind()
        for reseed in self._reseeded:
            reseed(self.seed)

    def take_snapshot(self) -> str:
        """Save the present state, and return its name."""
        self._taken += 1
        name = f"snapshot-{self._taken}"
        self._snapshots[name] = Snapshot(self._db.copy(), self._db.size, self._clock.state)
        while len(self._snapshots) > MOST_SNAPSHOTS or (
            self._bytes() > MOST_BYTES and len(self._snapshots) > 1
        ):
            _, oldest = self._snapshots.popitem(last=False)
            oldest.copy.close()
        return name

    def snapshot(self, name: str) -> Snapshot | None:
        return self._snapshots.get(name)

    def restore(self, snapshot: Snapshot) -> None:
        self._hub.restart(self._hub.sockets)
        self._db.load(snapshot.copy)
        self._clock.restore(snapshot.clock)
        self._hub.rewind()

    def _bytes(self) -> int:
        return sum(snapshot.bytes for snapshot in self._snapshots.values())
