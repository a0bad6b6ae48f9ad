"""What sockets do that can be timed, each a row beside the operations of openapi.yaml; its objective is the channel's `x-slo`.

>>> [(channel.id, channel.objective.threshold_ms) for channel in CHANNELS]
[('ws.connect', 1000.0), ('ws.heartbeat', 1000.0), ('ws.event', 1000.0)]
"""

from dataclasses import dataclass
from typing import Protocol

from contracts.spec import Objective
from contracts.spec import channel as realtime


@dataclass(frozen=True, slots=True)
class TimedChannel:
    """One thing that a socket does and that can be timed."""

    id: str
    label: str
    method: str = "WS"

    @property
    def objective(self) -> Objective:
        return realtime.load().objectives[self.label]

    @property
    def limit(self) -> float:
        """Seconds: the server owes no faster answer than that."""
        return self.objective.threshold_ms / 1000


class Timed(Protocol):
    """What has an objective: an operation, or something that a socket does."""

    @property
    def id(self) -> str: ...
    @property
    def objective(self) -> Objective: ...


CONNECT = TimedChannel("ws.connect", "connect")
"""From connect to 101. The guide's client waits 5 s (S:1338); where so many connect that it takes longer than a fifth of it, they make each other late."""
HEARTBEAT = TimedChannel("ws.heartbeat", "heartbeat")
"""From heartbeat to heartbeat_response (W6)."""
EVENT = TimedChannel("ws.event", "content_updated")
"""From the answer to a write to its event on one socket; 0 where the event was first (W3)."""
CHANNELS = (CONNECT, HEARTBEAT, EVENT)
