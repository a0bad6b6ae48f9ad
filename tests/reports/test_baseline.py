"""Baselines: what is comparable, what is slower, and how often chance alone would raise an alarm.

The simulations draw windows as a server gives them: log-normal, each like the one before it (AR(1)), with a stall
now and then. Their numbers are from a fixed seed; the bounds leave room for nothing but that.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts.run import Environment, Generator, LoadResult, Run, Window
from contracts.verdict import Grade
from reports import summary
from reports.baseline import compare, statistics
from reports.baseline.kept import BaselineError, candidates, keep, read
from reports.baseline.statistics import ALPHA, mann_whitney, shift
from reports.cli import main
from reports.exitcode import ExitCode
from reports.policy import Policy
from tests.reports import samples

QUIET = Generator(planned=1, sent=1, late=0, dropped=0, unfinished=0)


def series(
    rng: random.Random, count: int, likeness: float, spread: float, factor: float = 1.0
) -> list[float]:
    """ns; `likeness` is the correlation of neighbours, `spread` the coefficient of variation."""
    sigma = math.sqrt(math.log(1 + spread**2))
    state, found = rng.gauss(0, 1), []
    for _ in range(count):
        state = likeness * state + math.sqrt(1 - likeness**2) * rng.gauss(0, 1)
        stall = rng.uniform(5, 20) if rng.random() < 0.02 else 1.0
        found.append(10e6 * math.exp(sigma * state) * stall * factor)
    return found


def load(p50: Sequence[float], p99: Sequence[float], *, slow: str = "") -> LoadResult:
    windows = [
        Window(second=i, planned=1, sent=1, done=1, errors=0, over=0, lateness_max=0, p50=a, p99=b)
        for i, (a, b) in enumerate(zip(p50, p99, strict=True))
    ]
    return samples.load(slow=slow).model_copy(update={"windows": windows, "generator": QUIET})


def run(seed: int, *, factor: float = 1.0, count: int = 60, likeness: float = 0.3, slow: str = "") -> Run:
    rng = random.Random(seed)
    p50, p99 = (series(rng, count, likeness, 0.08, factor) for _ in range(2))
    return samples.run(checks=samples.checks(), loads=[load(p50, p99, slow=slow)])


def grades(old: Run, new: Run) -> dict[str, str]:
    return {record.check: record.grade for record in compare.verdicts([keep(old)], new, seed=1)}


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


def alarms(count: int, likeness: float, spread: float, factor: float, times: int) -> dict[str, float]:
    """How often a run is called slower, when both of its quantiles are looked at as `compare` does."""
    rng = random.Random(f"{count} {likeness} {spread} {factor}")
    found = dict.fromkeys(Grade.__members__, 0)
    for seed in range(times):
        worst = Grade.PASS
        for _ in compare.QUANTILES:
            old, new = series(rng, count, likeness, spread), series(rng, count, likeness, spread, factor)
            worst = max(worst, compare.grade(shift(old, new, seed=seed, alpha=compare.LEVEL)))
        found[worst.name] += 1
    return {name: number / times for name, number in found.items()}


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a quantile of 2.5 %, and five times faster."""
    monkeypatch.setattr(statistics, "DRAWS", 200)


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("spread", [0.05, 0.3])
@pytest.mark.parametrize(
    ("count", "likeness"),
    [(30, 0.0), (30, 0.5), (30, 0.8), (30, 0.9), (50, 0.0), (50, 0.5), (50, 0.8), (50, 0.9), (200, 0.8)],
)
def test_two_runs_of_the_same_are_not_called_slower(count: int, likeness: float, spread: float) -> None:
    found = alarms(count, likeness, spread, 1.0, 60)
    assert found["FAIL"] <= ALPHA


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("count", "likeness", "spread", "power"),
    [
        pytest.param(50, 0.0, 0.05, 0.95, id="quick, strangers"),
        pytest.param(50, 0.5, 0.05, 0.8, id="quick, neighbours alike"),
        pytest.param(200, 0.5, 0.1, 0.9, id="release, neighbours alike"),
    ],
)
def test_a_slowdown_of_15_percent_is_found(count: int, likeness: float, spread: float, power: float) -> None:
    assert alarms(count, likeness, spread, 1.15, 40)["FAIL"] >= power


def test_windows_too_alike_are_never_a_failure() -> None:
    rng = random.Random(5)
    old, new = series(rng, 40, 0.97, 0.2), series(rng, 40, 0.97, 0.2, 1.5)
    found = shift(old, new, seed=1)
    assert not found.enough and not found.significant
    assert compare.grade(found) in (Grade.UNKNOWN, Grade.PASS)


def test_the_same_files_give_the_same_verdict() -> None:
    one, other = run(1), run(2, factor=1.07)
    assert compare.verdicts([keep(one)], other, seed=1) == compare.verdicts([keep(one)], other, seed=1)


@pytest.mark.parametrize(("n", "m"), [(3, 4), (5, 5), (6, 3)])
def test_mann_whitney_is_the_share_of_arrangements(n: int, m: int) -> None:
    arranged = [set(chosen) for chosen in itertools.combinations(range(n + m), m)]

    def wins(chosen: set[int]) -> int:
        return sum(1 for a in chosen for b in range(n + m) if b not in chosen and a > b)

    for chosen in arranged[::5]:
        expected = sum(wins(other) >= wins(chosen) for other in arranged) / len(arranged)
        old = [float(v) for v in range(n + m) if v not in chosen]
        assert mann_whitney(old, sorted(map(float, chosen))) == pytest.approx(expected)


def test_mann_whitney_with_ties_and_many_values() -> None:
    assert mann_whitney([1.0] * 10, [1.0] * 10) == 1.0
    assert mann_whitney([1.0, 2.0] * 20, [1.0, 2.0] * 20) == pytest.approx(0.5, abs=0.01)
    assert mann_whitney([1.0, 2.0] * 20, [3.0, 4.0] * 20) < 1e-9


HERE = samples.HERE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"environment": HERE.model_copy(update={"cores": 8})}, "another machine: 8 cores", id="cores"),
        pytest.param({"environment": HERE.model_copy(update={"platform": "Darwin-25 arm64"})}, "Darwin arm64", id="platform"),
        pytest.param({"environment": HERE.model_copy(update={"server": "granian"})}, "server granian", id="server"),
        pytest.param({"target": "https://staging.tchat.com"}, "another target: https://staging.tchat.com", id="target"),
        pytest.param({"spec": samples.SPEC.model_copy(update={"digest": "f" * 64})}, "another openapi.yaml: 1.0.0 ffffffffffff", id="spec"),
        pytest.param({"loads": []}, "this run has no load result", id="nothing measured"),
    ],
)  # fmt: skip
def test_refuses_what_is_not_alike(change: dict[str, object], said: str) -> None:
    (record,) = compare.verdicts([keep(run(1))], run(2).model_copy(update=change), seed=1)
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
    (record,) = compare.verdicts([keep(run(1))], other, seed=1)
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


def test_too_few_windows_are_unknown() -> None:
    assert set(grades(run(1), run(2, count=19)).values()) == {"UNKNOWN"}


def test_the_reason_says_what_was_compared_and_where_to_look() -> None:
    records = compare.verdicts([keep(run(1))], run(2, factor=1.4, slow="syncContent"), seed=1)
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
        ("empty", samples.empty()),
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
    assert compare.choose(among, run(2)) == (fits, [])


def test_a_saturated_run_is_no_baseline() -> None:
    made = run(1)
    tired = made.loads[0].model_copy(
        update={"generator": QUIET.model_copy(update={"saturated": "its core was full"})}
    )
    with pytest.raises(BaselineError, match="its core was full"):
        keep(made.model_copy(update={"loads": [tired]}))


def test_slower_is_a_reason_of_the_report() -> None:
    new = run(2, factor=1.4)
    whole = new.model_copy(update={"verdicts": compare.verdicts([keep(run(1))], new, seed=1)})
    told = summary.report(whole, Policy(), made=samples.MADE, version="1")
    assert told.decision.exit_code is ExitCode.FAIL
    assert {"baseline.p50", "baseline.p99"} <= {reason.check for reason in told.reasons}
