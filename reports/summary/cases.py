"""The test cases of a report: contract checks, objectives, and verdicts on the run itself.

JUnit and CTRF share them, so that they cannot differ. The state follows the policy: a blocking verdict has failed, a warning or an
accepted failure is skipped with its reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from contracts.run import CheckResult
from contracts.verdict import Grade, Verdict
from reports.decision.decide import JudgedVerdict
from reports.decision.policy import PolicyEffect
from reports.decision.verdict_facts import VerdictKey, by_key, key
from reports.summary.tables import Report


class CaseState(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It blocks, and nobody knows whether it would fail."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    classname: str
    name: str
    seconds: float
    verdict: Verdict
    story: str
    state: CaseState
    message: str
    """Why it is not passed; empty if it is."""


Suite = tuple[str, list[Case]]


def suites(report: Report) -> list[Suite]:
    judged = {key(entry.verdict): entry for entry in report.decision.judged}
    return [
        ("contracts", [_check(check, judged) for check in report.run.checks]),
        ("objectives", [_verdict(verdict, judged) for verdict in _of_loads(report)]),
        ("run", [_verdict(verdict, judged) for verdict in _of_the_run(report)]),
    ]


def _of_loads(report: Report) -> Iterable[Verdict]:
    return [record.verdict() for load in report.run.loads for record in load.verdicts]


def _of_the_run(report: Report) -> Iterable[Verdict]:
    """The cases of verdicts that come neither from a check nor from a load run, by the decision."""
    run = report.run
    known = {key(verdict) for verdict in _of_loads(report)}
    known |= by_key(run.checks).keys()
    passed = [record.verdict() for record in run.verdicts if record.grade == "PASS"]
    passed += [r.verdict() for result in run.reconnects for r in result.verdicts if r.grade == "PASS"]
    rest = [entry.verdict for entry in report.decision.judged if key(entry.verdict) not in known]
    return rest + passed


def _check(check: CheckResult, judged: Mapping[VerdictKey, JudgedVerdict]) -> Case:
    parts = [
        check.title,
        f"expected: {check.expected}" if check.expected else "",
        f"got: {check.got}" if check.got else "",
        f"source: {check.source}" if check.source else "",
        *check.curl,
        f"again: {check.replay}" if check.replay else "",
    ]
    verdict = Verdict(check=check.id, grade=Grade[check.grade], subject=check.operation, reason=check.reason)
    case = _case(verdict, judged, story="\n".join(part for part in parts if part))
    return replace(case, classname=f"contracts.{case.classname}", seconds=check.seconds)


def _verdict(verdict: Verdict, judged: Mapping[VerdictKey, JudgedVerdict]) -> Case:
    return _case(
        verdict, judged, story="\n".join(f"{name}: {value}" for name, value in verdict.evidence.items())
    )


def _case(verdict: Verdict, judged: Mapping[VerdictKey, JudgedVerdict], *, story: str) -> Case:
    state, message = _state(verdict, judged)
    return Case(
        classname=verdict.check.partition(".")[0],
        name=f"{verdict.check}[{verdict.subject}]" if verdict.subject else verdict.check,
        seconds=0.0,
        verdict=verdict,
        story=story,
        state=state,
        message=message,
    )


def _state(verdict: Verdict, judged: Mapping[VerdictKey, JudgedVerdict]) -> tuple[CaseState, str]:
    if verdict.grade is Grade.PASS:
        return CaseState.PASSED, ""
    entry = judged.get(key(verdict))
    message = verdict.reason or "no reason was given"
    if entry is None or entry.effect is not PolicyEffect.BLOCK:
        accepted = entry.accepted if entry else None
        if accepted:
            message = f"accepted by {accepted.owner} until {accepted.expires} ({accepted.reason}): {message}"
        return CaseState.SKIPPED, f"{verdict.grade.name}: {message}"
    return CaseState.UNKNOWN if verdict.grade is Grade.UNKNOWN else CaseState.FAILED, message
