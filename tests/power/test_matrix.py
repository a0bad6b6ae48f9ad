"""The matrix counts what its cells say, and nothing that is not red counts as detected."""

import json

import pytest

from tests.power.cell import OUTCOMES, Cell, Outcome
from tests.power.matrix import Matrix


def _cell(fault: str, check: str, outcome: Outcome = "red", requests: int = 1, *, named: bool = True) -> Cell:
    family = fault.partition("-")[0]
    return Cell(
        fault=fault, family=family, check=check, given=fault, outcome=outcome, requests=requests, named=named
    )


CELLS = [
    _cell("auth-one", "a.x", requests=3),
    _cell("auth-two", "a.x", requests=9),
    _cell("auth-two", "a.y", "missed", 50),
    _cell("http-one", "h.x", requests=4),
    _cell("auth-one", "free.z", requests=1, named=False),
]


def test_a_fault_is_detected_when_every_check_that_it_names_is_red() -> None:
    matrix = Matrix(CELLS, 2.0)
    assert list(matrix.faults) == ["auth-one", "auth-two", "http-one"]
    assert matrix.detected == 2
    assert [(cell.fault, cell.check) for cell in matrix.wanting] == [("auth-two", "a.y")]


@pytest.mark.parametrize("outcome", [outcome for outcome in OUTCOMES if outcome != "red"])
def test_nothing_but_red_counts(outcome: Outcome) -> None:
    matrix = Matrix([_cell("auth-one", "a.x", outcome)], 1.0)
    assert matrix.detected == 0 and len(matrix.wanting) == 1
    assert f"1 {outcome}" in matrix.headline() and "## Not red" in matrix.markdown()


def test_the_grid_points_at_its_names() -> None:
    grid = json.loads(json.dumps(Matrix(CELLS, 2.0).packed()))["grid"]
    assert grid["families"] == [["auth", 0, 2], ["http", 2, 1]]
    told = [(grid["rows"][r], grid["columns"][c], grid["outcomes"][o], n) for r, c, o, n, _ in grid["cells"]]
    assert told == [(cell.fault, cell.check, cell.outcome, cell.requests) for cell in CELLS if cell.named]


def test_the_tables_have_a_row_for_each_cell() -> None:
    text = Matrix(CELLS, 2.0).markdown()
    assert text.count("\n| `") == len(CELLS) + 1  # what is not red stands twice
    assert "## Checks that no fault names" in text
