"""What the server has served, so that a client's count can be held against it to the request."""

from collections import Counter, deque
from typing import NamedTuple

from mock_server.clock import Clock

KEPT = 10_000


class JournalLine(NamedTuple):
    """One served request in the journal. `faults` names those that touched the answer, joined by a space. No header, body or
    token is ever kept."""

    number: int
    at: int
    operation: str
    status: int
    faults: str


class Journal:
    """What the server has served. Totals always; single requests only where `keep` is on (the control interface reads them)."""

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
        """What the request that was noted last was to its client, in the words of another document."""
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
