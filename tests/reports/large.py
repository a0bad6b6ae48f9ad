"""A run as large as a nightly one: a million requests and 20,000 checks, one in a hundred of them red."""

from __future__ import annotations

import random

from contracts.histogram import Histogram
from contracts.run import PackedHistogram, Run
from tests.reports.samples import (
    FINDINGS,
    LABELS,
    broken_check,
    check,
    coverage,
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
    windows = [window(rng, second) for second in range(3600)]
    return run(
        checks=checks,
        coverage=coverage(),
        loads=[whole.model_copy(update={"operations": operations, "windows": windows})],
        reconnects=reconnects(),
        findings=FINDINGS,
        parts=parts(),
    )


def _scaled(source: Histogram, factor: int) -> PackedHistogram:
    grown = Histogram()
    grown.merge(source)
    grown.counts = {index: count * factor for index, count in source.counts.items()}
    grown.total, grown.sum = source.total * factor, source.sum * factor
    return PackedHistogram.of(grown)
