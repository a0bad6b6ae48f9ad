"""Whole runs of the suite: what makes one right, and what is counted as collateral."""

import json
from pathlib import Path

import pytest

from mock_server.faults import CATALOGUE
from tests.power.matrix import Matrix
from tests.power.named_checks import VERDICTS
from tests.power.runs import whole_suite
from tests.power.runs.whole_suite import Verdict
from tests.reports import sample_runs


@pytest.mark.parametrize(
    ("made", "right"),
    [
        pytest.param(Verdict(seed=1, fault="", exit_code=0), True, id="clean"),
        pytest.param(Verdict(seed=1, fault="", exit_code=1, red=("a.x",)), False, id="false alarm"),
        pytest.param(Verdict(seed=1, fault="", exit_code=2), False, id="something unknown"),
        pytest.param(
            Verdict(seed=1, fault="f", exit_code=1, named=("a.x",), red=("a.x",)), True, id="caught"
        ),
        pytest.param(
            Verdict(seed=1, fault="f", exit_code=0, named=("a.x",), missing=("a.x",)), False, id="missed"
        ),
        pytest.param(
            Verdict(seed=1, fault="f", exit_code=1, named=("a.x",), missing=("a.x",), red=("b.y",)),
            False,
            id="by another",
        ),
        pytest.param(Verdict(seed=1, fault="f", exit_code=-1, told="no end"), False, id="no end"),
    ],
)
def test_what_is_right(made: Verdict, right: bool) -> None:
    assert made.right is right is made.packed()["right"]


def test_collateral_is_counted_by_check_and_not_by_test() -> None:
    made = Verdict(
        seed=1,
        fault="f",
        exit_code=1,
        named=("a.x[one]", "b.y"),
        red=("a.x[one]", "a.x[two]", "b.y", "c.z[1]", "c.z[2]", "d.w"),
    )
    assert made.collateral == ("c.z", "d.w")


def test_a_result_is_read(tmp_path: Path) -> None:
    run = sample_runs.run(checks=sample_runs.checks(), spec=None)
    reds = {f"{c.id}[{c.operation}]" if c.operation else c.id for c in run.checks if c.grade == "FAIL"}
    out = tmp_path / "run.json"
    out.write_text(run.model_dump_json())
    made = whole_suite._verdict(3, CATALOGUE["lost-update"], 1, out, 1.5)
    assert set(made.red) == reds and made.tests == len(run.checks) and not out.exists()
    assert made.missing == tuple(name for name in CATALOGUE["lost-update"].check if name not in reds)


def test_the_draw_is_seeded_and_of_what_the_suite_sees() -> None:
    assert whole_suite.drawn(5, 1) == whole_suite.drawn(5, 1) != whole_suite.drawn(5, 2)
    names = whole_suite.drawn(10_000, 1)
    assert len(names) > 300 and not any(set(CATALOGUE[name].check) <= set(VERDICTS) for name in names)


def test_they_stand_in_the_matrix() -> None:
    clean = [Verdict(seed=seed, fault="", exit_code=0, seconds=50.0) for seed in (1, 2)]
    spoilt = [
        Verdict(seed=1, fault="lost-update", exit_code=1, named=("a.x",), red=("a.x", "b.y"), seconds=60.0)
    ]
    assert whole_suite.headline(clean) == "clean server, 2 seeds: 2 passed, 0 tests red; 50 to 50 s each"
    assert "every named check red on 1; beside them 1 to 1 other checks red" in whole_suite.headline(spoilt)
    beside = {"cleanSeeds": [v.packed() for v in clean], "whole": [v.packed() for v in spoilt]}
    matrix = Matrix([], 1.0, beside=beside)
    assert json.loads(json.dumps(matrix.packed()))["whole"][0]["collateral"] == ["b.y"]
    text = matrix.markdown()
    assert (
        "## The clean server, seed by seed" in text
        and "| `lost-update` | 1 | 1 | yes | 2 | 1 | 0 | 60 |" in text
    )
