"""The failures of a report as a Web Fuzzing Commons report (wfc.json), which viewers of several API fuzzers read.

Its fault categories come from `contracts.risk_categories`; other failures have the custom code 900 with the check's id as context.
Failures that concern no single operation are warnings, because the format has no other place for them.
"""

import json
from collections.abc import Iterator
from typing import Any

from contracts.risk_categories import CATEGORIES, labels
from contracts.run import CheckResult, Run
from reports.summary.tables import Report
from reports.text.times import span

SCHEMA_VERSION = "0.12.1"
CUSTOM, CUSTOM_ID = 900, "TCHAT_LAW"


def render(report: Report) -> str:
    return json.dumps(_document(report), indent=1, ensure_ascii=False) + "\n"


def _document(report: Report) -> dict[str, Any]:
    run = report.run
    endpoints = _endpoints(run)
    failed = [check for check in run.checks if check.grade == "FAIL"]
    found: list[dict[str, Any]] = [
        {
            "operationId": endpoints[check.operation],
            "testCaseId": _name(check),
            "faultCategories": list(_categories(check)),
        }
        for check in failed
        if check.operation in endpoints
    ]
    others = [check for check in failed if check.operation not in endpoints]
    kinds = {(one["code"], one["context"]) for fault in found for one in fault["faultCategories"]}
    calls = sum(check.requests for check in run.checks)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "toolName": "tchat-harness",
        "toolVersion": report.version,
        "creationTime": report.made,
        "faults": {"totalNumber": len(kinds), "foundFaults": found},
        "problemDetails": {
            "rest": {
                "outputHttpCalls": calls,
                "evaluatedHttpCalls": calls,
                "endpointIds": list(endpoints.values()),
                "coveredHttpStatus": list(_covered(run, endpoints)),
            }
        },
        "totalTests": len(run.checks),
        "testFilePaths": [],
        "testCases": [
            {"id": name, "name": name} for name in dict.fromkeys(_name(check) for check in run.checks)
        ],
        "executionTimeInSeconds": round(span(run.started, run.finished) or 0),
        "warnings": [
            {
                "message": f"{check.id}: {check.reason}",
                "category": "|".join(labels(check.id)) or CUSTOM_ID,
                "displayPriority": 0,
            }
            for check in others
        ],
    }


def _endpoints(run: Run) -> dict[str, str]:
    """operationId -> `GET:/content/items`, as that format names them."""
    labelled = run.spec.labels if run.spec else {}
    return {operation: label.replace(" ", ":", 1) for operation, label in labelled.items()}


def _name(check: CheckResult) -> str:
    return f"{check.id}[{check.operation}]" if check.operation else check.id


def _categories(check: CheckResult) -> Iterator[dict[str, Any]]:
    numbers = [label for label in labels(check.id) if label.startswith("WFC-F")]
    for label in numbers:
        yield {"id": CATEGORIES[label].name, "code": int(label.removeprefix("WFC-F")), "context": check.id}
    if not numbers:
        yield {"id": CUSTOM_ID, "code": CUSTOM, "context": check.id}


def _covered(run: Run, endpoints: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The statuses that each operation has shown. Runs do not keep which check met one first, so the coverage is named in its place."""
    reached: dict[str, list[int]] = {}
    for cell in run.coverage:
        if cell.kind == "status" and cell.reached and cell.name.isdecimal():
            reached.setdefault(cell.operation, []).append(int(cell.name))
    for operation, statuses in reached.items():
        if operation in endpoints:
            yield {
                "endpointId": endpoints[operation],
                "testCaseId": "coverage.status",
                "httpStatus": sorted(set(statuses)),
            }
