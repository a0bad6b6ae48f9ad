"""`Journal`, the record of answered requests, with which the counts of a client can be compared exactly."""

from collections import Counter, deque
from typing import NamedTuple

from mock_server.clock import Clock

KEPT = 10_000


class JournalLine(NamedTuple):
    """One answered request. `at` is in microseconds; `faults` are the names of those that changed the response, separated by spaces.
    Headers, bodies and tokens are never recorded."""

    number: int
    at: int
    operation: str
    status: int
    faults: str


class Journal:
    """The record of a server: totals and, if `keep` is true, the last single requests, which the control interface shows."""

    def __init__(self, clock: Clock, *, keep: bool) -> None:
        self._clock = clock
        self._keep = keep
        self.total = 0
        self._last = ("", 0)
        self.served: Counter[tuple[str, int]] = Counter()
        self.lines: deque[JournalLine] = deque(maxlen=KEPT)

    def note(self, operation: str, status: int, faults: str = "") -> None:
        self.total += 1
        self._last = (operation, status)
        self.served[self._last] += 1
        if self._keep:
            self.lines.append(JournalLine(self.total, self._clock.now(), operation, status, faults))

    def correct(self, operation: str, status: int) -> None:
        """Replace operation and status of the last request by those of the document that the client sees."""
        if self._last != (operation, status):
            self.served -= Counter((self._last,))
            self.served[operation, status] += 1
            if self._keep:
                self.lines[-1] = self.lines[-1]._replace(operation=operation, status=status)

    def after(self, number: int, limit: int) -> list[JournalLine]:
        return [line for line in self.lines if line.number > number][:limit]

    def clear(self) -> None:
        self.total = 0
        self.served.clear()
        self.lines.clear()
