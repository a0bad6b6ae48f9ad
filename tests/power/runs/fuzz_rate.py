"""`python -m tests.power.runs.fuzz_rate`: how many cases a second the sweep sends and judges (fuzz.requests), operation by operation.

The server is a process of its own; `--one-core` pins both to the same core. Beside the clock, which other processes slow down,
stands the rate for each second of processor time that the sweep and the server took together. Logins are told and not
counted: each right one costs a password hash by intention.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil

from contracts.suite.api.api import Api
from contracts.suite.checks.test_fuzz import Sweep
from tests.power.named_checks import CHECKS
from tests.power.runs.fault_bench import Borrowed, FaultBench

CHECK = "fuzz.requests"
UNCOUNTED = "login"


class Clocked(NamedTuple):
    operation: str
    cases: int
    seconds: float
    processor: float
    wrong: int


def clock(world: Borrowed, cases: int, server: int) -> list[Clocked]:
    """One row an operation. `server` is the id of the guard of its process."""
    found = []
    check = CHECKS[CHECK]
    assert check.over is not None
    for operation in check.over:
        sweep = Sweep(Api(world, f"{CHECK}[{operation}]"), world.target.spec[operation])
        count = max(1, cases // 6) if operation == UNCOUNTED else cases
        world.target.recorder.start()
        began, before = time.perf_counter(), _processor(server)
        sweep.run(count)
        took = time.perf_counter() - began
        found.append(Clocked(operation, count, took, _processor(server) - before, len(sweep.wrong)))
    return found


def total(rows: Sequence[Clocked]) -> Clocked:
    counted = [row for row in rows if row.operation != UNCOUNTED]
    _, cases, seconds, processor, wrong = zip(*counted, strict=True)
    return Clocked(f"all but {UNCOUNTED}", sum(cases), sum(seconds), sum(processor), sum(wrong))


def _processor(other: int) -> float:
    """Seconds that this process, and the child of the other, have computed."""
    (server,) = psutil.Process(other).children()
    spent = server.cpu_times()
    return time.process_time() + spent.user + spent.system


def told(row: Clocked) -> str:
    rate, processor = row.cases / row.seconds, row.cases / row.processor if row.processor else math.nan
    wrong = f"  {row.wrong} wrong" if row.wrong else ""
    return f"{row.operation:24} {rate:8,.0f} cases/s {processor:8,.0f} for each processor second{wrong}"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.power.runs.fuzz_rate", description="Clock the sweep."
    )
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
    with FaultBench() as bench:
        world = bench.world()
        try:
            rows = clock(world, chosen.cases, bench.server.pid)
        finally:
            world.close()
    print("\n".join(told(row) for row in (*rows, total(rows))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
