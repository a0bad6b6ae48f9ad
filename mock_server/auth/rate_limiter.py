"""Rate limiting: one token bucket a user, off unless asked for (behaviour R32)."""

from __future__ import annotations

from mock_server.clock import SECOND, Clock
from mock_server.problem import Problem

_FORGET_AT = 100_000


class RateLimiter:
    """A token bucket for each user. `rate` requests a second on average, `burst` at once."""

    def __init__(self, clock: Clock, *, rate: float, burst: int) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, user: str) -> None:
        """Take one token or raise Problem(429) with the time until there is one."""
        now = self._clock.now()
        level, at = self._buckets.get(user, (float(self._burst), now))
        level = min(float(self._burst), level + (now - at) / SECOND * self._rate)
        if level < 1:
            wait = max(1, -int(-(1 - level) // self._rate))
            window = max(1, round(self._burst / self._rate))
            raise Problem(
                "RATE_LIMITED",
                f"Too many requests. Try again in {wait} second{'s' * (wait > 1)}.",
                headers=[
                    (b"retry-after", str(wait).encode()),
                    (b"ratelimit", f'"default";r=0;t={wait}'.encode()),
                    (b"ratelimit-policy", f'"default";q={self._burst};w={window}'.encode()),
                ],
            )
        if len(self._buckets) >= _FORGET_AT:
            self._buckets.clear()
        self._buckets[user] = (level - 1, now)
