"""Reasons: worst first, one line a cause, and the first of them in the first ten lines of the terminal."""

import pytest

from contracts.run import CheckResult, Run, VerdictRecord
from reports.decision.policy import ReleasePolicy
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import on_terminal


def record(grade: str, check: str, subject: str = "", reason: str = "r") -> VerdictRecord:
    return VerdictRecord.model_validate(
        {"check": check, "grade": grade, "subject": subject, "reason": reason}
    )


def told(*records: VerdictRecord, checks: tuple[CheckResult, ...] = ()) -> tables.Report:
    run = Run(started="", finished="", target="", seed=1, verdicts=list(records), checks=list(checks))
    return tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param(
            [record("FAIL", "a.b", "login", f"case {n}") for n in range(300)],
            [("a.b", "login", 300)],
            id="300 alike are one line",
        ),
        pytest.param(
            [record("FAIL", "a.b", name) for name in ("login", "logout")],
            [("a.b", "login", 1), ("a.b", "logout", 1)],
            id="two operations are two causes",
        ),
        pytest.param(
            [record("FAIL", "a.b", f"op{n}") for n in range(17)],
            [("a.b", "17 cases: op0, op1, op2, …", 17)],
            id="seventeen are one",
        ),
        pytest.param(
            [
                record("ADVISORY", "z"),
                record("UNKNOWN", "coverage.status", "login"),
                record("UNKNOWN", "objective", "login"),
                record("UNKNOWN", "part.load"),
                record("FAIL", "a.b"),
            ],
            [("a.b", "", 1), ("part.load", "", 1), ("objective", "login", 1), ("coverage.status", "login", 1), ("z", "", 1)],
            id="worst first; a lost part before what follows from it",
        ),
        pytest.param(
            [record("UNKNOWN", f"items.law-{n}", reason="the run was interrupted before it") for n in range(51)],
            [("items.law-0 and 50 other checks", "", 51)],
            id="fifty-one checks that say the same",
        ),
        pytest.param(
            [record("UNKNOWN", name, reason="not checked: there is no such account") for name in ("a.b", "c.d")],
            [("a.b and 1 other check", "", 2)],
            id="two checks that lack the same",
        ),
        pytest.param(
            [record("FAIL", f"items.law-{n}", reason=f"expected {n}") for n in range(4)],
            [(f"items.law-{n}", "", 1) for n in range(4)],
            id="four checks that say different things",
        ),
        pytest.param([record("PASS", "a")], [], id="a pass needs no reason"),
    ],
)  # fmt: skip
def test_groups(records: list[VerdictRecord], expected: list[tuple[str, str, int]]) -> None:
    assert [(r.check, r.who, r.count) for r in told(*records).reasons] == expected


def story(name: str, operation: str, requests: int) -> CheckResult:
    check = sample_runs.broken_check(name, operation, "One wins.", "R17")
    return check.model_copy(update={"curl": ["curl x"] * requests})


def test_the_check_that_needs_least_to_show_it_comes_first() -> None:
    """A fault of archive turns bulk, sync and the clients red too; what names it is the shortest story."""
    suffered = [record("FAIL", "client.session", f"web {n}") for n in range(6)]
    checks = (
        story("bulk.partial", "bulkUpdateContent", 5),
        story("items.archive", "archiveContent", 3),
        story("realtime.event", "logout", 0),
        *(story("shape.answers", name, 9) for name in [*sample_runs.LABELS][:4]),
    )
    report = told(*suffered, checks=checks)
    report = tables.report(
        report.run.model_copy(update={"spec": sample_runs.SPEC}),
        ReleasePolicy(),
        made=sample_runs.MADE,
        version="1",
    )
    blocking = [reason.check for reason in report.reasons if reason.check != "coverage.operation"]
    assert blocking == [
        "shape.answers",
        "items.archive",
        "realtime.event",
        "bulk.partial",
        "client.session",
    ]


def test_a_reason_knows_the_check_behind_it() -> None:
    check = sample_runs.broken_check("versions.one-winner", "updateContentItem", "One wins.", "R17")
    (reason,) = told(checks=(check,)).reasons
    assert reason.check_result == check and reason.law == "One wins."


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("causes", [1, 3, 40])
def test_the_first_ten_lines_say_verdict_and_reason(width: int, causes: int) -> None:
    records = [
        record("FAIL", f"family.check-{n}", "updateContentItem", f"expected 409, got {n}")
        for n in range(causes)
    ]
    first = on_terminal(told(*records), width).splitlines()[:10]
    assert first[0].startswith(" FAIL  the release is blocked")
    assert "updateContentItem" in first[1] and "expected 409, got 0" in "".join(first[1:3])
    if causes > 10:
        assert first[9].startswith("  and ") or first[8].startswith("  and ")


def test_a_long_reason_gets_a_line_of_its_own() -> None:
    reason = "expected one 200 and four 409, but got five answers 200 with five different versions"
    lines = on_terminal(
        told(record("FAIL", "versions.one-winner", "updateContentItem", reason)), 100
    ).splitlines()
    assert lines[2].strip() == reason


def test_beside_the_name_of_a_check_stands_its_law() -> None:
    check = sample_runs.broken_check(
        "versions.one-winner", "updateContentItem", "One of two writers wins.", "R17"
    )
    lines = on_terminal(told(checks=(check,)), 100).splitlines()
    assert lines[1] == "  FAIL     updateContentItem  versions.one-winner: One of two writers wins."
    assert "expected one 200 and four 409" in lines[2]


def test_while_a_part_is_missing_no_operation_has_passed() -> None:
    report = tables.report(sample_runs.interrupted(), ReleasePolicy(), made=sample_runs.MADE, version="1")
    assert {row.grade.name for table in report.tables for row in table.rows if row.grade is not None} == {
        "UNKNOWN"
    }
