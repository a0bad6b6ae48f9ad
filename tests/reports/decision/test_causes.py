"""Failures with one cause are one reason, the worst harm first, and what was not checked stands on top of every output."""

import json

import pytest

from contracts.run import CheckResult
from contracts.run.result import NotApplicable, Offence
from reports.decision.policy import ReleasePolicy
from reports.formats import archive
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import RENDERERS


def result(check: str, operation: str, symptom: str, got: str = "500", harm: str = "differs") -> CheckResult:
    offence = {
        "symptom": symptom,
        "operation": operation,
        "expected": "200",
        "got": got,
        "text": f"{operation} answers {got}",
    }
    return CheckResult.model_validate(
        {
            "id": check, "grade": "FAIL", "operation": operation, "title": "A law.", "source": "R1", "harm": harm,
            "reason": f"{check}: expected 200, got {got}", "offence": Offence.model_validate(offence),
        }
    )  # fmt: skip


def report(*checks: CheckResult, not_applicable: int = 0) -> tables.Report:
    run = sample_runs.run(checks=list(checks), spec=None)
    left = [NotApplicable(id=f"http.etag-{n}", reason="no ETag is promised") for n in range(not_applicable)]
    run = run.model_copy(update={"not_applicable": left})
    return tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1")


def test_fifty_checks_that_meet_one_broken_operation_are_one_reason() -> None:
    told = report(*(result(f"items.check-{n}", "publishContent", "server-error") for n in range(50)))
    (reason,) = told.reasons
    assert reason.text == "publishContent answers 500" and reason.who == ""
    assert reason.check == "items.check-0 and 49 other checks" and reason.count == 50


def test_the_worst_harm_comes_first_after_what_breaks_the_rest() -> None:
    told = report(
        result("http.head", "login", "status", "404", "hygiene"),
        result("items.update-once", "updateContentItem", "status", "200", "loses-data"),
        result("isolation.by-id", "getContentItem", "status", "200", "lets-somebody-in"),
        result("items.order", "getContentItems", "server-error", "500", "differs"),
    )
    assert [reason.check for reason in told.reasons] == [
        "items.order", "items.update-once", "isolation.by-id", "http.head",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["txt", "md", "xml", "html", "json", "ctrf.json", "sarif"])
def test_what_was_not_checked_is_told_by_every_output(ending: str) -> None:
    unknown = [
        CheckResult(id=f"realtime.check-{n}", grade="UNKNOWN", reason="no channel is promised")
        for n in range(30)
    ]
    told = RENDERERS[ending](report(*unknown, CheckResult(id="a.b", grade="PASS"), not_applicable=2))
    words = "30 of 33 checks not run, 2 not applicable to this document: 30 because no channel is promised"
    assert words in " ".join(told.split())


def test_the_numbers_stand_in_verdict_json() -> None:
    told = report(CheckResult(id="a.b", grade="UNKNOWN", reason="no second account"), not_applicable=3)
    assert json.loads(archive.verdict_json(told))["notChecked"] == {
        "count": 1,
        "of": 4,
        "notApplicable": 3,
        "reasons": {"no second account": 1},
        "sentence": "1 of 4 checks not run, 3 not applicable to this document: 1 because no second account",
    }
