"""A run while it runs: the rows of a table for people and a text for Prometheus, both from the counters that the verdicts use.

Locust's own statistics beside them are only about its own purposes: they know no objective, and nothing of what was due. Pure.

    >>> from contracts.spec import load
    >>> print(exposition(load(), LoadRecorder({})).splitlines()[0])
    # HELP tchat_requests_total Requests that ended, by status; error:<kind> where no answer came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.spec import Operation, Spec
from contracts.verdict import Verdict
from load.engine.recorder import LoadRecorder, OperationTally

COLUMNS: Mapping[str, str] = {
    "operation": "Operation",
    "requests": "Requests",
    "errors": "Errors",
    "p50": "p50 (ms)",
    "p99": "p99 (ms)",
    "over": "Over the objective",
    "objective": "Objective",
    "budget": "Error budget left",
    "verdict": "Verdict so far",
}
"""Of the table: key and title. Latency counts from the due time."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds. The one at an operation's threshold is exact, the others are to 0.1 %."""


def rows(spec: Spec, recorder: LoadRecorder, judged: Sequence[Verdict]) -> list[dict[str, Any]]:
    """One row an operation that was asked for, in the order of the document; `judged` are the run's verdicts so far."""
    grades = {verdict.subject: verdict.grade.name for verdict in judged}
    return [
        _row(op, recorder.tallies[op.id], grades.get(op.id, "")) for op in spec if op.id in recorder.tallies
    ]


def _row(operation: Operation, tally: OperationTally, grade: str) -> dict[str, Any]:
    objective = operation.objective
    return {
        "operation": operation.label,
        "requests": tally.answered + tally.errors,
        "errors": tally.errors,
        "p50": _ms(tally.latency.quantile(0.5)),
        "p99": _ms(tally.latency.quantile(0.99)),
        "over": f"{tally.over} ({tally.over / tally.answered:.2%})" if tally.answered else "0",
        "objective": f"{objective.share:.4g} within {objective.threshold_ms:g} ms",
        "budget": f"{budget(operation, tally):.0%}",
        "verdict": f"{grade} (provisional)" if grade else "",
    }


def budget(operation: Operation, tally: OperationTally) -> float:
    """The share that is left of the violations that the objective allows: of slow answers or of failed requests, whichever
    has less left; below 0 where it is overdrawn."""
    return min(
        _left(tally.over, (1 - operation.objective.share) * tally.answered),
        _left(tally.errors, operation.objective.error_share * (tally.answered + tally.errors)),
    )


def _left(spent: int, allowed: float) -> float:
    if not allowed:
        return 0.0 if spent else 1.0
    return 1 - spent / allowed


def _ms(nanoseconds: float | None) -> str:
    return "" if nanoseconds is None else f"{nanoseconds / 1e6:.1f}"


def exposition(spec: Spec, recorder: LoadRecorder) -> str:
    """Prometheus text format 0.0.4."""
    return "".join(f"{line}\n" for line in _lines(spec, recorder))


def _lines(spec: Spec, recorder: LoadRecorder) -> Iterator[str]:
    known = [(op, recorder.tallies[op.id]) for op in spec if op.id in recorder.tallies]
    yield from _head(
        "requests_total", "counter", "Requests that ended, by status; error:<kind> where no answer came."
    )
    for op, tally in known:
        for status, count in sorted(tally.statuses.items()):
            yield f'tchat_requests_total{{operation="{op.id}",status="{status}"}} {count}'
    yield from _head("over_objective_total", "counter", "Answers that took longer than the objective allows.")
    yield from (f'tchat_over_objective_total{{operation="{op.id}"}} {tally.over}' for op, tally in known)
    yield from _head("errors_total", "counter", "Wrong answers and lost ones.")
    yield from (f'tchat_errors_total{{operation="{op.id}"}} {tally.errors}' for op, tally in known)
    yield from _head("error_budget_left", "gauge", "Share of the allowed violations that is left.")
    yield from (
        f'tchat_error_budget_left{{operation="{op.id}"}} {budget(op, tally):.6g}' for op, tally in known
    )
    yield from _head("latency_seconds", "histogram", "From the due time to the last byte, answered requests.")
    for op, tally in known:
        yield from _histogram(op, tally)
    for name, value in (
        ("planned", recorder.planned),
        ("sent", recorder.requests),
        ("late", recorder.late),
        ("dropped", recorder.dropped.total()),
    ):
        yield from _head(f"generator_{name}_total", "counter", f"Arrivals {name} by the load generator.")
        yield f"tchat_generator_{name}_total {value}"
    lag = recorder.lag.quantile(0.99)
    if lag is not None:
        yield from _head(
            "generator_loop_lag_p99_seconds", "gauge", "How late the generator's event loop was."
        )
        yield f"tchat_generator_loop_lag_p99_seconds {lag / 1e9:.6f}"


def _head(name: str, kind: str, told: str) -> Iterator[str]:
    yield f"# HELP tchat_{name} {told}"
    yield f"# TYPE tchat_{name} {kind}"


def _histogram(operation: Operation, tally: OperationTally) -> Iterator[str]:
    name, label = "tchat_latency_seconds", f'operation="{operation.id}"'
    bounds = sorted({*BUCKETS, tally.threshold / 1e9})
    for bound, below in zip(bounds, tally.latency.below(bound * 1e9 for bound in bounds), strict=True):
        exact = tally.answered - tally.over if bound * 1e9 == tally.threshold else below
        yield f'{name}_bucket{{{label},le="{bound:g}"}} {exact}'
    yield f'{name}_bucket{{{label},le="+Inf"}} {tally.answered}'
    yield f"{name}_sum{{{label}}} {tally.latency.sum / 1e9:.6f}"
    yield f"{name}_count{{{label}}} {tally.answered}"
