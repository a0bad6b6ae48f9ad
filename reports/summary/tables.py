"""The tables of a report: a row for each operation, the coverage grid, the checks by family.

They are values; renderers decide how they look. Times are in milliseconds, shares from 0 to 1, and None means that nothing was
measured.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from contracts.run import CheckResult, LoadResult, OperationLoad, Run
from contracts.run.histogram import Histogram
from contracts.verdict import Grade
from reports.decision.decide import ReleaseDecision, decide
from reports.decision.policy import ReleasePolicy
from reports.decision.reasons import Reason, reasons
from reports.summary.document_lines import DocumentLines
from reports.summary.evidence import numbers
from reports.summary.not_checked import NotChecked, not_checked
from reports.text.times import day

THRESHOLD_MS = 200.0  # the guide's constitutional budget (S:1660), where a run does not say its own


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBudget:
    """The error budget of an objective, and the share of it that the run used: `used` 1.0 is all of it."""

    threshold_ms: float
    share: float
    over: int
    answered: int

    @property
    def allowed(self) -> float:
        return self.answered * (1 - self.share)

    @property
    def used(self) -> float | None:
        return self.over / self.allowed if self.allowed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    """The row of an operation: the load's measurements of it, and its worst verdict."""

    operation: str
    label: str
    load: OperationLoad | None
    latency: Histogram
    service: Histogram
    grade: Grade | None
    """None: nothing was said about it."""
    budget: ErrorBudget | None

    @property
    def requests(self) -> int:
        return self.load.answered + self.load.errors if self.load else 0

    @property
    def errors(self) -> int:
        return self.load.errors if self.load else 0

    @property
    def over_share(self) -> float | None:
        return self.load.over / self.load.answered if self.load and self.load.answered else None

    @property
    def threshold_ms(self) -> float:
        return self.budget.threshold_ms if self.budget else THRESHOLD_MS

    def quantile_ms(self, q: float) -> float | None:
        value = self.latency.quantile(q)
        return None if value is None else value / 1e6

    @property
    def max_ms(self) -> float | None:
        return None if self.latency.maximum is None else self.latency.maximum / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTable:
    load: LoadResult | None
    rows: tuple[OperationRow, ...]

    @property
    def threshold_ms(self) -> float:
        """The commonest threshold of the rows in ms, which a column head can name."""
        return (
            Counter(row.threshold_ms for row in self.rows).most_common(1)[0][0] if self.rows else THRESHOLD_MS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFamily:
    """A family of checks: their ids are alike before the first dot."""

    name: str
    checks: tuple[CheckResult, ...]

    def count(self, grade: Grade) -> int:
        return sum(check.grade == grade.name for check in self.checks)

    @property
    def red(self) -> tuple[CheckResult, ...]:
        """The checks that are not PASS, worst first."""
        found = [check for check in self.checks if check.grade != "PASS"]
        return tuple(sorted(found, key=lambda check: -Grade[check.grade]))

    @property
    def broken(self) -> tuple[tuple[CheckResult, ...], ...]:
        """The checks that are not PASS, with results of several cases joined if they say the same about the same law."""
        groups: dict[tuple[str, str, str], list[CheckResult]] = {}
        for check in self.red:
            groups.setdefault((check.grade, check.id, check.reason), []).append(check)
        return tuple(tuple(group) for group in groups.values())

    @property
    def kept(self) -> tuple[tuple[str, str, int], ...]:
        """The laws that nothing broke, each once as (id, title, number of results)."""
        broken = {check.id for check in self.red}
        titles: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for check in self.checks:
            if check.id not in broken:
                titles.setdefault(check.id, check.title)
                counts[check.id] += 1
        return tuple((name, titles[name], count) for name, count in counts.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedCell:
    """How often a status of an operation was reached; `required` is False where no client can provoke it."""

    reached: int
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGrid:
    names: tuple[str, ...]
    operations: tuple[str, ...]
    cells: Mapping[tuple[str, str], ReachedCell]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The input of all renderers. `made` is the time of rendering, `version` that of the harness."""

    run: Run
    decision: ReleaseDecision
    made: str
    version: str
    lines: DocumentLines = field(default_factory=DocumentLines)
    """Where openapi.yaml says what; empty if the run was made with another one than is here."""

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        return reasons(self.run, self.decision)

    @cached_property
    def not_checked(self) -> NotChecked:
        return not_checked(self.run)

    @cached_property
    def tables(self) -> tuple[LoadTable, ...]:
        """The tables of operations, one for each load result; without a load result one that names every operation."""
        loads: tuple[LoadResult | None, ...] = tuple(self.run.loads) or (None,)
        grades = self._grades()
        return tuple(LoadTable(load=load, rows=_rows(self.run, load, grades)) for load in loads)

    @cached_property
    def families(self) -> tuple[CheckFamily, ...]:
        found: dict[str, list[CheckResult]] = {}
        for check in self.run.checks:
            found.setdefault(check.id.partition(".")[0], []).append(check)
        return tuple(CheckFamily(name=name, checks=tuple(checks)) for name, checks in found.items())

    def grid(self, kind: str) -> CoverageGrid:
        cells = [cell for cell in self.run.coverage if cell.kind == kind]
        return CoverageGrid(
            names=tuple(sorted({cell.name for cell in cells})),
            operations=_known(self.run, {cell.operation for cell in cells}),
            cells={
                (cell.operation, cell.name): ReachedCell(reached=cell.reached, required=cell.required)
                for cell in cells
            },
        )

    def missed(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The (operation, name) pairs that had to be reached and were not."""
        return tuple(key for key, cell in self.grid(kind).cells.items() if cell.required and not cell.reached)

    @property
    def coverage_kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.kind for cell in self.run.coverage))

    def _grades(self) -> dict[str, Grade]:
        worst: dict[str, Grade] = {}
        verdicts = self.run.all_verdicts()
        # While a part that looks at operations is missing, none of them has passed.
        lost = {verdict.check for verdict in verdicts if verdict.grade is Grade.UNKNOWN}
        least = Grade.UNKNOWN if lost & {"part.contracts", "part.load"} else Grade.PASS
        for verdict in verdicts:
            worst[verdict.subject] = max(worst.get(verdict.subject, least), verdict.grade)
        for judged in self.decision.judged:
            subject = judged.verdict.subject
            worst[subject] = max(worst.get(subject, Grade.PASS), judged.verdict.grade)
        return worst


def report(
    run: Run,
    policy: ReleasePolicy,
    *,
    made: str,
    version: str,
    lines: DocumentLines | None = None,
) -> Report:
    """Judge a run as of the day in `made` (RFC 3339)."""
    decision = decide(run, policy, day(made))
    return Report(run=run, decision=decision, made=made, version=version, lines=lines or DocumentLines())


def _rows(run: Run, load: LoadResult | None, grades: Mapping[str, Grade]) -> tuple[OperationRow, ...]:
    measured = {entry.operation: entry for entry in load.operations} if load else {}
    budgets = _budgets(load)
    labels = run.spec.labels if run.spec else {}
    return tuple(
        OperationRow(
            operation=operation,
            label=labels.get(operation, ""),
            load=measured.get(operation),
            latency=measured[operation].latency.unpack() if operation in measured else Histogram(),
            service=measured[operation].service.unpack() if operation in measured else Histogram(),
            grade=grades.get(operation),
            budget=budgets.get(operation),
        )
        for operation in _known(run, measured)
    )


def _known(run: Run, found: Iterable[str]) -> tuple[str, ...]:
    """The document's operations in its order, then those that only the run names."""
    labels = tuple(run.spec.labels) if run.spec else ()
    return (*labels, *sorted(set(found) - set(labels)))


def _budgets(load: LoadResult | None) -> dict[str, ErrorBudget]:
    found: dict[str, ErrorBudget] = {}
    for record in load.verdicts if load else ():
        values = numbers(record.evidence, "thresholdMs", "share", "over", "answered")
        if values is not None:
            found[record.subject] = ErrorBudget(
                threshold_ms=values["thresholdMs"],
                share=values["share"],
                over=int(values["over"]),
                answered=int(values["answered"]),
            )
    return found


def merged(rows: Iterable[OperationRow], *, corrected: bool) -> Histogram:
    """One histogram of all operations: latency from the due time, or from the send."""
    whole = Histogram()
    for row in rows:
        whole.merge(row.latency if corrected else row.service)
    return whole
