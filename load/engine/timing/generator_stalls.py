"""When a load process itself stood still: the machine was somebody else's, or a greenlet did not give the others their turn. Pure.

What was due in such a pause is sent late, and what came in it is read late (which counts only where `load.http.kernel_timestamps` has no stamp of it).
A target has no part in that.

    >>> stalls = GeneratorStalls()
    >>> stalls.beat(1_000_000_000, 1_300_000_000)
    >>> stalls.within(900_000_000, 1_100_000_000), stalls.within(1_400_000_000, 1_500_000_000)
    (100000000, 0)
"""

from bisect import bisect_left, bisect_right

LEAST = 5_000_000
"""A beat that comes later than this after its time ends a pause, ns: five times the lag of a machine that nobody else uses."""
KEPT = 1_000
"""Pauses that are remembered, and at most twice as many."""


class GeneratorStalls:
    def __init__(self) -> None:
        self._began: list[int] = []
        self._ended: list[int] = []
        self._before: list[int] = [0]
        """How long all pauses before this one took, and at the end all of them: who is slow has many within its latencies."""
        self.expected = 0
        """When the next beat is due; 0: there is none to come."""

    def beat(self, expected: int, now: int) -> None:
        """One has come that was due at `expected`."""
        if now - expected > LEAST:
            self._began.append(expected)
            self._ended.append(now)
            self._before.append(self._before[-1] + now - expected)
            if len(self._began) > 2 * KEPT:
                del self._began[:KEPT], self._ended[:KEPT], self._before[:KEPT]

    def within(self, begin: int, end: int) -> int:
        """For how much of this time, ns. Who asks may be the first to run after a pause, before its beat."""
        still = 0
        if self.expected and end - self.expected > LEAST:
            still = end - max(begin, self.expected)
        first, beyond = bisect_right(self._ended, begin), bisect_left(self._began, end)
        if first < beyond:
            still += self._before[beyond] - self._before[first]
            still -= max(0, begin - self._began[first]) + max(0, self._ended[beyond - 1] - end)
        return still
