"""The difference of the clocks of load processes, measured by messages and known within bounds.

A process answers with its own clock, which it read between the question and the answer, so each exchange bounds the difference from
both sides (Cristian 1989). The bounds before and after the run are combined to the widest, because clocks drift. Processes of one
machine and one time namespace share a clock and are not asked.

    >>> bounds = ClockBounds()
    >>> bounds.learn(asked=100, answered=300, theirs=1200); bounds.learn(asked=400, answered=440, theirs=1430)
    >>> bounds.alignment()
    Alignment(ahead=1010, uncertain=20)
"""

import os
import platform
import uuid
from dataclasses import dataclass
from pathlib import Path

from load.results.history_file import Alignment

EXCHANGES = 8
"""The number of exchanges before the run, and again after it."""
BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/time")


def clock_identity() -> str:
    """A text that is equal for processes with the same `perf_counter_ns`: the boot of a machine and its time namespace."""
    try:
        return f"{BOOT.read_text('ascii').strip()} {os.readlink(NAMESPACE)}"
    except OSError:
        return f"{platform.node()} {uuid.getnode()}"


@dataclass(slots=True)
class ClockBounds:
    """The bounds of one process's clock minus ours, in ns. `settle` ends a series of exchanges; the next one is combined with it."""

    least: int | None = None
    most: int | None = None
    before: Alignment | None = None

    def learn(self, *, asked: int, answered: int, theirs: int) -> None:
        """Narrow the bounds by one exchange of times. `asked` and `answered` are our clock, `theirs` the process's at some moment
        between the two."""
        least, most = theirs - answered, theirs - asked
        self.least = least if self.least is None else max(self.least, least)
        self.most = most if self.most is None else min(self.most, most)

    def settle(self) -> None:
        self.before, self.least, self.most = self.alignment(), None, None

    def alignment(self) -> Alignment | None:
        """The difference; None if no exchange was answered."""
        if self.least is None or self.most is None:
            return self.before
        least, most = min(self.least, self.most), max(self.least, self.most)
        if self.before is not None:
            least = min(least, self.before.ahead - self.before.uncertain)
            most = max(most, self.before.ahead + self.before.uncertain)
        return Alignment((least + most) // 2, (most - least + 1) // 2)
