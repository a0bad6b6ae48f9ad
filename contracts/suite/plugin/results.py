"""From single outcomes to the run: check results, what was reached, the message of a failure, the file.

Lives in the controlling process. Workers send plain JSON; everything here is values and one file written by rename.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal, NamedTuple

from contracts.run import CheckResult, CoverageCell, Environment, Run, SpecRecord
from contracts.run.lanes import LaneRecord, chosen
from contracts.spec import Spec
from contracts.spec.channel import load as load_channel
from contracts.suite.client.http_exchange import Exchange, curl_line
from contracts.suite.contract_violation import ContractViolation, Unreachable
from contracts.suite.judging.contract_coverage import ContractCoverage
from contracts.suite.judging.recorder import RecordedFinding, unpacked
from contracts.suite.plugin.registry import CHECKS, Check
from contracts.suite.world.suite_settings import Settings

LINES = 12
"""Curl lines of one failure."""
LINE = 200
"""Characters of a failure's one line."""
EVERY = 5.0
"""Seconds between two writings of the file, so that even a killed run leaves one."""
PACKAGES = ("schemathesis", "hypothesis", "pytest", "jsonschema-rs", "jsonschema", "websockets")

# Where thousands of requests are unrelated, those before the wrong one do not lead to it.
STATELESS, PROGRAMS = ("conformance", "fuzz"), ("stateful.model", "stateful.lost-answers")

Grade = Literal["PASS", "ADVISORY", "UNKNOWN", "FAIL"]


class FailureReport(NamedTuple):
    """A failure for the file, for the terminal, and in one line for summaries."""

    result: CheckResult
    text: str
    line: str


def result(item: Any, grade: Grade, **more: Any) -> CheckResult:
    check: Check = item.check
    return CheckResult(
        id=check.id, grade=grade, operation=item.subject, title=check.law, source=check.source, **more
    )


def passed(item: Any, world: Any, seconds: float) -> dict[str, Any]:
    requests = world.recorder.of_test if world else 0
    return result(item, "PASS", seconds=seconds, requests=requests).model_dump()


def unchecked(item: Any, reason: str) -> dict[str, Any]:
    return result(item, "ADVISORY", reason=f"not checked: {reason}").model_dump()


def failed(item: Any, error: BaseException, world: Any, seconds: float) -> FailureReport:
    """A ContractViolation is the target's fault; anything else is ours, and then nothing is known of the law."""
    check: Check = item.check
    replay = _replay(item, world)
    expected, got, exchanges, grade = _told(
        error, world, alone=check.family in STATELESS and check.id not in PROGRAMS
    )
    lines = [curl_line(e, world.recorder.secrets) for e in exchanges] if world else []
    hide = world.recorder.secrets.hide if world else str
    expected, got = hide(expected), hide(got)
    reason = f"expected {expected}; got {got}"
    text = [f"{check.id}{f' [{item.subject}]' if item.subject else ''}", f"  law       {check.law}"]
    text += [f"  source    {check.source}", f"  expected  {expected}", f"  got       {got}"]
    text += [f"  {'requests ' if not n else '         '} {line}" for n, line in enumerate(lines)]
    saved = world.races[-1].saved if world and world.races else ""
    text += [f"  history   {saved}"] if saved else []
    text += [f"  seed      {world.settings.seed if world else '-'}", f"  again     {replay}"]
    if grade == "UNKNOWN":
        text.append(_where(error))
    made = result(
        item,
        grade,
        reason=reason,
        expected=expected,
        got=got,
        curl=lines,
        replay=replay,
        seconds=seconds,
        requests=world.recorder.of_test if world else 0,
    )
    return FailureReport(made, "\n".join(text), _line(reason))


def _line(reason: str) -> str:
    """Summaries, JUnit's `message` and `--tb=line` have room for one line; the whole stands in the failure itself."""
    return shorten(reason, LINE, placeholder=" …")


def _told(error: BaseException, world: Any, *, alone: bool) -> tuple[str, str, Sequence[Exchange], Grade]:
    kept = world.recorder.kept if world else []
    if isinstance(error, ContractViolation) and alone and error.exchanges:
        return error.expected, error.got, error.exchanges[:LINES], "FAIL"
    if isinstance(error, ContractViolation):
        # What a check names explicitly, plus the writes that led there; else all of the test's.
        chosen = _shortest(kept, error.exchanges)
        return error.expected, error.got, chosen, "FAIL"
    if isinstance(error, Unreachable):
        return "the target answers", str(error), kept[-1:], "UNKNOWN"
    if (
        isinstance(error, KeyError | IndexError | TypeError | ValueError)
        and world
        and _broken_shape(world, kept)
    ):
        got = f"an answer that could not be read ({type(error).__name__}: {error})"
        return "answers of the documented shape", got, _shortest(kept, ()), "FAIL"
    return (
        "this check to run",
        f"{type(error).__name__}: {error} (a bug of the harness)",
        kept[-1:],
        "UNKNOWN",
    )


def _broken_shape(world: Any, kept: Sequence[Exchange]) -> bool:
    """Whether an answer of this test broke its shape, so that the check could not read it."""
    return any(world.recorder.judge.judge(exchange) for exchange in kept if exchange.answered)


def _shortest(kept: Sequence[Exchange], named: Sequence[Exchange]) -> list[Exchange]:
    chosen = list(named) or list(kept[-3:])
    last = max((e.sent for e in chosen), default=0)
    writes = [
        e
        for e in kept
        if e.request.method in ("POST", "PUT")
        and e.sent < last
        and e not in chosen
        and (200 <= e.status < 300 or not e.answered)
    ]
    together = sorted([*writes[-(LINES - 3) :], *chosen], key=lambda e: e.sent)
    return together[-LINES:]


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    places = []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "contracts" in name:
            places.append(f"{Path(name).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"  where     {' > '.join(places)}"


def _replay(item: Any, world: Any) -> str:
    parts = [f"pytest 'contracts/suite/checks/{Path(item.path).name}::{item.name}'"]
    if world:
        parts.append(f"--seed {world.settings.seed}")
        if world.settings.effort != 1:
            parts.append(f"--effort {world.settings.effort}")
        if not world.embedded:
            parts.append(f"--target {world.host}")
    return " ".join(parts)


@dataclass
class Results:
    """All that one run found. `whole` is False where the user selected a part: then nothing is gated."""

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
    requests: int = 0
    started: float = field(default_factory=time.time)
    _written: float = 0.0

    def __post_init__(self) -> None:
        self.coverage = ContractCoverage(self.spec)

    def expect(self, checks: list[tuple[Check, str]]) -> None:
        self.expected = checks

    def add(self, packed: dict[str, Any]) -> None:
        made = CheckResult.model_validate(packed)
        key = (made.id, made.operation)
        known = self.results.get(key)
        if known is None or _rank(made.grade) >= _rank(known.grade):
            self.results[key] = made
        if self.out and time.monotonic() - self._written > EVERY:
            self.write(interrupted=True)

    def add_race(self, packed: dict[str, Any]) -> None:
        self.races = chosen([*self.races, LaneRecord.model_validate(packed)])

    def merge(self, packed: dict[str, Any]) -> None:
        self.requests += packed["requests"]
        self.coverage.merge(packed["coverage"])
        for row in packed["faults"]:
            fault = unpacked(row)
            key = (fault.finding.check, fault.finding.operation, fault.finding.key)
            if key in self.faults:
                self.faults[key].count += fault.count
            else:
                self.faults[key] = fault
        self.facts |= packed["facts"]

    def unreported(self) -> list[RecordedFinding]:
        """Wrong answers that no failed test has told of: their own test was not selected, or ran elsewhere."""
        told = {key for key, made in self.results.items() if made.grade == "FAIL"}
        return [f for f in self.faults.values() if (f.finding.check, f.finding.operation) not in told]

    def cells(self) -> list[CoverageCell]:
        able = self.facts.get("capabilities", {})
        channel = load_channel() if able.get("realtime") else None
        return self.coverage.cells(
            channel=channel,
            clock=bool(able.get("control")),
            writes=bool(able.get("write")),
            forbidden=bool(able.get("viewer") and able.get("editor")),
        )

    def missed(self) -> list[CoverageCell]:
        return [cell for cell in self.cells() if cell.required and not cell.reached] if self.whole else []

    def exit_code(self, from_pytest: int) -> int:
        failures = [made for made in self.results.values() if made.grade == "FAIL"]
        if failures or self.unreported():
            return 1
        if from_pytest and not [made for made in self.results.values() if made.grade == "UNKNOWN"]:
            return from_pytest
        unknown = any(made.grade == "UNKNOWN" for made in self.results.values())
        return 2 if unknown or self.missed() else 0

    def checks(self, *, interrupted: bool) -> list[CheckResult]:
        """Every check that was asked for, run or not, and the findings that no test has told of."""
        found = list(self.results.values())
        for check, subject in self.expected:
            if (check.id, subject) not in self.results:
                why = "the run was interrupted before it" if interrupted else "it did not run"
                found.append(_blank(check, subject, "UNKNOWN", why))
        for fault in self.unreported():
            finding = fault.finding
            check = CHECKS[finding.check]
            reason = f"expected {finding.expected}; got {finding.got} ({fault.count} times)"
            found = [made for made in found if (made.id, made.operation) != (check.id, finding.operation)]
            found.append(
                _blank(check, finding.operation, "FAIL", reason).model_copy(
                    update={"expected": finding.expected, "got": finding.got, "curl": [fault.curl]}
                )
            )
        return found

    def run(self, *, interrupted: bool) -> Run:
        return Run(
            started=_stamp(self.started),
            finished=_stamp(time.time()),
            target=self.facts.get("base", self.settings.base),
            seed=self.settings.seed,
            command=" ".join(["pytest", *map(str, self.command)]) if not self.settings.host else "",
            spec=SpecRecord(
                title=self.spec.title,
                version=self.spec.version,
                digest=self.spec.digest,
                operations=len(self.spec),
                labels={operation.id: operation.label for operation in self.spec},
            ),
            environment=Environment(
                python=platform.python_version(),
                platform=platform.platform(),
                cores=os.cpu_count() or 0,
                versions={name: _version(name) for name in PACKAGES},
                server="embedded" if not self.settings.host else "",
            ),
            checks=self.checks(interrupted=interrupted),
            coverage=self.cells() if self.whole else [],
            races=self.races,
        )

    def write(self, *, interrupted: bool) -> None:
        """To a temporary name beside the file, then renamed: a reader sees all of it or none."""
        if not self.out:
            return
        self._written = time.monotonic()
        path = Path(self.out)
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(self.run(interrupted=interrupted).model_dump_json(indent=1))
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            print(f"cannot write --run-out {path}: {error.strerror}", file=sys.stderr)

    def summary(self) -> list[str]:
        """A few lines under pytest's own: what was reached, what was missed, what nobody has told of."""
        lines = []
        for fault in self.unreported():
            finding = fault.finding
            lines += [
                f"{finding.check} {finding.operation}: expected {finding.expected}; got {finding.got} ({fault.count}x)",
                f"  {fault.curl}",
            ]
        cells = self.cells()
        kinds = dict.fromkeys(cell.kind for cell in cells)
        told = []
        for kind in kinds:
            of_kind = [cell for cell in cells if cell.kind == kind and cell.required]
            reached = sum(1 for cell in of_kind if cell.reached)
            told.append(f"{kind} {reached}/{len(of_kind)}")
        lines.append(f"contract coverage ({self.requests:,} requests): {', '.join(told)}")
        missed = self.missed()
        if missed:
            lines.append(f"UNKNOWN: {len(missed)} required cells were never reached:")
            lines += [f"  {cell.operation} {cell.kind} {cell.name}" for cell in missed[:40]]
        if not self.whole:
            lines.append("(a selection of checks: coverage is shown and not gated)")
        return lines


def _blank(check: Check, subject: str, grade: Grade, reason: str) -> CheckResult:
    return CheckResult(
        id=check.id, grade=grade, operation=subject, title=check.law, source=check.source, reason=reason
    )


def _rank(grade: str) -> int:
    return ("PASS", "ADVISORY", "UNKNOWN", "FAIL").index(grade)


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
