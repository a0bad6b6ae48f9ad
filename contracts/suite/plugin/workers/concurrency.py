"""`Concurrency`, the number of checks that run at once, which follows what the target does.

The round trip that is measured before the run is that of a request which costs the target nothing. Where real requests take much longer
(a write of 300 ms), more checks run at once; where the target limits the rate, fewer.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

CALM = 10
"""The number of checks without a rate limit after which one more may run in parallel."""
SURE = 60
"""The requests of smoke checks, which send one after another, whose median is what a request takes."""
SLOWER = 10.0
"""How many times the measured round trip a request has to take until more checks run at once."""


class Done(NamedTuple):
    """The message that a check has ended and all its reports are sent. `waited` are the seconds of pauses for the target's rate limit,
    `took` the seconds of each request of a smoke check."""

    waited: float
    took: Sequence[float] = ()


class Concurrency:
    """The concurrency of one run. `wanted` returns the number of checks at once for a round trip in seconds.

    >>> slow = Concurrency(3, 0.001, lambda trip: 16)
    >>> [slow.after(Done(0, [0.1] * 40)) for _ in range(2)], slow.trip
    ([3, 16], 0.1)
    >>> slow.told
    ', later 16, as a request took 100 ms'
    """

    def __init__(self, count: int, trip: float, wanted: Callable[[float], int]) -> None:
        self.most, self.trip = count, trip
        self._wanted = wanted
        self._began = self._ever = count
        self._took: list[float] = []
        self._calm = 0
        self._limited = False

    def after(self, done: Done) -> int:
        """The number of checks that may run at once after another one has ended."""
        self._calm = 0 if done.waited else self._calm + 1
        if done.waited:
            self._limited = True
            self.most = max(1, self.most // 2)
        elif self._limited and self._calm % CALM == 0:
            self.most = min(self.most + 1, self._ever)
        if len(self._took) < SURE and not self._limited:
            self._took += done.took
            self._look(self._took)
        return self.most

    @property
    def told(self) -> str:
        """The rest of the sentence on how many checks ran at a time; empty if there were never more than at the beginning."""
        if self._ever == self._began:
            return ""
        return f", later {self._ever}, as a request took {self.trip * 1000:.0f} ms"

    def _look(self, took: Sequence[float]) -> None:
        if len(took) >= SURE and median(took) >= SLOWER * self.trip:
            self.trip = median(took)
            self.most = self._ever = max(self._ever, self._wanted(self.trip))
