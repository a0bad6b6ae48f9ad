"""The rows of the table that a running load shows, from the counters and verdicts that its end uses too. Pure.

Locust's own statistics beside them are only about its own purposes: they know no objective, and nothing of what was due.
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
"""Of the table: key and title. Latency counts from the due time."""
PER_OPERATION = frozenset({"objective", "answers"})
"""Checks whose verdict stands in the row of its operation."""


def rows(
    spec: Spec, recorder: LoadRecorder, judged: Sequence[Verdict], *, final: bool = False
) -> list[dict[str, Any]]:
    """One row an operation that was asked for, in the order of the document; `judged` are the run's verdicts, so far or final."""
    told = "{}" if final else "{} (provisional)"
    grades = {
        verdict.subject: told.format(verdict.grade.name)
        for verdict in judged
        if verdict.check in PER_OPERATION
    }
    return [_row(one, tally, grades.get(one.id, "")) for one, tally in tallied(spec, recorder)]


def tallied(spec: Spec, recorder: LoadRecorder) -> list[tuple[Operation | TimedChannel, OperationTally]]:
    """What was asked for, operations of the document first, then what sockets do."""
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
