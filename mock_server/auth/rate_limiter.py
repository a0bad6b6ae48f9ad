"""Rate limiting: one token bucket a user, off unless asked for (behaviour R32).

The answers tell how the bucket stands (IETF draft `ratelimit-headers`): `r` is what it holds, `t` the seconds until it is full again, or,
where it is empty, until it holds one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from mock_server.auth.tokens import Claims
from mock_server.clock import SECOND, Clock
from mock_server.problem import Problem

_FORGET_AT = 100_000
Fields = list[tuple[bytes, bytes]]


class RatePolicy(NamedTuple):
    """The limit of requests for one user. `rate` requests a second on average, `burst` at once; a rate of 0 is no limit."""

    rate: float
    burst: int

    @classmethod
    def of(cls, rate: float) -> RatePolicy:
        return cls(rate, max(1, round(rate * 2)))


class RateLimiter:
    """A token bucket for each user."""

    def __init__(self, clock: Clock, policy: RatePolicy) -> None:
        self._clock = clock
        self._policy = policy
        self._buckets: dict[str, tuple[float, int]] = {}

    def policy(self) -> RatePolicy:
        return self._policy

    def key(self, claims: Claims) -> str:
        """Whose bucket: the user's, whatever the session or the address."""
        return claims.sub

    def take(self, claims: Claims) -> Fields:
        """Take one token or raise Problem(429) with the time until there is one; the fields for the answer."""
        rate, burst = self.policy()
        if not rate:
            return []
        now, key = self._clock.now(), self.key(claims)
        level, at = self._buckets.get(key, (float(burst), now))
        level = min(float(burst), level + (now - at) / SECOND * rate)
        if level < 1:
            level -= self.price_of_refusal()
            self._buckets[key] = level, now
            wait = max(1, math.ceil((1 - level) / rate))
            raise Problem(
                "RATE_LIMITED",
                f"Too many requests. Try again in {wait} second{'s' * (wait > 1)}.",
                headers=self.refusal(wait),
            )
        if len(self._buckets) >= _FORGET_AT:
            self._buckets.clear()
        self._buckets[key] = level - 1, now
        return self.told(self.left(level - 1), math.ceil((burst - level + 1) / rate))

    def price_of_refusal(self) -> float:
        """Who is refused has spent nothing."""
        return 0

    def left(self, level: float) -> int:
        return math.floor(level)

    def refusal(self, wait: int) -> Fields:
        return [(b"retry-after", str(wait).encode()), *self.told(0, wait)]

    def told(self, left: int, seconds: int) -> Fields:
        rate, burst = self.policy()
        return [
            (b"ratelimit", f'"default";r={left};t={seconds}'.encode()),
            (b"ratelimit-policy", f'"default";q={burst};w={max(1, round(burst / rate))}'.encode()),
        ]
