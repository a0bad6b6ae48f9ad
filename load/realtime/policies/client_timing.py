"""The durations of the guide's client, and their scaling for shorter runs.

>>> Timing().scaled(0.1).connect_timeout
0.5
>>> [Timing().backoff(n) for n in (1, 2, 5, 6, 10)]
[1.0, 2.0, 16.0, 30.0, 30.0]
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

PONG_MINIMUM = 1.5
"""The shortest wait for a heartbeat's answer. W6 gives the server 1 s, so a shorter wait would cut good sockets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The durations of a client in seconds. The first four are the guide's (S:1290-1296, 1338-1343, 1456-1482), the others are
    those of the repaired client."""

    base: float = 1.0
    cap: float = 30.0
    connect_timeout: float = 5.0
    heartbeat: float = 30.0
    pong: float = 10.0
    """The longest wait for an answer to a heartbeat; the server must answer within 1 s (W6)."""
    stable: float = 10.0
    """The time that a socket must stay open before earlier failures are forgotten."""
    patience: float = 900.0
    """The longest outage before the client gives up."""

    def backoff(self, attempt: int) -> float:
        """The delay before the n-th attempt, n from 1: min(base * 2**(n-1), cap)."""
        return min(self.base * 2.0 ** (attempt - 1), self.cap)

    def scaled(self, factor: float, *, keep_connect_timeout: bool = False) -> Timing:
        """All durations times `factor`; the wait for a heartbeat's answer stays at least `PONG_MINIMUM`.

        `keep_connect_timeout` keeps the connect timeout: if nothing hangs it never fires, and scaling it would only give the
        server less time for a handshake than a real client gives.
        """
        scaled = replace(self, **{field.name: getattr(self, field.name) * factor for field in fields(self)})
        scaled = replace(scaled, pong=max(scaled.pong, min(self.pong, PONG_MINIMUM)))
        return replace(scaled, connect_timeout=self.connect_timeout) if keep_connect_timeout else scaled
