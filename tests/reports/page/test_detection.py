"""The detection matrix in a report: what `make power` writes is read, what it leaves out is no error, nothing is invented."""

import json
from pathlib import Path
from typing import Any

import pytest

from reports.cli import main
from reports.decision.policy import ReleasePolicy
from reports.page import report_page
from reports.summary import detection, tables
from tests.power.cell import Cell
from tests.power.matrix import Matrix
from tests.reports import sample_runs

CELLS = [
    Cell(fault="a", family="http", check="shape.answers", outcome="red", requests=3, seconds=0.5),
    Cell(fault="a", family="http", check="http.etag", outcome="red", requests=9, seconds=0.1),
    Cell(fault="b", family="meaning", check="items.order", outcome="missed", requests=40),
    Cell(fault="b", family="meaning", check="items.pages", outcome="red", requests=8),
    Cell(fault="x", family="meaning", check="smoke.reaches", outcome="red", named=False),
]


def written() -> dict[str, Any]:
    packed = Matrix(CELLS, 12.0, clean=549, alarms=["items.order"]).packed()
    found: dict[str, Any] = json.loads(json.dumps(packed))
    return found


def html(found: detection.DetectionMatrix | None) -> str:
    told = tables.report(
        sample_runs.passing(), ReleasePolicy(), made=sample_runs.MADE, version="1", power=found
    )
    return report_page.render(told)


def test_reads_what_make_power_writes() -> None:
    found = detection.of(written(), "2026-11-22")
    assert [(fault.name, fault.caught, fault.requests) for fault in found.faults] == [
        ("a", True, 3),
        ("b", False, 8),
    ]
    assert (found.detected, found.clean, found.alarms, found.stock) == (1, 549, 1, None)
    assert found.grid == {
        ("http", "shape"): (1, 1),
        ("http", "http"): (1, 1),
        ("meaning", "items"): (1, 2),
    }
    assert found.of("meaning") == (0, 1)


@pytest.mark.parametrize(
    ("stock", "told"),
    [
        ({"a": {"outcome": "found"}, "b": {"outcome": "timeout"}}, ["found", "timeout"]),
        ({"a": {"outcome": "missed", "requests": 9}}, ["missed", ""]),
        ({}, ["", ""]),
    ],
)
def test_the_stock_command_line_is_told_where_it_was_run(stock: dict[str, Any], told: list[str]) -> None:
    found = detection.of(written() | {"stock": stock}, "2026-11-22")
    assert [fault.stock for fault in found.faults] == told
    assert ("stock st" in html(found)) is any(told)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"cells": []}', '{"cells": [{"fault": "a"}]}', '{"cells": {"a": 1}}'],
)
def test_a_file_that_is_none_is_as_none(tmp_path: Path, text: str) -> None:
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(text)
    good.write_text(json.dumps(written()))
    assert detection.read(bad) is None
    assert detection.read(bad, good) is not None


def test_the_page_says_what_was_missed_and_how_to_measure() -> None:
    told = html(detection.of(written(), "2026-11-22"))
    assert "1 of 2 faults were caught" in told
    assert 'class="missed" title="meaning faults, items checks: 1 of 2 red">1/2<' in told
    assert told.index("items.order missed") < told.index(">a<")
    assert "make power" not in told and "make power" in html(None)


def test_the_file_beside_the_runs_is_found(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(sample_runs.passing().model_dump_json())
    (tmp_path / "power.json").write_text(json.dumps(written()))
    main(["render", str(tmp_path / "run.json"), "--out", str(tmp_path / "x")])
    assert "1 of 2 faults were caught" in (tmp_path / "x" / "report.html").read_text()


def test_a_catalogue_twice_as_large_fits() -> None:
    cells = [
        Cell(fault=f"a-fault-with-a-long-name-{n}", family="meaning", check="items.pagination-agrees",
             outcome="red", requests=n, seconds=0.01)
        for n in range(800)
    ]  # fmt: skip
    found = detection.of(Matrix(cells, 1.0).packed(), "2026-11-22")
    assert len(html(found).encode()) - len(html(None).encode()) < 200_000
