"""The SARIF 2.1.0 of a report, for code scanning and editors: each reason is a result that points into openapi.yaml.

A reason about an operation points at its line, one with a JSON pointer at that place, others at the whole document. An accepted
failure has a suppression.
"""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contracts.risk_categories import labels
from contracts.verdict import Grade
from reports.decision.decide import JudgedVerdict
from reports.decision.policy import PolicyEffect
from reports.summary.tables import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
DOCUMENT = "openapi.yaml"
MOST = 5000
"""Results; code scanning takes no more of one run, and a reader fewer."""

LEVELS: Mapping[tuple[PolicyEffect, Grade], str] = MappingProxyType(
    {(PolicyEffect.BLOCK, grade): "error" for grade in Grade} | {(PolicyEffect.WARN, grade): "warning" for grade in Grade}
    | {(PolicyEffect.WARN, Grade.ADVISORY): "note"}
)  # fmt: skip


def render(report: Report) -> str:
    return json.dumps(_log(report), indent=1, ensure_ascii=False) + "\n"


def _log(report: Report) -> dict[str, Any]:
    judged = sorted(report.decision.judged, key=_rank)[:MOST]
    rules = sorted({entry.verdict.check for entry in judged})
    titles = {check.id: check.title for check in report.run.checks if check.title}
    driver = {
        "name": "tchat release gate",
        "version": report.version,
        "rules": [_rule(rule, titles.get(rule, rule)) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                # The tool has done its work, whatever it found.
                "executionSuccessful": True,
                "exitCode": int(report.decision.exit_code),
                "exitCodeDescription": report.decision.word,
                "properties": {"notChecked": report.not_checked.sentence},
            }
        ],
        "results": [_result(report, entry, rules) for entry in judged],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(check: str, title: str) -> dict[str, Any]:
    """The rule of a check, with the public categories of risk as tags, by which people sort the findings of several tools."""
    rule: dict[str, Any] = {"id": check, "shortDescription": {"text": title}}
    found = labels(check)
    return rule | {"properties": {"tags": list(found)}} if found else rule


def _rank(entry: JudgedVerdict) -> tuple[bool, int]:
    return entry.effect is not PolicyEffect.BLOCK, -entry.verdict.grade


def _result(report: Report, entry: JudgedVerdict, rules: list[str]) -> dict[str, Any]:
    verdict = entry.verdict
    who = f"{verdict.subject}: " if verdict.subject else ""
    result: dict[str, Any] = {
        "ruleId": verdict.check,
        "ruleIndex": rules.index(verdict.check),
        "level": LEVELS[entry.effect, verdict.grade],
        "message": {"text": f"{verdict.grade.name}: {who}{verdict.reason or 'no reason was given'}"},
        "locations": [_location(report, entry)],
        # Without the reason, whose numbers change: the same finding of two runs is one alert.
        "partialFingerprints": {"check/v1": _fingerprint(entry)},
    }
    if entry.accepted:
        justification = (
            f"accepted by {entry.accepted.owner} until {entry.accepted.expires}: {entry.accepted.reason}"
        )
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _location(report: Report, entry: JudgedVerdict) -> dict[str, Any]:
    verdict = entry.verdict
    pointer = str(verdict.evidence.get("pointer", ""))
    line = report.lines.at(pointer) or report.lines.operations.get(verdict.subject)
    place: dict[str, Any] = {"artifactLocation": {"uri": DOCUMENT, "uriBaseId": "%SRCROOT%"}}
    if line is not None:
        place["region"] = {"startLine": line}
    location: dict[str, Any] = {"physicalLocation": place}
    if verdict.subject:
        location["logicalLocations"] = [{"name": verdict.subject, "kind": "function"}]
    return location


def _fingerprint(entry: JudgedVerdict) -> str:
    identity = "\0".join(
        (entry.verdict.check, entry.verdict.subject, str(entry.verdict.evidence.get("pointer", "")))
    )
    return hashlib.sha256(identity.encode()).hexdigest()[:32]
