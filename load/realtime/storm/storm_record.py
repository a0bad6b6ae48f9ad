"""The record of one storm: the events of its clients, its writes, and its times.

It is pure data, made by `storm` and read by `measurement`. Times are seconds of `time.perf_counter`.
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
    """One client at the end of the storm."""

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
    """The record of one storm."""

    policy: str
    fault: OutageFault
    time_scale: float
    clients: tuple[ObservedClient, ...]
    dropped_at: float
    back_at: float
    settled_at: float
    before: Sequence[tuple[float, WrittenVersion]]
    """The writes before the outage: (time of the acknowledgement, version)."""
    during: Sequence[tuple[float, WrittenVersion]]
    after: Sequence[tuple[float, WrittenVersion]]
    live_after: tuple[frozenset[int], ...]
    """The sockets of each client that were alive from the beginning of the writes in `after` to the end."""
    prediction: Prediction
    """The simulator's prediction for the same clients and outage, with a server without limits."""
    lag: float = 0.0
    """The generator's longest stall in seconds."""
