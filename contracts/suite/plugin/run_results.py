"""The results of a run: check results, coverage, the run's file and the exit code.

They are kept in the controlling process. The file is replaced by rename, so that a reader never sees half of one.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.command.atomic_file import write
from contracts.command.exit_code import ExitCode
from contracts.dialect.document_needs import promises
from contracts.dialect.not_modelled import all_not_modelled
from contracts.harm import blocks, harm_of
from contracts.run import CheckResult, CoverageCell, NotApplicable, Run, VerdictRecord
from contracts.run.lanes import LaneRecord, chosen
from contracts.run.result import INTERRUPTED
from contracts.run.run_origin import environment, spec_record, stamp
from contracts.spec import Spec
from contracts.spec.channel import load as load_channel
from contracts.suite.judging.contract_coverage import ContractCoverage
from contracts.suite.judging.recorder import Counted, RecordedFinding
from contracts.suite.plugin.failure_report import NOT_APPLICABLE, row
from contracts.suite.plugin.offences import offence_of_finding
from contracts.suite.plugin.preflight import RunEnd
from contracts.suite.plugin.registry import CHECKS, Check
from contracts.suite.world.suite_settings import Settings
from contracts.verdict import Grade

PYTEST_CODES = {
    3: ExitCode.INTERNAL,
    4: ExitCode.USAGE,
    5: 5,
    64: ExitCode.USAGE,
    69: ExitCode.UNREACHABLE,
    70: ExitCode.INTERNAL,
}
"""pytest's exit code -> ours, where no check decides: internal error, usage error, nothing selected (pytest's own 5)."""
UNCOUNTED = "{} of the processes of this run ended without telling what they have reached, and what was wrong in answers to them"
EVERY = 5.0
"""Seconds between two writes of the file, so that even a killed run leaves one."""
PACKAGES = ("schemathesis", "hypothesis", "pytest", "jsonschema-rs", "jsonschema", "websockets")


@dataclass
class Results:
    """The results of one run. `whole` is False if the user selected some checks: then missing coverage is not a finding."""

    spec: Spec
    settings: Settings
    out: str | None
    command: Sequence[str]
    whole: bool = False
    results: dict[tuple[str, str], CheckResult] = field(default_factory=dict)
    expected: list[tuple[Check, str]] = field(default_factory=list)
    faults: dict[tuple[str, str, str], RecordedFinding] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    races: list[LaneRecord] = field(default_factory=list)
    ends: list[RunEnd] = field(default_factory=list)
    """Why the run ended before all its checks."""
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """The whole message of each failure."""
    foreign: int = 0
    """How many tests failed that are not checks."""
    unwritten: bool = False
    """Whether the run's file could not be written."""
    requests: int = 0
    waited: float = 0.0
    parallelism: str = ""
    """A sentence that says how many checks ran in parallel; empty for one at a time."""
    left_out: str = ""
    """Why some checks did not run; empty if the run was not cut short."""
    uncounted: int = 0
    """The number of processes that ended without their counts."""
    started: float = field(default_factory=time.time)
    _written: float = 0.0

    def __post_init__(self) -> None:
        self.coverage = ContractCoverage(self.spec)

    def expect(self, checks: list[tuple[Check, str]]) -> None:
        self.expected = checks

    def add(self, made: CheckResult) -> None:
        key = (made.id, made.operation)
        known = self.results.get(key)
        if known is not None:
            worse = made if Grade[made.grade] >= Grade[known.grade] else known
            both = {"seconds": known.seconds + made.seconds, "requests": known.requests + made.requests}
            made = worse.model_copy(update=both)
        self.results[key] = made
        if self.out and time.monotonic() - self._written > EVERY:
            self.write(interrupted=True)

    def add_race(self, race: LaneRecord) -> None:
        self.races = chosen([*self.races, race])

    def merge(self, counted: Counted) -> None:
        self.requests += counted.requests
        self.waited += counted.waited
        self.coverage.counts.update(counted.coverage)
        for fault in counted.faults:
            key = (fault.finding.check, fault.finding.operation, fault.finding.key)
            if key in self.faults:
                self.faults[key].count += fault.count
            else:
                self.faults[key] = fault
        able = self.facts.get("capabilities", {}) | counted.facts["capabilities"]
        self.facts |= {**counted.facts, "capabilities": able}

    def unreported(self) -> list[RecordedFinding]:
        """Wrong answers that no failed test has reported, because their own check was not selected or ran in another process."""
        failed = {
            key for key, made in self.results.items() if made.grade == "FAIL" or made.offence is not None
        }
        return [f for f in self.faults.values() if (f.finding.check, f.finding.operation) not in failed]

    def cells(self) -> list[CoverageCell]:
        able = self.facts.get("capabilities", {})
        described = promises(self.spec, "realtime channel")
        channel = load_channel() if able.get("realtime") and described else None
        return self.coverage.cells(
            channel=channel,
            clock=bool(able.get("control")),
            writes=bool(able.get("write")),
            forbidden=bool(able.get("viewer") and able.get("editor")),
        )

    def missed(self) -> list[CoverageCell]:
        """The required cells that were not reached; none where that is not known."""
        counted = self.whole and not self.uncounted
        return [cell for cell in self.cells() if cell.required and not cell.reached] if counted else []

    @property
    def not_counted(self) -> str:
        """What is not known because processes ended without their counts; empty if none did."""
        return UNCOUNTED.format(self.uncounted) if self.uncounted else ""

    def exit_code(self, from_pytest: int, *, interrupted: bool) -> int:
        """The exit code that the worst grade means; 70, 69 and 64 only if no check failed."""
        grades = {made.grade for made in self.checks(interrupted=interrupted)}
        if "FAIL" in grades:
            return ExitCode.FAIL
        if from_pytest in PYTEST_CODES:
            return PYTEST_CODES[from_pytest]
        if self.unwritten:
            return ExitCode.INTERNAL
        if self.ends:
            return self.ends[0].code
        if interrupted or "UNKNOWN" in grades or self.missed() or self.uncounted:
            return ExitCode.UNKNOWN
        return ExitCode.FAIL if self.foreign else from_pytest and ExitCode.UNKNOWN

    def checks(self, *, interrupted: bool) -> list[CheckResult]:
        """A row for every selected check, run or not, and one for each finding that no test has reported."""
        results = list(self.results.values())
        for check, subject in self.expected:
            if (check.id, subject) not in self.results:
                why = INTERRUPTED if interrupted else "the run ended before it, as was asked for"
                why = self.ends[0].reason if self.ends else self.left_out or why
                results.append(row(check, subject, "UNKNOWN", reason=why))
        for fault in self.unreported():
            finding = fault.finding
            check = CHECKS[finding.check]
            offence = offence_of_finding(finding)
            reason = f"{offence.text} ({fault.count} times)"
            results = [made for made in results if (made.id, made.operation) != (check.id, finding.operation)]
            counts = blocks(self.settings.level, check.source, harm_of(check.id, check.source))
            results.append(
                row(
                    check,
                    finding.operation,
                    "FAIL" if counts else "ADVISORY",
                    reason=reason,
                    expected=finding.expected,
                    got=finding.got,
                    curl=[fault.curl],
                    offence=offence,
                )
            )
        return results

    def run(self, *, interrupted: bool) -> Run:
        checks = self.checks(interrupted=interrupted)
        return Run(
            started=stamp(self.started),
            finished=stamp(),
            target=self.facts.get("base", self.settings.base),
            seed=self.settings.seed,
            command=" ".join(["pytest", *map(str, self.command)]) if not self.settings.host else "",
            spec=spec_record(self.spec),
            environment=environment(PACKAGES, server="" if self.settings.host else "embedded"),
            checks=[made for made in checks if not made.reason.startswith(NOT_APPLICABLE)],
            not_applicable=[
                NotApplicable(
                    id=made.id, operation=made.operation, reason=made.reason.removeprefix(NOT_APPLICABLE)
                )
                for made in checks
                if made.reason.startswith(NOT_APPLICABLE)
            ],
            verdicts=[
                *(VerdictRecord(check=end.check, grade=end.grade, reason=end.reason) for end in self.ends),
                *(
                    VerdictRecord(check="run.counts", grade="UNKNOWN", reason=why)
                    for why in [self.not_counted]
                    if why
                ),
                *map(VerdictRecord.of, all_not_modelled(self.spec)),
            ],
            coverage=self.cells() if self.whole and not self.uncounted else [],
            races=self.races,
        )

    def write(self, *, interrupted: bool) -> None:
        if not self.out:
            return
        self._written = time.monotonic()
        try:
            write(Path(self.out), self.run(interrupted=interrupted).model_dump_json(indent=1))
        except OSError as error:
            self.unwritten = True
            print(f"cannot write --run-out {self.out}: {error.strerror}", file=sys.stderr)
