"""The short form of the decision (`verdict.json`), for scripts and for the history page.

`schemas/verdict.schema.json` is its schema. Fields may be added; to remove one or change its meaning needs another `format`.
"""

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
    harm: str
    """What it does to whom (contracts.harm), worst first; empty where no check is behind it."""


class BriefOperation(_BriefValue):
    """One operation under one load scenario, and its worst verdict of all parts; times in ms, None where nothing was measured."""

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


class BriefNotChecked(_BriefValue):
    """What the run did not check: `count` of `of` checks were not run; `not_applicable` checks are about what the document does not promise."""

    count: int
    of: int
    not_applicable: int
    reasons: dict[str, int]
    """Reason -> how many checks."""
    sentence: str
    """The same for people; empty where nothing is missing."""


class Brief(_BriefValue):
    """The decision in short. `passed` counts the verdicts that passed."""

    format: Literal[1] = 1
    verdict: str = Field(description="PASS, FAIL or UNKNOWN")
    exit_code: int
    started: str
    target: str
    seed: int
    passed: int
    not_checked: BriefNotChecked
    reasons: list[BriefReason]
    operations: list[BriefOperation]


def brief(report: Report) -> Brief:
    decision, missing = report.decision, report.not_checked
    return Brief(
        verdict=decision.word,
        exit_code=int(decision.exit_code),
        started=report.run.started,
        target=report.run.target,
        seed=report.run.seed,
        passed=decision.passed,
        not_checked=BriefNotChecked(
            count=missing.count,
            of=missing.of,
            not_applicable=missing.not_applicable,
            reasons=dict(missing.reasons),
            sentence=missing.sentence,
        ),
        reasons=[
            BriefReason(
                grade=reason.grade.name,  # type: ignore[arg-type]  # the names of Grade are the literal
                effect=reason.effect.value,
                check=reason.check,
                operations=[subject for subject in reason.subjects if subject],
                reason=reason.text,
                count=reason.count,
                harm=reason.harm.value if reason.harm else "",
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
