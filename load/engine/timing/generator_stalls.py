"""The stalls of a load process: times at which it did not run, because of other processes or of a greenlet that did not yield.

Requests that are due in a stall are sent late, and answers that come in it are read late (unless `load.http.kernel_timestamps` has
their time). The target is not at fault for either.

    >>> stalls = GeneratorStalls()
    >>> stalls.beat(1_000_000_000, 1_300_000_000)
    >>> stalls.within(900_000_000, 1_100_000_000), stalls.within(1_400_000_000, 1_500_000_000)
    (100000000, 0)
"""

from bisect import bisect_left, bisect_right

LEAST = 5_000_000
"""The shortest stall in ns, by the lateness of a heartbeat: five times the lag of an otherwise idle machine."""
KEPT = 1_000
"""The least number of last stalls that are kept; at most twice as many."""


class GeneratorStalls:
    """The recent stalls of one process."""

    def __init__(self) -> None:
        self._began: list[int] = []
        self._ended: list[int] = []
        self._before: list[int] = [0]
        """The total length of all stalls before each one, with the total of all at the end, so that `within` is fast."""
        self.expected = 0
        """The due time of the next heartbeat; 0 if none is due."""

    def beat(self, expected: int, now: int) -> None:
        """Note a heartbeat that was due at `expected`."""
        if now - expected > LEAST:
            self._began.append(expected)
            self._ended.append(now)
            self._before.append(self._before[-1] + now - expected)
            if len(self._began) > 2 * KEPT:
                del self._began[:KEPT], self._ended[:KEPT], self._before[:KEPT]

    def within(self, begin: int, end: int) -> int:
        """The time in ns between two moments in which the process stalled, including a stall whose heartbeat has not come yet."""
        still = 0
        if self.expected and end - self.expected > LEAST:
            still = end - max(begin, self.expected)
        first, beyond = bisect_right(self._ended, begin), bisect_left(self._began, end)
        if first < beyond:
            still += self._before[beyond] - self._before[first]
            still -= max(0, begin - self._began[first]) + max(0, self._ended[beyond - 1] - end)
        return still
