"""Accepting what fails today: in one command, never the worst, never more than what failed, and gone when it is mended."""

import json
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from contracts.run import CheckResult, Run, VerdictRecord, parse
from contracts.run.result import INTERRUPTED, Offence
from reports.cli import main
from reports.decision.verdict_facts import steady
from tests.reports import sample_runs

EXPIRES = "2999-01-31"


def result(
    check: str, operation: str, got: str, *, grade: str = "FAIL", source: str = "openapi"
) -> CheckResult:
    reason = "" if grade == "PASS" else f"{operation} at 2026-11-22T10:00:00Z: expected 201, got {got}"
    offence = Offence(
        symptom="status", operation=operation, expected="201", got=got, text=f"{operation} answers {got}"
    )
    return CheckResult.model_validate(
        {
            "id": check, "grade": grade, "operation": operation, "source": source, "reason": reason,
            "offence": offence if grade == "FAIL" else None,
        }
    )  # fmt: skip


def saved(folder: Path, *checks: CheckResult) -> Path:
    path = folder / "run.json"
    path.write_text(sample_runs.run(checks=list(checks), spec=None).model_dump_json())
    return path


def accept(run: Path, policy: Path, *more: str) -> int:
    return main(["accept", str(run), "-o", str(policy), "--owner", "Ada", "--expires", EXPIRES, *more])


def rendered(run: Path, policy: Path) -> int:
    return main(["render", str(run), "--out", str(run.parent / "out"), "--policy", str(policy)])


MILD = [result(f"items.order-{n}", "getContentItems", "200") for n in range(45)]


def test_one_command_makes_it_green_and_the_file_stays_short(tmp_path: Path) -> None:
    run, policy = saved(tmp_path, *MILD, result("a.b", "login", "", grade="PASS")), tmp_path / "policy.yaml"
    assert rendered(run, Path(__file__).parents[3] / "reports" / "policy.example.yaml") == ExitCode.FAIL
    assert accept(run, policy) == ExitCode.PASS
    assert rendered(run, policy) == ExitCode.PASS
    assert len(policy.read_text().splitlines()) < 30
    before = policy.read_text()
    assert accept(run, policy) == ExitCode.PASS and policy.read_text() == before


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(result("items.order-3", "getContentItems", "500"), id="it answers otherwise"),
        pytest.param(result("items.order-3", "login", "200"), id="another operation"),
        pytest.param(result("items.order-46", "getContentItems", "200"), id="another check"),
    ],
)
def test_a_changed_failure_is_red_again(changed: CheckResult, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    accept(saved(tmp_path, *MILD), policy)
    others = [check for check in MILD if check.id != changed.id]
    assert rendered(saved(tmp_path, *others, changed), policy) == ExitCode.FAIL


def test_an_accepted_failure_that_a_random_check_meets_too_is_no_other(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    again = result("stateful.links", "getContentItems", "200").model_copy(update={"operation": ""})
    accept(saved(tmp_path, *MILD), policy)
    assert rendered(saved(tmp_path, *MILD, again), policy) == ExitCode.PASS
    assert rendered(saved(tmp_path, *MILD, result("stateful.links", "login", "200")), policy) == ExitCode.FAIL
    assert main(["accept", str(saved(tmp_path, again)), "-o", str(policy), "--prune"]) == ExitCode.PASS
    assert rendered(saved(tmp_path, again), policy) == ExitCode.PASS


def test_a_time_or_an_id_is_no_change() -> None:
    first = "item ckq3mzzvbd8 of 2026-11-22T10:00:00Z on http://127.0.0.1:4711/api took 12.4 ms: 409"
    second = "item ab12cd34ef9 of 2027-01-02T11:30:00+01:00 on http://10.0.0.1/api took 3 ms: 409"
    assert steady(first) == steady(second)
    assert steady(first) != steady(second.replace("409", "200"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("version 1 was shown twice (and 116 more)", "version 1 was shown twice"),
        ("4 of 465 over 200 ms: too few samples (473 with 5 violations would do)", "5 of 1865 over 200 ms: too few samples (1049 with 9 violations would do)"),
        ('got [["content_updated", {"title": "zq126d979fw0x01", "ver …', 'got [["content_updated", {"title": "zqd0d842a4w0axfe1", "v …'),
        ('got "zq126d979fw0x01 and m… (523 characters)', 'got "zqd0d842a4w0axfe1 and mor… (1,204 characters)'),
        ("got 134 items", "got 28 items"),
        ("17 of 897 over 200 ms (1.90%; allowed 1.00%); 3 more, by the load generator's own delay, are not counted", "29 of 501 over 200 ms (5.8%; allowed 1.00%)"),
    ],
)  # fmt: skip
def test_a_count_and_the_place_of_a_cut_are_no_change(one: str, other: str) -> None:
    assert steady(one) == steady(other) == steady(steady(one))


def test_an_entry_that_an_earlier_version_wrote_covers_the_same(tmp_path: Path) -> None:
    run, policy = saved(tmp_path, result("items.order-3", "getContentItems", "")), tmp_path / "policy.yaml"
    failed = parse(run.read_text(), name="run.json").model_copy(
        update={
            "checks": [],
            "verdicts": [VerdictRecord(check="versions", grade="FAIL", reason="1 of 9 differs (and 9 more)")],
        }
    )
    run.write_text(failed.model_dump_json())
    accept(run, policy)
    policy.write_text(policy.read_text().replace("differs", "differs (and # more)"))
    assert rendered(run, policy) == ExitCode.PASS


def test_too_few_samples_are_accepted_of_every_operation(tmp_path: Path) -> None:
    """Which of them has a slow answer too many is chance; what is proven is another failure."""

    def lacking(operation: str, grade: str = "UNKNOWN", words: str = "too few samples") -> Path:
        made = sample_runs.run(checks=[], spec=None, verdicts=[
            VerdictRecord(check="objective", subject=operation, grade=grade, reason=f"5 of 864 over 200 ms: {words}", evidence={"answered": 864}),
        ])  # fmt: skip
        path = tmp_path / "run.json"
        path.write_text(made.model_dump_json())
        return path

    policy = tmp_path / "policy.yaml"
    accept(lacking("login"), policy)
    assert rendered(lacking("getContentItem"), policy) == ExitCode.PASS
    assert rendered(lacking("login", "FAIL", "too many"), policy) == ExitCode.FAIL
    assert rendered(lacking("login", words="never requested"), policy) == ExitCode.UNKNOWN


def test_the_worst_is_never_accepted_in_bulk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worst = [
        result("items.update-once", "updateContentItem", "200"),
        result("isolation.by-id", "getContentItem", "200"),
    ]
    run, policy = saved(tmp_path, *MILD, *worst), tmp_path / "policy.yaml"
    accept(run, policy)
    told = capsys.readouterr().out
    assert "items.update-once (loses data)" in told and "isolation.by-id (lets somebody in)" in told
    assert rendered(run, policy) == ExitCode.FAIL
    assert accept(run, policy, "--only-harm", "loses-data") == ExitCode.PASS
    assert "items.update-once" not in policy.read_text()
    for check in worst:
        accept(run, policy, "--check", check.id)
    assert rendered(run, policy) == ExitCode.PASS


@pytest.mark.parametrize(
    "early",
    [
        pytest.param({"parts": sample_runs.parts(contracts="overran")}, id="overran"),
        pytest.param({"verdicts": [VerdictRecord(check="run.target", grade="UNKNOWN", reason="the target stopped answering")]}, id="vanished"),
        pytest.param({}, id="interrupted"),
    ],
)  # fmt: skip
def test_what_a_run_that_was_cut_short_has_not_reached_is_not_accepted(
    early: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accepted, it would let every run pass that ends as early."""
    late = result("items.late", "login", "", grade="UNKNOWN").model_copy(update={"reason": INTERRUPTED})
    run, policy = saved(tmp_path, *MILD, late), tmp_path / "policy.yaml"
    run.write_text(parse(run.read_bytes(), name="run.json").model_copy(update=early).model_dump_json())
    assert accept(run, policy) == ExitCode.PASS
    assert "items.order-1" in policy.read_text() and "items.late" not in policy.read_text()
    assert "not checked are not accepted" in capsys.readouterr().out
    assert rendered(run, policy) == ExitCode.UNKNOWN
    assert main(["accept", str(run), "-o", str(policy), "--prune"]) == ExitCode.USAGE


def test_a_check_that_did_not_fail_is_no_entry(tmp_path: Path) -> None:
    assert accept(saved(tmp_path, *MILD), tmp_path / "policy.yaml", "--check", "nope.nope") == ExitCode.USAGE


def test_what_is_mended_is_pruned(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("# ours\nformat: 1\nrules:\n  - {source: 'RFC 9110*', effects: {FAIL: warn}}\n")
    accept(saved(tmp_path, *MILD, result("http.head", "login", "404")), policy)
    left = saved(tmp_path, MILD[0])
    assert main(["accept", str(left), "-o", str(policy), "--prune"]) == ExitCode.PASS
    text = policy.read_text()
    assert text.startswith("# ours\n") and "RFC 9110*" in text
    assert "items.order-0]" in text and "order-1" not in text and "http.head" not in text
    assert rendered(left, policy) == ExitCode.PASS
    main(["accept", str(saved(tmp_path)), "-o", str(policy), "--prune"])
    assert "items.order" not in policy.read_text()


@pytest.mark.parametrize(
    "more",
    [
        ["--owner", "Ada"],
        ["--expires", EXPIRES],
        ["--owner", "Ada", "--expires", EXPIRES, "--only-harm", "none"],
    ],
)
def test_nothing_is_accepted_without_owner_and_end(more: list[str], tmp_path: Path) -> None:
    run, policy = saved(tmp_path, *MILD), tmp_path / "policy.yaml"
    try:
        code = main(["accept", str(run), "-o", str(policy), *more])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    assert code == ExitCode.USAGE and not policy.exists()


@pytest.mark.parametrize(
    ("level", "source", "code"),
    [
        ("guide", "RFC 9110 9.3.2", ExitCode.PASS),
        ("guide", "F7, S:230", ExitCode.FAIL),
        ("rfc", "RFC 9110 9.3.2", ExitCode.FAIL),
        ("rfc", "R37", ExitCode.PASS),
        ("full", "R37", ExitCode.FAIL),
    ],
)
def test_a_level_chooses_what_blocks(level: str, source: str, code: ExitCode, tmp_path: Path) -> None:
    run = saved(tmp_path, result("http.head", "login", "404", source=source))
    out = tmp_path / "out"
    assert main(["render", str(run), "--out", str(out), "--level", level]) == code
    told = json.loads((out / "verdict.json").read_text())["reasons"]
    assert told[0]["effect"] == ("block" if code is ExitCode.FAIL else "warn")


def test_a_rule_that_fits_nothing_is_told(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "format: 1\nrules:\n  - {check: itmes.order-1, effects: {FAIL: warn}}\n"
        "  - {harm: differs, effects: {FAIL: warn}}\n  - {check: coverage.status, effects: {UNKNOWN: warn}}\n"
    )
    run = saved(tmp_path, *MILD)
    assert rendered(run, policy) == ExitCode.PASS
    told = json.loads((tmp_path / "out" / "verdict.json").read_text())["reasons"]
    assert [reason["reason"] for reason in told if reason["check"] == "policy.rule-unused"] == [
        f"rule 1 of {policy} (check: itmes.order-1) fits no verdict of this run; is it misspelt?"
    ]


def test_a_run_without_failures_has_nothing_to_accept(tmp_path: Path) -> None:
    run: Run = sample_runs.passing()
    (tmp_path / "run.json").write_text(run.model_dump_json())
    assert accept(tmp_path / "run.json", tmp_path / "policy.yaml") == ExitCode.PASS
