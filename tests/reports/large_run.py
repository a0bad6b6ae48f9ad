"""A run as large as a nightly one: a million requests and 20,000 checks, one in a hundred of them red."""

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from contracts.run import PackedHistogram, Run
from contracts.run.histogram import Histogram
from contracts.run.lanes import RECORDS
from tests.reports.sample_histories import long_race
from tests.reports.sample_runs import (
    FINDINGS,
    LABELS,
    broken_check,
    check,
    coverage,
    heats,
    histogram,
    load,
    parts,
    reconnects,
    run,
    window,
)

ANSWERED = 2_000
"""Drawn for each operation, and then counted several times over."""


def run_of(requests: int = 1_000_000, cases: int = 20_000) -> Run:
    rng = random.Random(3)
    whole = load(slow="syncContent")
    scale = -(-requests // (ANSWERED * len(whole.operations)))
    operations = [
        entry.model_copy(
            update={
                "latency": _scaled(histogram(rng, ANSWERED, 3, 0.9), scale),
                "service": _scaled(histogram(rng, ANSWERED, 3, 0.8), scale),
                "answered": ANSWERED * scale,
            }
        )
        for entry in whole.operations
    ]
    names = list(LABELS)
    checks = [
        (check if number % 100 else broken_check)(f"fuzz.case-{number}", names[number % 17], "A law.", "S:1")
        for number in range(cases)
    ]
    measured = {
        "operations": operations,
        "windows": [window(rng, second) for second in range(3600)],
        "heat": heats(rng, 600, "syncContent"),
        "heat_seconds": 16,
    }
    return run(
        checks=checks,
        coverage=coverage(),
        loads=[whole.model_copy(update=measured)],
        reconnects=reconnects(),
        findings=FINDINGS,
        parts=parts(),
        races=[long_race(f"races.number-{number}", 400) for number in range(RECORDS)],
    )


def _scaled(source: Histogram, factor: int) -> PackedHistogram:
    grown = Histogram()
    grown.merge(source)
    grown.counts = {index: count * factor for index, count in source.counts.items()}
    grown.total, grown.sum = source.total * factor, source.sum * factor
    return PackedHistogram.of(grown)


@dataclass(frozen=True, slots=True)
class Rendered:
    said: str
    files: set[str]
    seconds: float
    mebibytes: float
    """At the most, resident."""


# What wait4 tells of a child's memory begins with what its parent had when it started it.
PEAK = "print(re.search(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text())[1])"
PROGRAM = f"import pathlib, re, sys; from reports.cli import main; code = main(); {PEAK}; sys.exit(code)"


def rendered(folder: Path) -> Rendered:
    """The run, in all formats, by a process of its own."""
    whole, out = folder / "run.json", folder / "out"
    whole.write_text(run_of().model_dump_json())
    command = [sys.executable, "-c", PROGRAM, "render", str(whole), "--out", str(out)]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    peak = int(done.stdout.split()[-1]) / 1024
    return Rendered(done.stderr, {file.name for file in out.iterdir()}, seconds, peak)
