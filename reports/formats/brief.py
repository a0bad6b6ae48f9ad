"""The decision in short, as `verdict.json` holds it: for scripts, for the history page, for whoever will not open a report.

`schemas/verdict.schema.json` is its published form. A field may be added; none changes its meaning or goes away
without another `format`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from reports.summary.tables import LoadTable, OperationRow, Report

Grade = Literal["PASS", "ADVISORY", "UNKNOWN", "FAIL"]


class _BriefValue(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class BriefReason(_BriefValue):
    """One root cause, worst first; `count` says how many verdicts are alike."""

    grade: Grade
    effect: Literal["block", "warn", "ignore"]
    check: str
    operations: list[str]
    reason: str
    count: int


class BriefOperation(_BriefValue):
    """One operation under one load scenario; times in ms, None where nothing was measured."""

    scenario: str
    operation: str
    requests: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None
    over_share: float | None
    """Share of the answers that were slower than the objective's limit, 0..1."""
    verdict: Grade | None


class Brief(_BriefValue):
    """The decision in short. `passed` counts the verdicts that passed."""

    format: Literal[1] = 1
    verdict: str = Field(description="PASS, FAIL or UNKNOWN")
    exit_code: int
    started: str
    target: str
    seed: int
    passed: int
    reasons: list[BriefReason]
    operations: list[BriefOperation]


def brief(report: Report) -> Brief:
    decision = report.decision
    return Brief(
        verdict=decision.word,
        exit_code=int(decision.exit_code),
        started=report.run.started,
        target=report.run.target,
        seed=report.run.seed,
        passed=decision.passed,
        reasons=[
            BriefReason(
                grade=reason.grade.name,  # type: ignore[arg-type]  # the names of Grade are the literal
                effect=reason.effect.value,
                check=reason.check,
                operations=[subject for subject in reason.subjects if subject],
                reason=reason.text,
                count=reason.count,
            )
            for reason in report.reasons
        ],
        operations=[_operation(table, row) for table in report.tables for row in table.rows],
    )


def _operation(table: LoadTable, row: OperationRow) -> BriefOperation:
    return BriefOperation(
        scenario=table.load.scenario if table.load else "",
        operation=row.operation,
        requests=row.requests,
        errors=row.errors,
        p50=row.quantile_ms(0.5),
        p95=row.quantile_ms(0.95),
        p99=row.quantile_ms(0.99),
        max=row.max_ms,
        over_share=row.over_share,
        verdict=row.grade.name if row.grade is not None else None,  # type: ignore[arg-type]
    )
