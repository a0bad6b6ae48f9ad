"""The durations of the guide's client, and how to run them faster.

>>> Timing().scaled(0.1).connect_timeout
0.5
>>> [Timing().backoff(n) for n in (1, 2, 5, 6, 10)]
[1.0, 2.0, 16.0, 30.0, 30.0]
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

PONG_MINIMUM = 1.5
"""W6 gives the server 1 s; a client that waits no longer than that would cut sockets of a server in its right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The durations of a client, in seconds. The first four are the guide's (S:1290-1296, 1338-1343, 1456-1482), the rest are
    ours."""

    base: float = 1.0
    cap: float = 30.0
    connect_timeout: float = 5.0
    heartbeat: float = 30.0
    pong: float = 10.0
    """How long an open socket may leave a heartbeat unanswered; the server owes it 1 s (W6)."""
    stable: float = 10.0
    """How long a socket must live before earlier failures are forgotten."""
    patience: float = 900.0
    """How long an outage may last before the client gives up."""

    def backoff(self, attempt: int) -> float:
        """Delay before the n-th attempt, n from 1: min(base * 2**(n-1), cap)."""
        return min(self.base * 2.0 ** (attempt - 1), self.cap)

    def scaled(self, factor: float, *, keep_connect_timeout: bool = False) -> Timing:
        """All durations times `factor`, but for the wait for a heartbeat's answer, which keeps `PONG_MINIMUM`.

        `keep_connect_timeout` leaves the connect timeout as it is: where nothing hangs it never fires, and
        scaling it would only give the server less time to answer a handshake than a real client gives.
        """
        scaled = replace(self, **{field.name: getattr(self, field.name) * factor for field in fields(self)})
        # The server's second to answer a heartbeat does not shrink with the client's clock.
        scaled = replace(scaled, pong=max(scaled.pong, min(self.pong, PONG_MINIMUM)))
        return replace(scaled, connect_timeout=self.connect_timeout) if keep_connect_timeout else scaled
