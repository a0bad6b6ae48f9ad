"""Numbers of one accuracy run beside the truth about it. Pure.

>>> stalled(0, [(10 * MS, 1010 * MS)]) / MS, stalled(500 * MS, [(10 * MS, 1010 * MS)]) / MS
(1010.0, 530.0)
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MS = 1_000_000
LIMIT = 200 * MS
CLOSE = MS // 2
"""The server takes its stamps in Python, the generator has the kernel's: so close to the limit they may disagree."""
RANKS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


@dataclass(frozen=True, slots=True)
class Seen:
    """Percentiles in ns by name, and how many of how many answers took longer than 200 ms; None where a tool does not say. `close`
    is the number of answers nearer to 200 ms than two clocks agree."""

    percentiles: dict[str, float]
    over: int | None
    count: int
    close: int = 0

    @property
    def share(self) -> float | None:
        return None if self.over is None else self.over / self.count


def of(latencies: Iterable[int]) -> Seen:
    """Nearest rank, exact."""
    ordered = sorted(latencies)
    found = {name: float(ordered[max(0, math.ceil(rank * len(ordered)) - 1)]) for name, rank in RANKS.items()}
    close = sum(abs(one - LIMIT) < CLOSE for one in ordered)
    return Seen(found, sum(one > LIMIT for one in ordered), len(ordered), close)


def off(seen: float, true: float) -> float:
    """Per cent of the truth."""
    return abs(seen - true) / true * 100


def stalled(due: int, stalls: Sequence[tuple[int, int]], delay: int = 20 * MS) -> int:
    """What a request that is due then has to wait at a target that is away in these times."""
    done = due + delay
    for began, ended in stalls:
        if began <= due < ended:
            return ended - due + delay
        if began <= done < ended:
            return ended - due
    return done - due
