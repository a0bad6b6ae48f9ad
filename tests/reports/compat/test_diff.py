"""`diff` on the command line and in the gate: exit codes, git, one line for a user's mistake."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.verdict import Grade
from reports.cli import main
from reports.commands.gate_command import decide
from reports.compat import compare, diff_command, diff_verdicts
from reports.decision.policy import ReleasePolicy
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.compat.edits import CREATE, EDITS, SCHEMAS, Edit, drop, put
from tests.reports.compat.test_compat import found, parsed, real, versions
from tests.reports.gate.gate_harness import GateHarness, only_run, reasons

BY_ID = {edit.id: edit for edit in EDITS}
WORST = {
    "breaking": ExitCode.FAIL,
    "unknown": ExitCode.UNKNOWN,
    "harmless": ExitCode.PASS,
    "none": ExitCode.PASS,
}

SMALL = """
openapi: 3.1.0
info: {title: Small, version: 1.0.0}
paths:
  /a:
    get:
      operationId: readA
      x-slo: {thresholdMs: 200, share: 0.99, errorShare: 0}
      parameters:
        - {name: size, in: query, schema: {type: integer, maximum: %d}}
      responses:
        '200': {description: Fine.}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A document of which the last commit allowed more than the file does."""
    path = tmp_path / "openapi.yaml"
    path.write_text(SMALL % 100)
    for argv in (
        ["init", "-q"],
        ["add", "openapi.yaml"],
        [
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "-qm",
            "one",
        ],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *argv], check=True, capture_output=True)
    path.write_text(SMALL % 50)
    return path


@pytest.mark.parametrize("edit", [pytest.param(edit, id=edit.id) for edit in EDITS])
def test_the_exit_code_is_that_of_the_worst(edit: Edit) -> None:
    assert diff_verdicts.exit_code(found(edit)) is WORST[edit.severity]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(100, 50, ExitCode.FAIL, id="breaking"),
        pytest.param(50, 100, ExitCode.PASS, id="harmless"),
        pytest.param(50, 50, ExitCode.PASS, id="the same"),
    ],
)
def test_compares_two_files(
    tmp_path: Path, old: int, new: int, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("old.yaml", old), ("new.yaml", new)):
        (tmp_path / name).write_text(SMALL % value)
    files = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]
    assert main(["diff", *files]) == code
    shown = capsys.readouterr().out
    assert ("`maximum` is" in shown) == (old != new)
    assert main(["diff", "--json", *files]) == code
    assert len(json.loads(capsys.readouterr().out)["changes"]) == (old != new)


def test_compares_with_a_commit(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--against", "HEAD", str(repository)]) == ExitCode.FAIL
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "1 breaking"
    assert "`maximum` is 50 and was 100" in shown[1] and shown[1].endswith("request.range-narrowed")
    assert shown[2].split() == ["new", "/paths/~1a/get/parameters/0/schema/maximum", "readA"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "diff takes OLD and NEW", id="no file"),
        pytest.param(["{path}"], "diff takes OLD and NEW", id="one file"),
        pytest.param(["{path}", "none.yaml"], "cannot read none.yaml", id="a file that is not there"),
        pytest.param(["{path}", "{broken}"], "broken.yaml:2: not YAML", id="not YAML"),
        pytest.param(["{path}", "{list}"], "is not an OpenAPI document", id="not a document"),
        pytest.param(["{path}", "{odd}"], "is not an OpenAPI document that can be read", id="a document of another kind"),
        pytest.param(["--against", "no-such-tag", "{path}"], "git has no openapi.yaml at no-such-tag", id="no such commit"),
        pytest.param(["--against=--output=x", "{path}"], "is no commit, tag or branch", id="an option of git"),
        pytest.param(["--against", "HEAD", "{path}", "{path}"], "diff takes OLD and NEW", id="both"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(
    repository: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"broken": "a: [", "list": "- a\n", "odd": "openapi: 3.1.0\npaths: [1]\n"}
    names = {"path": str(repository)}
    for name, text in texts.items():
        (repository.parent / f"{name}.yaml").write_text(text)
        names[name] = str(repository.parent / f"{name}.yaml")
    assert main(["diff", *(argument.format(**names) for argument in arguments)]) == ExitCode.USAGE
    message = capsys.readouterr().err
    assert message.startswith("reports: ") and said in message and message.count("\n") == 1


def test_a_change_of_a_shared_schema_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = versions(BY_ID["field of another type"])
    for name, made in (("old.yaml", old), ("new.yaml", new)):
        (tmp_path / name).write_text(yaml.safe_dump(dict(made.document)))
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) == ExitCode.FAIL
    shown = capsys.readouterr().out
    assert shown.count("response.type-changed") == 1
    assert "ContentItem.version.type: is string and was integer" in shown and " more" in shown


def test_reads_the_other_way_round() -> None:
    """What one direction calls added, the other calls removed: no difference is seen from one side only."""
    for edit in EDITS[::4]:
        if edit.rules == {
            "operation.deprecated"
        }:  # what is not deprecated any more harms nobody and helps nobody
            continue
        old, new = versions(edit)
        assert bool(found(edit)) == bool(compare(new, old)), edit.id


def test_two_changes_are_two_findings() -> None:
    document = yaml.safe_load(yaml.safe_dump(real()))
    drop(f"{CREATE}/responses/409")(document)
    put(f"{SCHEMAS}/Title/maxLength", 100)(document)
    rules = [change.rule for change in compare(parsed(real()), parsed(document))]
    assert rules[0] == "request.range-narrowed" and {"answer.removed", "response.range-narrowed"} <= set(
        rules
    )


def message(edit: str) -> Run:
    changes = found(BY_ID[edit])
    run = sample_runs.passing()
    verdicts = diff_verdicts.verdicts(changes, versions(BY_ID[edit])[0], "v1.0.0")
    return run.model_copy(update={"verdicts": verdicts})


@pytest.mark.parametrize(
    ("edit", "code", "check"),
    [
        pytest.param("smaller maximum", ExitCode.FAIL, "compat.request.range-narrowed", id="breaking"),
        pytest.param(
            "token of another form", ExitCode.UNKNOWN, "compat.response.pattern-changed", id="unknown"
        ),
        pytest.param("objective loosened", ExitCode.FAIL, "compat.objective.loosened", id="a slower promise"),
        pytest.param("permission dropped", ExitCode.PASS, "compat.permission.dropped", id="remark"),
        pytest.param("field added", ExitCode.PASS, "", id="harmless"),
    ],
)
def test_the_gate_judges_it(edit: str, code: ExitCode, check: str) -> None:
    report = tables.report(message(edit), ReleasePolicy(), made=sample_runs.MADE, version="1")
    assert report.decision.exit_code is code
    named = {reason.check for reason in report.reasons if reason.check.startswith("compat.")}
    assert named == ({check} if check else set())


def test_a_comparison_does_not_stand_in_for_a_check() -> None:
    run = message("smaller maximum")
    alone = sample_runs.run(verdicts=run.verdicts)
    report = tables.report(alone, ReleasePolicy(), made=sample_runs.MADE, version="1")
    missed = [reason for reason in report.reasons if reason.check == "coverage.operation"]
    assert missed and missed[0].count == len(sample_runs.LABELS)
    assert missed[0].grade is Grade.UNKNOWN


def test_the_gate_compares_with_a_commit(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TCHAT_SPEC", str(repository))
    stage = GateHarness(tmp_path)
    run = sample_runs.run(checks=[sample_runs.check("a.b", "readA", "A law.", "S:1")], spec=None)
    plan = replace(stage.plan(stage.part("contracts", run=run)), judges=(diff_command.judge("HEAD"),))
    assert decide(plan) is ExitCode.FAIL
    assert list(reasons(only_run(plan.out))) == ["compat.request.range-narrowed"]
    assert main(["gate", "--against", "no-such-tag", "--out", str(tmp_path / "other")]) == ExitCode.USAGE
    assert not (tmp_path / "other").exists()
    capsys.readouterr()
