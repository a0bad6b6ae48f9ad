"""Baselines: what is comparable, what is slower, and what a run says about it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from contracts.run import Environment, Run
from reports.baseline import baseline_verdicts, shift_statistics
from reports.baseline.baseline_file import BaselineError, candidates, keep, read
from reports.cli import main
from reports.commands.baseline_command import judge
from reports.commands.gate_command import decide
from reports.decision.policy import ReleasePolicy
from reports.page import report_page
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.baseline.windowed_runs import QUIET, heated, run
from tests.reports.gate.gate_harness import GateHarness, only_run


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a quantile of 2.5 %, and five times faster."""
    monkeypatch.setattr(shift_statistics, "DRAWS", 200)


def grades(old: Run, new: Run) -> dict[str, str]:
    return {record.check: record.grade for record in baseline_verdicts.verdicts([keep(old)], new, seed=1)}


@pytest.mark.parametrize(
    ("factor", "grade"),
    [
        pytest.param(1.0, "PASS", id="the same"),
        pytest.param(0.7, "PASS", id="faster"),
        pytest.param(1.08, "ADVISORY", id="8 % slower"),
        pytest.param(1.25, "FAIL", id="25 % slower"),
    ],
)
def test_grades_by_size(factor: float, grade: str) -> None:
    assert grades(run(1, count=300), run(2, factor=factor, count=300)) == {
        "baseline.p50": grade,
        "baseline.p99": grade,
    }


def test_the_same_files_give_the_same_verdict() -> None:
    one, other = run(1), run(2, factor=1.07)
    assert baseline_verdicts.verdicts([keep(one)], other, seed=1) == baseline_verdicts.verdicts(
        [keep(one)], other, seed=1
    )


HERE = sample_runs.HERE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"environment": HERE.model_copy(update={"cores": 8})}, "another machine: 8 cores", id="cores"),
        pytest.param({"environment": HERE.model_copy(update={"platform": "Darwin-25 arm64"})}, "Darwin arm64", id="platform"),
        pytest.param({"environment": HERE.model_copy(update={"server": "granian"})}, "server granian", id="server"),
        pytest.param({"target": "https://staging.tchat.com"}, "another target: https://staging.tchat.com", id="target"),
        pytest.param({"spec": sample_runs.SPEC.model_copy(update={"digest": "f" * 64})}, "another openapi.yaml: 1.0.0 ffffffffffff", id="spec"),
        pytest.param({"loads": []}, "this run has no load result", id="nothing measured"),
    ],
)  # fmt: skip
def test_refuses_what_is_not_alike(change: dict[str, object], said: str) -> None:
    (record,) = baseline_verdicts.verdicts([keep(run(1))], run(2).model_copy(update=change), seed=1)
    assert (record.check, record.grade) == ("baseline.comparable", "UNKNOWN")
    assert said in record.reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"scenario": "steady"}, "another scenario or plan: steady", id="scenario"),
        pytest.param({"plan": "constant 400/s for 50 s, seed 1"}, "400/s for 50 s), and the baseline has", id="plan"),
        pytest.param({"generator": QUIET.model_copy(update={"saturated": "98 % of a core"})}, "saturated (98 % of a core)", id="saturated"),
    ],
)  # fmt: skip
def test_refuses_another_load(change: dict[str, object], said: str) -> None:
    new = run(2)
    other = new.model_copy(update={"loads": [new.loads[0].model_copy(update=change)]})
    (record,) = baseline_verdicts.verdicts([keep(run(1))], other, seed=1)
    assert record.grade == "UNKNOWN" and said in record.reason


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"environment": HERE.model_copy(update={"platform": "Linux-6.19 x86_64", "python": "3.11.9"})}, id="a patch"),
        pytest.param({"target": "http://localhost:9"}, id="another free port"),
        pytest.param({"seed": 9}, id="seed"),
    ],
)  # fmt: skip
def test_what_does_not_matter_is_not_refused(change: dict[str, object]) -> None:
    new = run(2).model_copy(update=change)
    plan = new.loads[0].model_copy(update={"plan": "constant 200/s for 50 s, seed 9"})
    assert set(grades(run(1), new.model_copy(update={"loads": [plan]}))) == {"baseline.p50", "baseline.p99"}


def test_an_operation_that_became_slower_is_named() -> None:
    old, new = heated(1), heated(2, slow="createContentItem", factor=1.3)
    records = baseline_verdicts.verdicts([keep(old)], new, seed=1)
    red = {(record.check, record.subject) for record in records if record.grade == "FAIL"}
    assert ("baseline.p50", "createContentItem") in red
    assert {subject for _, subject in red} == {"createContentItem"}
    (told,) = [r.reason for r in records if (r.check, r.subject) == ("baseline.p50", "createContentItem")]
    assert told.startswith("p50 of createContentItem in each second of gate: ") and "of 8 comparisons" in told
    assert {record.grade for record in baseline_verdicts.verdicts([keep(old)], heated(2), seed=1)} == {"PASS"}


def test_what_is_too_rare_to_compare_is_named_in_the_evidence() -> None:
    old, new = heated(1), heated(2)
    (load,) = new.loads
    rare = load.heat[0].model_copy(update={"p50": [None] * 50 + load.heat[0].p50[:10]})
    (alike, *_) = baseline_verdicts.verdicts([keep(old)], new, seed=1)
    new = new.model_copy(update={"loads": [load.model_copy(update={"heat": [rare, *load.heat[1:]]})]})
    records = baseline_verdicts.verdicts([keep(old)], new, seed=1)
    assert ("baseline.p50", rare.operation) not in {(r.check, r.subject) for r in records}
    assert ("baseline.p99", rare.operation) in {(r.check, r.subject) for r in records}
    assert len(alike.evidence["notComparedAlone"]) == 13


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"heat": [], "heat_seconds": 0}, id="a baseline of before"),
        pytest.param({"heat_seconds": 2}, id="windows of another length"),
    ],
)
def test_without_windows_on_both_sides_only_all_together_are_compared(change: dict[str, object]) -> None:
    kept = keep(heated(1))
    old = kept.model_copy(update={"loads": [kept.loads[0].model_copy(update=change)]})
    records = baseline_verdicts.verdicts([old], heated(2), seed=1)
    assert [(record.check, record.subject) for record in records] == [
        ("baseline.p50", ""),
        ("baseline.p99", ""),
    ]


def test_a_baseline_file_of_before_still_loads(tmp_path: Path) -> None:
    document = json.loads(keep(heated(1)).model_dump_json())
    for load in document["loads"]:
        del load["heat"], load["heat_seconds"]
    (tmp_path / "old.json").write_text(json.dumps(document))
    assert read(tmp_path / "old.json").loads[0].heat == []


@pytest.mark.parametrize(
    ("late", "lag", "grade"),
    [
        pytest.param(0, 1_100_000, "FAIL", id="a machine for itself"),
        pytest.param(1, 1_100_000, "FAIL", id="one in a thousand late"),
        pytest.param(20, 1_400_000, "UNKNOWN", id="disturbed by as much"),
        pytest.param(20, 300_000, "FAIL", id="disturbed by less than it is slower"),
        pytest.param(0, 5_300_000, "UNKNOWN", id="a loop that lags"),
        pytest.param(20, None, "UNKNOWN", id="nobody knows by how much"),
    ],
)
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_disturbed_machine_makes_no_failure(late: int, lag: int | None, grade: str, side: str) -> None:
    """All is 0.9 ms slower at p50; the generator may have been late by as much as its loop was."""
    tired = QUIET.model_copy(update={"sent": 1000, "late": late, "loop_lag_p99": lag})
    old, new = heated(1), heated(2, slow="createContentItem", factor=1.3)
    runs = {"old": old, "new": new}
    loads = [runs[side].loads[0].model_copy(update={"generator": tired})]
    runs[side] = runs[side].model_copy(update={"loads": loads})
    records = baseline_verdicts.verdicts([keep(runs["old"])], runs["new"], seed=1)
    (told,) = [r for r in records if (r.check, r.subject) == ("baseline.p50", "createContentItem")]
    assert told.grade == grade
    assert ("nobody knows whose delay this is" in told.reason) is (grade == "UNKNOWN")


def test_the_page_draws_every_comparison() -> None:
    new = heated(2, slow="createContentItem", factor=1.3)
    whole = new.model_copy(update={"verdicts": baseline_verdicts.verdicts([keep(heated(1))], new, seed=1)})
    html = report_page.render(tables.report(whole, ReleasePolicy(), made=sample_runs.MADE, version="1"))
    assert html.count('class="dot ') == 10 and 'class="dot bar-bad"' in html
    assert "Is it slower than it was?" in html and ">all together</th>" in html


def test_too_few_windows_are_unknown() -> None:
    assert set(grades(run(1), run(2, count=19)).values()) == {"UNKNOWN"}


def test_the_reason_says_what_was_compared_and_where_to_look() -> None:
    records = baseline_verdicts.verdicts([keep(run(1))], run(2, factor=1.4, slow="syncContent"), seed=1)
    told = records[1].reason
    assert told.startswith("p99 of all operations together in each second of gate: ")
    assert "most has moved syncContent (" in told and "not tested" in told
    assert {"ratio", "low", "high", "p", "block", "windows"} <= records[1].evidence.keys()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, made in (
        ("old", run(1)),
        ("same", run(2)),
        ("slow", run(2, factor=1.4)),
        ("empty", sample_runs.empty()),
    ):
        (tmp_path / f"{name}.json").write_text(made.model_dump_json())
    return tmp_path


def test_keeps_and_compares_on_the_command_line(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = files / "kept" / "one.json"
    assert main(["baseline", "keep", str(files / "old.json"), "-o", str(kept)]) == ExitCode.PASS
    assert capsys.readouterr().out == f"kept as {kept}\n"
    assert read(kept) == keep(run(1))
    for baseline in (kept, kept.parent):
        for name, grade in (("same", "PASS"), ("slow", "FAIL")):
            out = files / f"out-{name}"
            main(["render", str(files / f"{name}.json"), "--out", str(out), "--baseline", str(baseline)])
            # A second time on its own result must not pile up verdicts.
            main(["render", str(out / "run.json"), "--out", str(out), "--baseline", str(baseline)])
            found = list(Run.model_validate_json((out / "run.json").read_text()).verdicts)
            assert [(v.check, v.grade) for v in found] == [("baseline.p50", grade), ("baseline.p99", grade)]
    assert "baseline.p99" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["baseline", "keep", "{f}/none.json"], "cannot read", id="no run"),
        pytest.param(["baseline", "keep", "{f}/empty.json"], "cannot be a baseline: this run has no load result", id="nothing in it"),
        pytest.param(["render", "{f}/same.json", "--baseline", "{f}/none.json"], "cannot read", id="no baseline"),
        pytest.param(["render", "{f}/same.json", "--baseline", "{f}/old.json"], "is not a baseline", id="a run"),
        pytest.param(["render", "{f}/same.json", "--baseline", "{f}"], "holds no baseline", id="a folder of runs"),
        pytest.param(["gate", "--baseline", "{f}/none.json", "--out", "{f}/out"], "cannot read", id="gate"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(
    files: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(f=files) for argument in arguments]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert not (files / "out").exists()


def test_a_folder_gives_the_newest_that_fits(tmp_path: Path) -> None:
    fits, newer = keep(run(1)), keep(run(3).model_copy(update={"environment": Environment(cores=64)}))
    newer = newer.model_copy(update={"started": "2026-11-23T00:00:00Z"})
    for name, made in (("a", fits), ("b", newer)):
        (tmp_path / f"{name}.json").write_text(made.model_dump_json())
    among = candidates(tmp_path)
    assert [baseline.started for baseline in among] == [newer.started, fits.started]
    assert baseline_verdicts.choose(among, run(2)) == ([fits], [])


def test_kept_runs_that_differ_as_much_make_a_warning_of_a_failure() -> None:
    kept = [keep(run(seed, factor=factor)) for seed, factor in ((1, 1.0), (2, 1.25), (3, 1.1))]
    alone = baseline_verdicts.verdicts(kept[:1], run(4, factor=1.25), seed=1)
    beside = baseline_verdicts.verdicts(kept, run(4, factor=1.25), seed=1)
    assert {record.grade for record in alone} == {"FAIL"}
    assert {record.grade for record in beside} == {"ADVISORY"}
    assert (
        "no more than chance on this machine: among the 3 kept runs alone it may become " in beside[0].reason
    )
    assert {r.grade for r in baseline_verdicts.verdicts(kept, run(4, factor=4.0), seed=1)} == {"FAIL"}


def test_a_saturated_run_is_no_baseline() -> None:
    made = run(1)
    tired = made.loads[0].model_copy(
        update={"generator": QUIET.model_copy(update={"saturated": "its core was full"})}
    )
    with pytest.raises(BaselineError, match="its core was full"):
        keep(made.model_copy(update={"loads": [tired]}))


@pytest.mark.parametrize(
    ("factor", "code", "red"),
    [
        pytest.param(1.0, ExitCode.PASS, set(), id="as fast"),
        pytest.param(1.3, ExitCode.FAIL, {"baseline.p50", "baseline.p99"}, id="one operation slower"),
    ],
)
def test_the_gate_compares_with_a_baseline(
    tmp_path: Path, factor: float, code: ExitCode, red: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way, with times that no machine has made: a part that measured so much, a file, a verdict, a page."""
    # The stage's server has a port and a name of its own, and the gate's environment is this machine's.
    stage = GateHarness(tmp_path)
    new = heated(2, slow="createContentItem", factor=factor).model_copy(update={"spec": None, "checks": []})
    plan = stage.plan(stage.part("load", run=new, holds="loads"))
    assert decide(plan) is ExitCode.PASS
    (first,) = plan.out.glob("*/run.json")
    kept, old = tmp_path / "kept.json", tmp_path / "old.json"
    before = Run.model_validate_json(first.read_text()).model_copy(update={"loads": heated(1).loads})
    old.write_text(before.model_dump_json())
    assert main(["baseline", "keep", str(old), "-o", str(kept)]) == ExitCode.PASS
    capsys.readouterr()
    assert decide(replace(plan, out=tmp_path / "again", judges=(judge(kept),))) is code
    folder = only_run(tmp_path / "again")
    brief = json.loads((folder / "verdict.json").read_text())
    found = {reason["check"]: reason["operations"] for reason in brief["reasons"]}
    assert (set(found), brief["exitCode"]) == (red, code)
    assert all(operations == ["createContentItem"] for operations in found.values())
    shown = capsys.readouterr().out
    assert ("p50 of createContentItem in each second of gate" in " ".join(shown.split())) is bool(red)
    assert "Is it slower than it was?" in (folder / "report.html").read_text()


def test_slower_is_a_reason_of_the_report() -> None:
    new = run(2, factor=1.4)
    whole = new.model_copy(update={"verdicts": baseline_verdicts.verdicts([keep(run(1))], new, seed=1)})
    told = tables.report(whole, ReleasePolicy(), made=sample_runs.MADE, version="1")
    assert told.decision.exit_code is ExitCode.FAIL
    assert {"baseline.p50", "baseline.p99"} <= {reason.check for reason in told.reasons}


def test_a_shift_beyond_all_kept_runs_fails_even_where_significance_cannot_be_told() -> None:
    """A slow target answers seldom, and the few windows that resemble each other never suffice for the test."""
    kept = [keep(run(seed, count=24, likeness=0.95)) for seed in (1, 2)]
    told = {
        factor: baseline_verdicts.verdicts(kept, run(3, count=24, likeness=0.95, factor=factor), seed=1)
        for factor in (1.3, 42.0)
    }
    assert {record.grade for record in told[1.3] if not record.subject} <= {"UNKNOWN", "PASS", "ADVISORY"}
    assert {record.grade for record in told[42.0] if not record.subject} == {"FAIL"}
    assert "more than twice the " in told[42.0][0].reason


def failing(made: Run) -> Run:
    load = made.loads[0]
    record = load.verdicts[0].model_copy(update={"grade": "FAIL", "reason": "12 of 40 over 200 ms"})
    return made.model_copy(
        update={"loads": [load.model_copy(update={"verdicts": [record, *load.verdicts[1:]]})]}
    )


@pytest.mark.parametrize(
    ("other", "code", "said"),
    [
        pytest.param(run(2, count=300), ExitCode.PASS, "PASS: B", id="the same"),
        pytest.param(run(2, factor=1.25, count=300), ExitCode.FAIL, "FAIL baseline.p50: p50 of all operations together", id="slower"),
        pytest.param(failing(run(2, count=300)), ExitCode.FAIL, "was PASS, now FAIL: 12 of 40 over 200 ms", id="fails anew"),
        pytest.param(
            run(2, count=300).model_copy(update={"environment": HERE.model_copy(update={"cores": 8})}),
            ExitCode.UNKNOWN, "another machine: 8 cores", id="another machine",
        ),
        pytest.param(sample_runs.RUNS["empty"](), ExitCode.USAGE, "nothing to compare", id="no load"),
    ],
)  # fmt: skip
def test_two_runs_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: Run, code: ExitCode, said: str
) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, made in zip(paths, (run(1, count=300), other), strict=True):
        path.write_text(made.model_dump_json())
    assert main(["compare", *map(str, paths)]) == code
    out, err = capsys.readouterr()
    assert said in " ".join((out + err).split())
