"""Contestants in turn (A B C A B C …), so that a machine whose speed drifts is fair to all of them.

A round is some passes of a second for each contestant; a contestant's rates are one for each round. A ratio is taken within
the rounds, and the median of those is told, not the ratio of two medians.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.bench.programs.wrk import Report
from tests.bench.result import Limit, Row
from tests.bench.setting import Setting

GOOD = 0.99
"""The share of requests that must succeed for a rate to be one of the operation and not of its refusal."""

Slice = Callable[[], Report]


def contest(
    setting: Setting, title: str, contestants: Mapping[str, Slice], *, passes: int = 4
) -> dict[str, list[Report]]:
    """Name -> one report a round. One pass before the first round is thrown away: it warms caches and compilers."""
    passes = 1 if setting.quick else passes
    steps = (1 + setting.rounds * passes) * len(contestants)
    rounds: dict[str, list[Report]] = {name: [Report()] * setting.rounds for name in contestants}
    done = 0
    for turn in range(1 + setting.rounds * passes):
        for name, run in contestants.items():
            setting.say(f"{title}: {name} ({done} of {steps})")
            report = run()
            done += 1
            if turn:
                place = (turn - 1) // passes
                rounds[name][place] += report
    return rounds


def row(
    what: str, reports: Sequence[Report], against: Sequence[Report] = (), limit: Limit | None = None
) -> Row:
    """The median rate, and its ratio to `against` round by round. Failures are no throughput: they are told instead."""
    whole = sum(reports, Report())
    if whole.success < GOOD:
        told = f"only {whole.success:.1%} of {whole.requests} requests succeeded"
        return Row(what, None, "requests/s", limit=limit, note=told)
    rates = [report.rate for report in reports]
    ratio = None
    if against and all(report.rate for report in against):
        ratio = statistics.median(mine / other.rate for mine, other in zip(rates, against, strict=True))
    tail = statistics.median(report.p99 for report in reports) * 1000
    spread = (min(rates), max(rates)) if len(rates) > 1 else None
    note = f"p99 {tail:.3g} ms"
    if whole.processor:
        note += f", {whole.processor / whole.requests * 1e6:.3g} us of processor time each"
    return Row(what, statistics.median(rates), "requests/s", ratio, limit, spread, note)
