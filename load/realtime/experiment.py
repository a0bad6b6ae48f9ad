"""What one storm leaves behind: the clients with their ledgers, the writes, and the instants that matter.

Pure data between `storm`, which makes it, and `measure`, which reads it. Times are seconds of
`time.perf_counter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from load.realtime.api import Written
from load.realtime.fault import Fault
from load.realtime.prediction import Prediction
from load.realtime.protocol import Notice, Purpose
from load.realtime.virtual_client import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One client at the end of the watch."""

    ledger: Ledger
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
class Experiment:
    policy: str
    fault: Fault
    time_scale: float
    clients: tuple[Witness, ...]
    opened_before: int
    """Clients with an open socket before the drop; all of them, or there is nothing to measure."""
    dropped_at: float
    back_at: float
    settled_at: float
    before: Sequence[tuple[float, Written]]
    """Writes while all was well, and when each was acknowledged."""
    during: Sequence[tuple[float, Written]]
    after: Sequence[tuple[float, Written]]
    live_after: tuple[frozenset[int], ...]
    """Per client, the sockets that were open and alive when the writes of `after` began, and still at the end."""
    prediction: Prediction
    """The simulator's, of the same clients through the same outage at a server without limits."""
    lag: float = 0.0
    """The longest moment, in seconds, for which the generator stood still while it waited for something."""
