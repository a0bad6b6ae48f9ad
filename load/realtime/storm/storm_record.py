"""The record of one storm: the clients with what happened to them, the writes, and the instants that matter.

Pure data between `storm`, which makes it, and `measurement`, which reads it. Times are seconds of
`time.perf_counter`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from load.realtime.policies.protocol import Notice, Purpose
from load.realtime.realtime_client import ClientRecord
from load.realtime.simulation.prediction import Prediction
from load.realtime.storm.outage_faults import OutageFault
from load.realtime.storm.storm_api import WrittenVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedClient:
    """One client at the end of the watch."""

    ledger: ClientRecord
    timers: Mapping[int, Purpose]
    sockets: Mapping[int, bool]
    dead: frozenset[int]
    synced: Mapping[str, int] = field(default_factory=dict)
    """Item -> version, from every sync after the drop."""
    sync_failures: tuple[str, ...] = ()
    refreshes: int = 0

    @property
    def notices(self) -> Sequence[tuple[float, Notice]]:
        return self.ledger.notices


@dataclass(frozen=True, slots=True, kw_only=True)
class StormRecord:
    policy: str
    fault: OutageFault
    time_scale: float
    clients: tuple[ObservedClient, ...]
    dropped_at: float
    back_at: float
    settled_at: float
    before: Sequence[tuple[float, WrittenVersion]]
    """Writes while all was well, and when each was acknowledged."""
    during: Sequence[tuple[float, WrittenVersion]]
    after: Sequence[tuple[float, WrittenVersion]]
    live_after: tuple[frozenset[int], ...]
    """Per client, the sockets that were open and alive when the writes of `after` began, and still at the end."""
    prediction: Prediction
    """The simulator's, of the same clients through the same outage at a server without limits."""
    lag: float = 0.0
    """The longest moment, in seconds, for which the generator stood still while it waited for something."""
