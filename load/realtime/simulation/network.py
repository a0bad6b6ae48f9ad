"""The network and the server of a simulated reconnect storm: a queue, a backlog and lost SYNs.

The server does one handshake after another, `1 / rate` seconds each. At most `backlog` accepted connections wait for it; a SYN
beyond them is dropped and sent again by the client's kernel after 1, 3, 7, 15, 31 and 63 s (tcp(7), `tcp_syn_retries` = 6). The
server also serves clients that have given up, and this waste makes a storm worse.

    >>> server = SimulatedServer(ServerModel(rate=10.0, backlog=2))
    >>> [server.arrive(0.0), server.arrive(0.0), server.arrive(0.0)]
    [0.1, 0.2, None]
"""

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

SYN_RETRANSMITS = (1.0, 3.0, 7.0, 15.0, 31.0, 63.0)
SYN_GIVES_UP = 127.0


class Mode(StrEnum):
    """The answer to a connect during the outage."""

    REFUSE = "refuse"
    """RST at once, because nothing listens."""
    HANG = "hang"
    """TCP connects, the upgrade is never answered; such a connection is lost for good."""
    STALL = "stall"
    """TCP connects, and the upgrade is answered when the outage is over."""
    BLACKHOLE = "blackhole"
    """SYNs vanish; a retransmit after the outage may still open the socket."""
    FLAP = "flap"
    """Accepted, and dropped `flap_seconds` after it opened."""
    HALF_OPEN = "half-open"
    """Old connections are dead without an event; new ones work at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage of the simulated network. `clean`: the sockets end with a close frame (1012) in place of an abort."""

    mode: Mode
    seconds: float
    clean: bool = False
    flap_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerModel:
    """The capacity of the simulated server. `rate` in handshakes/s; `latency` is added to each answer and takes no capacity."""

    rate: float = math.inf
    backlog: int = 2048
    latency: float = 0.0


class SimulatedServer:
    """A server with a queue of handshakes."""

    def __init__(self, model: ServerModel) -> None:
        self.model = model
        self.free_at = 0.0
        self.waiting: deque[float] = deque()
        self.dropped = 0

    def arrive(self, now: float) -> float | None:
        """The time at which a connection that arrives now is answered; None if its SYN is dropped."""
        while self.waiting and self.waiting[0] <= now:
            self.waiting.popleft()
        if len(self.waiting) >= self.model.backlog:
            self.dropped += 1
            return None
        self.free_at = max(self.free_at, now) + 1.0 / self.model.rate
        self.waiting.append(self.free_at)
        return self.free_at + self.model.latency
