"""What a policy may say, what it may not, and what it does to verdicts."""

import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from contracts.command.exit_code import ExitCode
from contracts.run import Run, VerdictRecord
from contracts.verdict import Grade
from reports.decision.decide import decide
from reports.decision.policy import SCHEMA, PolicyEffect, PolicyError, ReleasePolicy, parse, read
from reports.decision.verdict_facts import VerdictFacts
from tests.reports import sample_runs

TODAY = date(2026, 11, 22)


def run_of(*grades: str, check: str = "versions.one-winner", subject: str = "updateContentItem") -> Run:
    records = [VerdictRecord.model_validate({"check": check, "grade": g, "subject": subject}) for g in grades]
    return Run(started="", finished="", target="", seed=1, verdicts=records)


def accepted(expires: str, check: str = "versions.*", operation: str = "*") -> ReleasePolicy:
    entry = f"{{check: '{check}', operation: '{operation}', owner: Ada, reason: known, expires: {expires}}}"
    return parse(f"format: 1\naccepted: [{entry}]", name="p.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "it holds no documents", id="empty"),
        pytest.param("format: 2", "format: 1 was expected", id="another format"),
        pytest.param("{", "not YAML", id="not YAML"),
        pytest.param("format: 1\nrules: [{check: a, effect: warn}]\nrules: []\n", "3: the key 'rules' stands here and in line 2", id="a key twice"),
        pytest.param("format: 1\nefects: {}", "'efects' was unexpected", id="misspelt key"),
        pytest.param("format: 1\neffects: {FAIL: ignore}", "effects/FAIL", id="a FAIL cannot be silent"),
        pytest.param("format: 1\neffects: {UNKNOWN: ignore}", "effects/UNKNOWN", id="nor an UNKNOWN"),
        pytest.param("format: 1\neffects: {PASS: block}", "'PASS' was unexpected", id="PASS has no effect"),
        pytest.param(
            "format: 1\naccepted: [{check: '*', owner: a, reason: b, expires: 2026-01-01}]",
            "accepted/0/check",
            id="everything cannot be accepted at once",
        ),
        pytest.param(
            "format: 1\naccepted: [{check: a, reason: b, expires: 2026-01-01}]", "'owner' is a required", id="no owner"
        ),
        pytest.param(
            "format: 1\naccepted: [{check: a, owner: ' ', reason: b, expires: 2026-01-01}]", "accepted/0/owner", id="blank owner"
        ),
        pytest.param(
            "format: 1\naccepted: [{check: a, owner: a, reason: b, expires: 2026-02-30}]", "no day of the calendar", id="30 February"
        ),
        pytest.param(
            "format: 1\naccepted: [{check: a, owner: a, reason: b, expires: never}]", "accepted/0/expires", id="no date"
        ),
    ],
)  # fmt: skip
def test_refuses_with_one_line(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"^p\.yaml") as caught:
        parse(text, name="p.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("grades", "policy", "code"),
    [
        pytest.param((), ReleasePolicy(), ExitCode.UNKNOWN, id="silence is unknown"),
        pytest.param(("PASS",), ReleasePolicy(), ExitCode.PASS, id="pass"),
        pytest.param(("PASS", "ADVISORY"), ReleasePolicy(), ExitCode.PASS, id="an advisory only warns"),
        pytest.param(("PASS", "UNKNOWN"), ReleasePolicy(), ExitCode.UNKNOWN, id="unknown blocks with 2"),
        pytest.param(("UNKNOWN", "FAIL"), ReleasePolicy(), ExitCode.FAIL, id="fail beats unknown"),
        pytest.param(
            ("UNKNOWN",), parse("format: 1\neffects: {UNKNOWN: warn}"), ExitCode.PASS, id="unknown made a warning"
        ),
        pytest.param(
            ("ADVISORY",), parse("format: 1\neffects: {ADVISORY: block}"), ExitCode.FAIL, id="advisory made a block"
        ),
        pytest.param(("FAIL",), accepted("2026-11-22"), ExitCode.PASS, id="accepted on its last day"),
        pytest.param(("FAIL",), accepted("2026-11-21"), ExitCode.FAIL, id="expired yesterday"),
        pytest.param(("PASS",), accepted("2026-11-21"), ExitCode.FAIL, id="an expired entry fails even if all is well"),
        pytest.param(("FAIL",), accepted("2026-12-01", "auth.*"), ExitCode.FAIL, id="accepted is another check"),
        pytest.param(("FAIL",), accepted("2026-12-01", operation="login"), ExitCode.FAIL, id="accepted for another operation"),
        pytest.param(("UNKNOWN",), accepted("2026-12-01"), ExitCode.PASS, id="an unknown can be accepted"),
    ],
)  # fmt: skip
def test_decides(grades: tuple[str, ...], policy: ReleasePolicy, code: ExitCode) -> None:
    assert decide(run_of(*grades), policy, TODAY).exit_code is code


def test_the_example_says_what_holds_without_it() -> None:
    example = read(SCHEMA.parents[1] / "policy.example.yaml")
    assert dict(example.effects) == dict(ReleasePolicy().effects)
    assert (
        example.effect(VerdictFacts(check="coverage.keyword", operation="login"), Grade.UNKNOWN)
        is PolicyEffect.WARN
    )
    entry = example.acceptance(VerdictFacts(check="versions.one-winner", operation="updateContentItem"))
    assert entry is not None and entry.holds(TODAY)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))


def test_first_rule_that_names_the_grade_wins() -> None:
    policy = parse(
        """
        format: 1
        rules:
          - {check: coverage.status, operation: login, effects: {UNKNOWN: block}}
          - {check: coverage.*, effects: {UNKNOWN: warn}}
        """
    )
    assert (
        policy.effect(VerdictFacts(check="coverage.status", operation="login"), Grade.UNKNOWN)
        is PolicyEffect.BLOCK
    )
    assert (
        policy.effect(VerdictFacts(check="coverage.status", operation="logout"), Grade.UNKNOWN)
        is PolicyEffect.WARN
    )
    assert (
        policy.effect(VerdictFacts(check="coverage.status", operation="logout"), Grade.FAIL)
        is PolicyEffect.BLOCK
    )


def test_what_is_accepted_stays_visible() -> None:
    judged = decide(run_of("FAIL"), accepted("2026-12-01"), TODAY).judged
    assert [(j.effect, j.accepted and j.accepted.owner) for j in judged] == [(PolicyEffect.WARN, "Ada")]


def test_an_entry_that_covers_nothing_is_told() -> None:
    decision = decide(run_of("PASS"), accepted("2026-12-01"), TODAY)
    assert [j.verdict.check for j in decision.judged] == ["policy.unused"]
    assert decision.exit_code is ExitCode.PASS


def test_an_operation_without_any_verdict_is_unknown() -> None:
    run = sample_runs.passing()
    silent = run.model_copy(
        update={
            "checks": [check for check in run.checks if check.operation != "logout"],
            "coverage": [cell for cell in run.coverage if cell.operation != "logout"],
            "loads": [],
        }
    )
    found = decide(silent, ReleasePolicy(), TODAY)
    assert [(j.verdict.check, j.verdict.subject) for j in found.judged if j.effect is PolicyEffect.BLOCK] == [
        ("coverage.operation", "logout")
    ]
    assert found.exit_code is ExitCode.UNKNOWN
