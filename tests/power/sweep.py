"""`python -m tests.power.sweep`: how many cases a second the sweep sends and judges (fuzz.requests), operation by operation.

The server is a process of its own; `--one-core` pins both to the same core. Logins are told and not counted: each right one costs a
password hash by intention.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from contracts.suite.api import Api
from contracts.suite.test_fuzz import Sweep
from tests.power.bench import Bench, Borrowed
from tests.power.naming import CHECKS

CHECK = "fuzz.requests"
UNCOUNTED = "login"


class Clocked(NamedTuple):
    operation: str
    cases: int
    seconds: float
    wrong: int

    @property
    def rate(self) -> float:
        return self.cases / self.seconds


def clock(world: Borrowed, cases: int) -> list[Clocked]:
    """One row an operation."""
    found = []
    check = CHECKS[CHECK]
    assert check.over is not None
    for operation in check.over():
        sweep = Sweep(Api(world, f"{CHECK}[{operation}]"), world.spec[operation])
        count = max(1, cases // 6) if operation == UNCOUNTED else cases
        world.recorder.start()
        began = time.perf_counter()
        sweep.run(count)
        found.append(Clocked(operation, count, time.perf_counter() - began, len(sweep.wrong)))
    return found


def total(rows: Sequence[Clocked]) -> float:
    counted = [row for row in rows if row.operation != UNCOUNTED]
    return sum(row.cases for row in counted) / sum(row.seconds for row in counted)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.power.sweep", description="Clock the sweep.")
    parser.add_argument(
        "--cases", type=int, default=1500, metavar="N", help="an operation (default %(default)s)"
    )
    parser.add_argument("--one-core", action="store_true", help="pin the sweep and the server to one core")
    chosen = parser.parse_args(words)
    if chosen.one_core:
        if not hasattr(os, "sched_setaffinity"):
            print("--one-core: this system cannot pin a process to a core", file=sys.stderr)
            return 64
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the server inherits it
    with Bench() as bench:
        world = bench.world()
        try:
            rows = clock(world, chosen.cases)
        finally:
            world.close()
    for row in rows:
        print(f"{row.operation:24} {row.rate:8,.0f} cases/s{f'  {row.wrong} wrong' if row.wrong else ''}")
    print(f"{'all but login':24} {total(rows):8,.0f} cases/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
