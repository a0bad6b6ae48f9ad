"""How far the clocks of load processes are apart: asked in messages, as bounds and not as a guess.

A process answers with its own clock. It read that clock after the question left and before the answer came, so each exchange
bounds the difference from both sides by the time that it took (Cristian 1989); exchanges before and after the run are put
together to the widest of both, because clocks drift. Processes of one machine and one time namespace share one clock: nothing
is asked of them, and nothing is uncertain.

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
"""Before the run, and again after it."""
BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/time")


def clock_identity() -> str:
    """Equal for two processes whose `perf_counter_ns` is one clock: a boot of a machine, and a time namespace of it."""
    try:
        return f"{BOOT.read_text('ascii').strip()} {os.readlink(NAMESPACE)}"
    except OSError:
        return f"{platform.node()} {uuid.getnode()}"


@dataclass(slots=True)
class ClockBounds:
    """What is known of one process's clock minus ours, ns. `settle` ends a series of exchanges; the next one is put beside it."""

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
        """None where no exchange came back."""
        if self.least is None or self.most is None:
            return self.before
        least, most = min(self.least, self.most), max(self.least, self.most)
        if self.before is not None:
            least = min(least, self.before.ahead - self.before.uncertain)
            most = max(most, self.before.ahead + self.before.uncertain)
        return Alignment((least + most) // 2, (most - least + 1) // 2)
