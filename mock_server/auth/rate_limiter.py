"""The rate limiter, with a token bucket for each user, which is off by default (rule R32).

Responses have the state of the bucket (IETF draft `ratelimit-headers`): `r` is the number of tokens left, `t` the seconds until the bucket is
full or, if it is empty, until it has a token.
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
    """The limit for one user: `rate` requests a second on average and `burst` at once; a rate of 0 is no limit."""

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
        """The key of the bucket: the user, whatever the session or the address."""
        return claims.sub

    def take(self, claims: Claims) -> Fields:
        """Take a token, and return the fields for the response. Raises Problem(429) with the seconds until there is a token."""
        rate, burst = self.policy()
        if not rate:
            return []
        now, key = self._clock.now(), self.key(claims)
        level, at = self._buckets.get(key, (float(burst), now))
        level = min(float(burst), level + (now - at) / SECOND * rate)
        if level < 1:
            level -= self.cost_of_refusal()
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
        return self.fields(self.left(level - 1), math.ceil((burst - level + 1) / rate))

    def cost_of_refusal(self) -> float:
        """The tokens that a refused request takes: none."""
        return 0

    def left(self, level: float) -> int:
        return math.floor(level)

    def refusal(self, wait: int) -> Fields:
        return [(b"retry-after", str(wait).encode()), *self.fields(0, wait)]

    def fields(self, left: int, seconds: int) -> Fields:
        rate, burst = self.policy()
        return [
            (b"ratelimit", f'"default";r={left};t={seconds}'.encode()),
            (b"ratelimit-policy", f'"default";q={burst};w={max(1, round(burst / rate))}'.encode()),
        ]
