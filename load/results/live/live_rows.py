"""The rows of the live table, from the same counters and verdicts as the final result.

Locust's own statistics know neither objectives nor due times, so they cannot replace this table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.spec import Operation, Spec
from contracts.verdict import Verdict
from load.engine.recorder import LoadRecorder, OperationTally
from load.realtime.channel import CHANNELS, Timed, TimedChannel

COLUMNS: Mapping[str, str] = {
    "operation": "Operation",
    "requests": "Requests",
    "errors": "Errors",
    "p50": "p50 (ms)",
    "p99": "p99 (ms)",
    "over": "Over the objective",
    "objective": "Objective",
    "budget": "Error budget left",
    "verdict": "Verdict",
}
"""The table's columns: key -> title. Latency counts from the due time."""
PER_OPERATION = frozenset({"objective", "answers"})
"""Checks whose verdict is shown in the row of its operation."""


def rows(
    spec: Spec, recorder: LoadRecorder, judged: Sequence[Verdict], *, final: bool = False
) -> list[dict[str, Any]]:
    """One row for each requested operation, in document order; `judged` are the verdicts so far, or the final ones."""
    suffix = "" if final else " (provisional)"
    grades = {one.subject: one.grade.name + suffix for one in judged if one.check in PER_OPERATION}
    return [_row(one, tally, grades.get(one.id, "")) for one, tally in tallied(spec, recorder)]


def tallied(spec: Spec, recorder: LoadRecorder) -> list[tuple[Operation | TimedChannel, OperationTally]]:
    """The requested operations with their counts: those of the document first, then those of the channel."""
    known: list[Operation | TimedChannel] = [*spec.endpoints, *CHANNELS]
    return [(one, recorder.tallies[one.id]) for one in known if one.id in recorder.tallies]


def _row(operation: Operation | TimedChannel, tally: OperationTally, grade: str) -> dict[str, Any]:
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
        "verdict": grade,
    }


def budget(operation: Timed, tally: OperationTally) -> float:
    """The remaining share of the error budget, of slow answers or of failed requests, whichever is less; negative if
    exceeded."""
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
