"""The column of the stock command line: who is asked, what counts as found, and that its record keeps its shape."""

import json
from pathlib import Path

import pytest

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES
from tests.power.cell import Cell
from tests.power.matrix import Matrix
from tests.power.runs import schemathesis_command, stock_schemathesis
from tests.power.runs.fault_bench import FaultBench, steer
from tests.power.runs.stock_schemathesis import Sighting

FAULTS = list(CATALOGUE.values())


def seen(fault: str, outcome: str, *, hooks: bool = False, family: str = "http") -> Sighting:
    return Sighting(
        fault=fault,
        family=family if fault else "",
        outcome=outcome,
        requests=9,
        seconds=1.26,
        told="x",
        hooks=hooks,
    )


def test_the_sample_is_the_study_and_some_of_each_family_that_shows_over_http() -> None:
    names = [fault.name for fault in stock_schemathesis.sample(FAULTS)]
    assert names == [fault.name for fault in stock_schemathesis.sample(FAULTS)]
    assert sum(name.startswith("za-") for name in names) == 10
    for family in FAMILIES:
        count = sum(CATALOGUE[name].family == family and not name.startswith("za-") for name in names)
        assert count == (0 if family == "realtime" else stock_schemathesis.EACH)


@pytest.mark.parametrize(
    ("which", "picked", "count"),
    [("none", False, 0), ("none", True, 0), ("sample", True, 5), ("all", False, 5)],
)
def test_who_is_asked(which: str, picked: bool, count: int) -> None:
    five = [fault for fault in FAULTS if fault.family == "auth"][:5]
    assert len(stock_schemathesis.chosen(which, [*five, CATALOGUE["ws-no-auth"]], picked=picked)) == count


def test_the_record_and_its_sums() -> None:
    sightings = [
        seen("", "missed"),
        seen("za-01-exception", "found"),
        seen("lost-update", "missed", family="meaning"),
        seen("", "missed", hooks=True),
        seen("za-01-exception", "found", hooks=True),
        seen("lost-update", "found", family="meaning", hooks=True),
    ]
    told = json.loads(json.dumps(stock_schemathesis.packed(sightings, "sample")))
    run = told["stockRun"]
    assert (run["asked"], run["found"], run["withHooks"]) == (2, 1, {"asked": 2, "found": 2})
    assert run["families"] == {"meaning": [0, 1], "http": [1, 1]} and len(run["clean"]) == 2
    assert told["stock"]["lost-update"]["outcome"] == "missed"
    assert told["stock"]["lost-update"]["withHooks"]["outcome"] == "found"
    assert stock_schemathesis.alarms(sightings) == []
    assert len(stock_schemathesis.alarms([seen("", "found"), seen("", "timeout", hooks=True)])) == 2


def test_it_stands_in_both_files() -> None:
    cells = [
        Cell(fault="za-01-exception", family="http", check="a.x", outcome="red", requests=3),
        Cell(fault="lost-update", family="meaning", check="a.y", outcome="red", requests=5),
    ]
    sightings = [
        seen("", "missed"),
        seen("za-01-exception", "found"),
        seen("lost-update", "missed", family="meaning"),
    ]
    matrix = Matrix(cells, 1.0, beside=stock_schemathesis.packed(sightings, "sample"))
    assert "1 of 2 faults found by `st run" in matrix.markdown()
    document = json.loads(json.dumps(matrix.packed()))
    again = Matrix.unpacked(document)
    assert json.loads(json.dumps(again.packed())) == document


def test_the_command_itself_finds_an_exception(tmp_path: Path) -> None:
    with FaultBench() as bench:
        steer(bench.server.url, "PUT", "/faults", {"faults": ["za-01-exception"]})
        done = schemathesis_command.run(
            bench.server.url, tmp_path, schemathesis_command.options(seed=1, examples=2)
        )
    assert done.said == "found" and "Server error" in done.told and done.cases > 0
    assert "eyJ" not in done.output


def test_nobody_there_is_an_error_and_no_finding(tmp_path: Path) -> None:
    done = schemathesis_command.run(
        "http://127.0.0.1:9", tmp_path, schemathesis_command.options(seed=1, examples=1)
    )
    assert done.said == "error"
