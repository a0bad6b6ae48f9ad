"""What sockets do that can be timed, each a row beside the operations of openapi.yaml.

>>> [channel.id for channel in CHANNELS]
['ws.connect', 'ws.heartbeat', 'ws.event']
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimedChannel:
    """One thing that a socket does and that can be timed. `limit` is in seconds: the server owes no faster answer than that."""

    id: str
    label: str
    limit: float
    method: str = "WS"


CONNECT = TimedChannel("ws.connect", "connect", 1.0)
"""From connect to 101. The guide's client waits 5 s (S:1338); where so many connect that it takes longer than a fifth of it, they make each other late."""
HEARTBEAT = TimedChannel("ws.heartbeat", "heartbeat", 1.0)
"""From heartbeat to heartbeat_response (W6)."""
EVENT = TimedChannel("ws.event", "content_updated", 1.0)
"""From the answer to a write to its event on one socket; 0 where the event was first (W3)."""
CHANNELS = (CONNECT, HEARTBEAT, EVENT)
