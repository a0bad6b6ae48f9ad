"""A fifth of the catalogue, drawn by a seed and from every family alike, for the runs that must be short.

>>> len(sample(seed=1)) == len(sample(seed=2)) and sample(seed=1) != sample(seed=2)
True
"""

import math
import random

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES
from tests.power.named_checks import VERDICTS

SHARE = 5


def sample(*, seed: int) -> list[tuple[str, str]]:
    """Pairs (fault, check) in the catalogue's order: one fault in five of each family that the suite can see."""
    chosen: set[str] = set()
    for family in FAMILIES:
        names = [n for n, f in CATALOGUE.items() if f.family == family and not set(f.check) <= set(VERDICTS)]
        count = math.ceil(len(names) / SHARE)
        chosen |= set(random.Random(f"{seed}:{family}").sample(names, count))
    return [pair for pair in pairs() if pair[0] in chosen and pair[1] not in VERDICTS]


def pairs() -> list[tuple[str, str]]:
    """Every fault with every check that it names."""
    return [(fault.name, check) for fault in CATALOGUE.values() for check in fault.check]
