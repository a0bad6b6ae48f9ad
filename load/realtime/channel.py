"""The timed operations of the realtime channel; each has an objective from the channel's `x-slo`, like an operation of openapi.yaml.

>>> [(channel.id, channel.objective.threshold_ms) for channel in CHANNELS]
[('ws.connect', 1000.0), ('ws.heartbeat', 1000.0), ('ws.event', 1000.0)]
"""

from dataclasses import dataclass
from typing import Protocol

from contracts.spec import Objective
from contracts.spec import channel as realtime


@dataclass(frozen=True, slots=True)
class TimedChannel:
    """One timed operation of the channel."""

    id: str
    label: str
    method: str = "WS"

    @property
    def objective(self) -> Objective:
        return realtime.load().objectives[self.label]

    @property
    def limit(self) -> float:
        """The objective's threshold in seconds."""
        return self.objective.threshold_ms / 1000


class Timed(Protocol):
    """Anything with an objective: an operation of openapi.yaml, or one of the channel."""

    @property
    def id(self) -> str: ...
    @property
    def objective(self) -> Objective: ...


CONNECT = TimedChannel("ws.connect", "connect")
"""From connect to 101. The guide's client waits 5 s (S:1338); beyond a fifth of that, clients that reconnect delay each other."""
HEARTBEAT = TimedChannel("ws.heartbeat", "heartbeat")
"""From heartbeat to heartbeat_response (W6)."""
EVENT = TimedChannel("ws.event", "content_updated")
"""From the answer to a write to its event on one socket; 0 if the event came first (W3)."""
CHANNELS = (CONNECT, HEARTBEAT, EVENT)
