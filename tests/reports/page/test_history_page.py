"""Kept runs on one page: what is put on one line, what is marked, and what is no run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reports.formats import archive
from reports.page import history_page
from tests.reports.formats.test_goldens import kept, report


def test_collects_newest_first_and_skips_what_is_no_run(tmp_path: Path) -> None:
    for folder, name in (("20261120T000000Z", "pass"), ("20261121T000000Z", "fail")):
        (tmp_path / folder).mkdir()
        told = json.loads(archive.verdict_json(report(name)))
        (tmp_path / folder / "verdict.json").write_text(json.dumps(told | {"started": folder}))
    (tmp_path / "20261121T000000Z" / "report.html").write_text("")
    for folder, text in (("broken", "{"), ("alien", '{"started": "2099"}'), ("list", "[]")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "verdict.json").write_text(text)
    (tmp_path / "empty").mkdir()
    runs = history_page.collect(tmp_path)
    assert [(run.folder, run.verdict) for run in runs] == [
        ("20261121T000000Z", "FAIL"),
        ("20261120T000000Z", "PASS"),
    ]
    assert len(runs[0].p99) == 17
    assert history_page.write(tmp_path) == []
    page = (tmp_path / "index.html").read_text()
    assert "20261121T000000Z/report.html" in page and "20261120T000000Z/report.html" not in page


def test_targets_do_not_mix() -> None:
    here, there = kept(1, 10.0), replace(kept(2, 90.0), target="https://api.example.org")
    assert history_page.trends([there, here]) == []
    both = history_page.trends([there, here, replace(there, folder="x")])
    assert {trend.place for trend in both} == {"https://api.example.org"}


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        pytest.param((4, 4, 9), (), id="two before are too few"),
        pytest.param((4, 4, 4, 6), (), id="half as slow again is the border"),
        pytest.param((4, 4, 4, 6.1), (3,), id="beyond it"),
        pytest.param((4, 4, 4, 9, 9, 9, 9), (3, 4, 5), id="until it is the usual"),
        pytest.param((9, 9, 9, 4), (), id="faster is no regression"),
    ],
)
def test_marks(values: tuple[float, ...], marked: tuple[int, ...]) -> None:
    assert history_page.Trend(place="", scenario="", operation="", values=values).marked == marked
