"""The CTRF JSON of a report (Common Test Report Format), with the same cases as JUnit.

A blocking UNKNOWN is `failed` with its raw status, because CTRF has no status for it, and tools that count failures would ignore
`other`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from reports.summary.cases import Case, CaseState, suites
from reports.summary.tables import Report
from reports.text.times import moment

SPEC = "0.0.0"
STATUSES = ("passed", "failed", "skipped", "pending", "other")
STATUS: Mapping[CaseState, str] = MappingProxyType(
    {
        CaseState.PASSED: "passed",
        CaseState.FAILED: "failed",
        CaseState.UNKNOWN: "failed",
        CaseState.SKIPPED: "skipped",
    }
)


def render(report: Report) -> str:
    return json.dumps(_document(report), indent=1, ensure_ascii=False) + "\n"


def _document(report: Report) -> dict[str, Any]:
    run = report.run
    listed = suites(report)
    tests = [_test(name, case) for name, cases in listed for case in cases]
    counts = Counter(test["status"] for test in tests)
    start, stop = _milliseconds(run.started), _milliseconds(run.finished)
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "timestamp": report.made,
        "generatedBy": f"tchat-harness {report.version}",
        "results": {
            "tool": {"name": "tchat release gate", "version": report.version},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in STATUSES},
                "suites": len(listed),
                "start": start,
                "stop": stop,
                "duration": max(0, stop - start),
                "extra": {
                    "verdict": report.decision.word,
                    "exitCode": int(report.decision.exit_code),
                    "notChecked": report.not_checked.sentence,
                },
            },
            "tests": tests,
            "environment": {
                "appName": run.spec.title if run.spec else "unknown",
                "appVersion": run.spec.version if run.spec else "unknown",
                "osPlatform": run.environment.platform,
                "testEnvironment": run.target,
                "extra": {"seed": run.seed, "command": run.command},
            },
        },
    }


def _test(suite: str, case: Case) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": case.name,
        "status": STATUS[case.state],
        "duration": round(case.seconds * 1000),
        "suite": [suite, case.classname],
        "rawStatus": case.verdict.grade.name,
    }
    if case.message:
        test["message"] = case.message
    if case.story and case.state in (CaseState.FAILED, CaseState.UNKNOWN):
        test["trace"] = case.story
    return test


def _milliseconds(stamp: str) -> int:
    """A stamp in milliseconds since 1970; 0 where the run has no such stamp."""
    found = moment(stamp)
    return 0 if found is None else max(0, round(found.timestamp() * 1000))
