"""When a load process itself stood still: the machine was somebody else's, or a greenlet did not give the others their turn. Pure.

What was due in such a pause is sent late, and what came in it is read late (which counts only where `load.receipt` has no stamp of it).
A target has no part in that.

    >>> pauses = Pauses()
    >>> pauses.beat(1_000_000_000, 1_300_000_000)
    >>> pauses.within(900_000_000, 1_100_000_000), pauses.within(1_400_000_000, 1_500_000_000)
    (100000000, 0)
"""

from __future__ import annotations

from collections import deque

LEAST = 20_000_000
"""A beat that comes later than this after its time ends a pause, ns: a tenth of the guide's 200 ms."""
KEPT = 1_000


class Pauses:
    def __init__(self) -> None:
        self._known: deque[tuple[int, int]] = deque(maxlen=KEPT)
        self.expected = 0
        """When the next beat is due; 0: there is none to come."""

    def beat(self, expected: int, now: int) -> None:
        """One has come that was due at `expected`."""
        if now - expected > LEAST:
            self._known.append((expected, now))

    def within(self, begin: int, end: int) -> int:
        """For how much of this time, ns. Who asks may be the first to run after a pause, before its beat."""
        still = 0
        if self.expected and end - self.expected > LEAST:
            still = end - max(begin, self.expected)
        for began, ended in reversed(self._known):
            if ended <= begin:
                break
            still += max(0, min(end, ended) - max(begin, began))
        return still
