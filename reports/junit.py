"""JUnit XML: contract checks as cases of one suite, objectives of a second, the run's own verdicts of a third.

The states follow the policy, so that a CI that reads the file agrees with the exit code: what blocks is
a `failure` (FAIL) or an `error` (UNKNOWN), what only warns or is accepted is `skipped` with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from contracts.run import CheckResult
from contracts.verdict import Grade, Verdict
from reports.decision import Judged
from reports.policy import Effect
from reports.summary import Report

# XML 1.0, production 2 (Char): everything else is not allowed in a document, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    classname: str
    name: str
    seconds: float
    verdict: Verdict
    story: str


def render(report: Report) -> str:
    judged = {_key(entry.verdict): entry for entry in report.decision.judged}
    root = ET.Element("testsuites", name="tchat release gate", timestamp=report.run.started)
    suites = (
        ("contracts", [_check(check) for check in report.run.checks]),
        ("objectives", [_verdict(v) for v in _of_loads(report)]),
        ("run", [_verdict(v) for v in _of_the_run(report)]),
    )
    for name, cases in suites:
        root.append(_suite(name, cases, judged))
    for counted in ("tests", "failures", "errors", "skipped"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _of_loads(report: Report) -> Iterable[Verdict]:
    return [record.verdict() for load in report.run.loads for record in load.verdicts]


def _of_the_run(report: Report) -> Iterable[Verdict]:
    """Everything that is neither a check nor said by a load run, as the decision holds it."""
    run = report.run
    told = {_key(verdict) for verdict in _of_loads(report)}
    told |= {(check.id, check.operation, check.reason) for check in run.checks}
    passed = [record.verdict() for record in run.verdicts if record.grade == "PASS"]
    passed += [r.verdict() for result in run.reconnects for r in result.verdicts if r.grade == "PASS"]
    rest = [entry.verdict for entry in report.decision.judged if _key(entry.verdict) not in told]
    return rest + passed


def _key(verdict: Verdict) -> Key:
    return verdict.check, verdict.subject, verdict.reason


def _check(check: CheckResult) -> _Case:
    parts = [
        check.title,
        f"expected: {check.expected}" if check.expected else "",
        f"got: {check.got}" if check.got else "",
        f"source: {check.source}" if check.source else "",
        *check.curl,
        f"again: {check.replay}" if check.replay else "",
    ]
    verdict = Verdict(check=check.id, grade=Grade[check.grade], subject=check.operation, reason=check.reason)
    return _Case(
        classname=f"contracts.{check.id.partition('.')[0]}",
        name=f"{check.id}[{check.operation}]" if check.operation else check.id,
        seconds=check.seconds,
        verdict=verdict,
        story="\n".join(part for part in parts if part),
    )


def _verdict(verdict: Verdict) -> _Case:
    name = f"{verdict.check}[{verdict.subject}]" if verdict.subject else verdict.check
    story = "\n".join(f"{key}: {value}" for key, value in verdict.evidence.items())
    return _Case(
        classname=verdict.check.partition(".")[0], name=name, seconds=0.0, verdict=verdict, story=story
    )


def _suite(name: str, cases: list[_Case], judged: dict[Key, Judged]) -> ET.Element:
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)))
    seconds = 0.0
    for case in cases:
        element = ET.SubElement(
            suite,
            "testcase",
            classname=_legal(case.classname),
            name=_legal(case.name),
            time=f"{case.seconds:.3f}",
        )
        seconds += case.seconds
        _state(element, case, judged)
    for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(counted, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{seconds:.3f}")
    return suite


def _state(element: ET.Element, case: _Case, judged: dict[Key, Judged]) -> None:
    grade = case.verdict.grade
    if grade is Grade.PASS:
        return
    entry = judged.get(_key(case.verdict))
    message = case.verdict.reason or "no reason was given"
    if entry is None or entry.effect is not Effect.BLOCK:
        accepted = entry.accepted if entry else None
        if accepted:
            message = f"accepted by {accepted.owner} until {accepted.expires} ({accepted.reason}): {message}"
        ET.SubElement(element, "skipped", message=_legal(f"{grade.name}: {message}"))
        return
    tag = "error" if grade is Grade.UNKNOWN else "failure"
    told = ET.SubElement(element, tag, type=grade.name, message=_legal(message))
    told.text = _legal(f"{message}\n{case.story}".rstrip())


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
