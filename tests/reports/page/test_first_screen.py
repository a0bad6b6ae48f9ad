"""A stranger's first look at a failure: a real server with one fault, and what stands in the first ten lines and 800 pixels.

The fault turns several checks red. They are one cause, told in one sentence that begins with the operation, and the check that the
catalogue names for it comes first.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from contracts.run import parse
from mock_server.faults import CATALOGUE
from reports.decision.policy import ReleasePolicy
from reports.formats import markdown
from reports.page import report_page
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import on_terminal
from tests.reports.page import browser

ROOT = Path(__file__).resolve().parents[3]
FAULT = CATALOGUE["za-08-delete-nothing"]
SUFFERS = "items.archive or sync.deleted or bulk.partial-failure or bulk.all-fail"
TOLD = "archiveContent answers success and changes nothing: the item is still a draft, version 1"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tables.Report:
    out = tmp_path_factory.mktemp("seeded") / "run.json"
    files = [f"contracts/suite/checks/test_{name}.py" for name in ("lifecycle", "sync", "bulk")]
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files, "-k", SUFFERS]
    argv += ["--run-out", str(out), "--embedded", f"--fault {FAULT.name}"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    run = parse(out.read_bytes(), name=out.name)
    return tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1")


def test_several_checks_are_one_cause_and_the_first_names_it(seeded: tables.Report) -> None:
    red = {check.id for check in seeded.run.checks if check.grade == "FAIL"}
    assert {FAULT.check[0], "bulk.partial-failure", "sync.deleted"} <= red
    assert len(seeded.reasons) <= 3
    assert seeded.reasons[0].check.startswith(FAULT.check[0]) and seeded.reasons[0].text.startswith(TOLD)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_reason_is_in_the_first_ten_lines_of_the_terminal(seeded: tables.Report, width: int) -> None:
    first = " ".join(" ".join(on_terminal(seeded, width).splitlines()[:10]).split())
    assert first.startswith("FAIL the release is blocked: ")
    assert f"FAIL {FAULT.check[0]} and " in first and TOLD in first


def test_and_the_first_of_the_comment(seeded: tables.Report) -> None:
    first = next(line for line in markdown.render(seeded).splitlines() if line.startswith("- "))
    assert FAULT.check[0] in first and markdown.escape(TOLD) in first


@pytest.mark.skipif(browser.find() is None, reason="no Chromium on this machine")
def test_and_in_the_first_screen_of_the_page(seeded: tables.Report, tmp_path: Path) -> None:
    shown = tmp_path / "report.html"
    shown.write_text(report_page.render(seeded), encoding="utf-8")
    program = browser.find()
    assert program is not None
    with browser.browser(program) as tab:
        tab.open(shown, 1280, 800)
        place = (
            "[...document.querySelectorAll('.reasons li')].find(e => e.textContent.includes('items.archive'))"
        )
        assert TOLD in tab.value(f"{place}.innerText")
        assert 0 < tab.value(f"{place}.getBoundingClientRect().bottom") < 800
