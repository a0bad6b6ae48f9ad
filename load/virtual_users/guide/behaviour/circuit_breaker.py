"""The guide's circuit breaker, line by line (S:605-652).

Five failures in a row open it for 60 s after the last one. There is no half-open state: after 60 s every call passes, and
the next failure opens it again, because the count stays at five until a success.

>>> breaker = Breaker()
>>> for _ in range(5): breaker.failed("GET /x", now=0.0)
>>> breaker.open("GET /x", now=59.9), breaker.open("GET /x", now=60.0)
(True, False)
"""

THRESHOLD = 5
TIMEOUT = 60.0


class Breaker:
    """The guide's circuit breaker. What counts as a failure is the caller's decision, as in the guide."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._last: dict[str, float] = {}

    def open(self, endpoint: str, now: float) -> bool:
        failures = self._failures.get(endpoint, 0)
        return failures >= THRESHOLD and now - self._last.get(endpoint, 0.0) < TIMEOUT

    def succeeded(self, endpoint: str) -> None:
        self._failures.pop(endpoint, None)
        self._last.pop(endpoint, None)

    def failed(self, endpoint: str, now: float) -> None:
        self._failures[endpoint] = self._failures.get(endpoint, 0) + 1
        self._last[endpoint] = now
