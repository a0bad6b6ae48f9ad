"""Every renderer on every sample run, held to the byte; `--update-goldens` accepts a change."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from contracts.verdict import Grade
from reports.decision.policy import ReleasePolicy, parse
from reports.formats import archive, ctrf, junit, markdown, sarif, terminal, wfc
from reports.page import history_page, report_page
from reports.summary import tables
from tests.reports import sample_runs
from tests.reports.conftest import GOLDENS, Golden

ACCEPTING = """
format: 1
rules:
  - check: coverage.*
    effects: {UNKNOWN: warn}
accepted:
  - {check: versions.*, owner: Ada, reason: "fixed in 1.1", expires: 2026-12-31}
  - {check: envelope.*, owner: Bob, reason: "was fine", expires: 2026-11-21}
  - {check: sync.replay, owner: Cyd, reason: "never red", expires: 2027-01-01}
"""


def report(name: str, policy: ReleasePolicy | None = None) -> tables.Report:
    run = sample_runs.RUNS[name]()
    return tables.report(run, policy or ReleasePolicy(), made=sample_runs.MADE, version=sample_runs.VERSION)


def on_terminal(told: tables.Report, width: int = 100) -> str:
    out = io.StringIO()
    terminal.show(
        Console(file=out, width=width, color_system=None), told, page=Path("reports/out/x/report.html")
    )
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


RENDERERS: dict[str, Callable[[tables.Report], str]] = {
    "txt": on_terminal,
    "md": markdown.render,
    "xml": junit.render,
    "html": report_page.render,
    "json": archive.verdict_json,
    "ctrf.json": ctrf.render,
    "sarif": sarif.render,
}


def without_assets(page: str) -> str:
    """A page without its style and script: they are files, which stand in it whole."""
    for name in ("page.css", "page.js"):
        text = (report_page.TEMPLATES / name).read_text(encoding="utf-8")
        assert page.count(text) == 1, f"{name} does not stand in the page once"
        page = page.replace(text, "")
    return page


@pytest.mark.parametrize("ending", RENDERERS)
@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_renders_as_before(name: str, ending: str, golden: Golden) -> None:
    text = RENDERERS[ending](report(name))
    golden.check(f"{name}.{ending}", without_assets(text) if ending == "html" else text)


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_a_narrow_terminal_gets_fewer_columns_and_whole_numbers(name: str, width: int) -> None:
    told = report(name)
    operations = {row.operation for table in told.tables for row in table.rows}
    rows = [line for line in on_terminal(told, width).splitlines() if line.partition(" ")[0] in operations]
    assert [line for line in rows if "…" in line or len(line) > width] == []
    assert not rows or {row.split()[-1] for row in rows} <= {*Grade.__members__, "–"}


def test_renders_failures_for_web_fuzzing_commons_as_before(golden: Golden) -> None:
    golden.check("fail.wfc.json", wfc.render(report("fail")))


ACCEPTED = ("txt", "md", "xml", "json", "ctrf.json", "sarif")


@pytest.mark.parametrize("ending", ACCEPTED)
def test_renders_a_policy_as_before(ending: str, golden: Golden) -> None:
    told = report("fail", parse(ACCEPTING, name="policy.yaml"))
    golden.check(f"accepted.{ending}", RENDERERS[ending](told))


def kept(day: int, p99: float, verdict: str = "PASS") -> history_page.KeptRun:
    return history_page.KeptRun(
        folder=f"202611{day:02}T090000Z",
        started=f"2026-11-{day:02}T09:00:00Z",
        verdict=verdict,
        target=f"http://127.0.0.1:{40000 + day}",
        reason="" if verdict == "PASS" else "49 of 610 over 200 ms <b>",
        p99={("gate", "login"): 12.0, ("gate", "syncContent"): p99},
    )


def test_renders_the_history_as_before(golden: Golden) -> None:
    runs = [kept(5, 61.0, "FAIL"), *(kept(day, 30.0 + day) for day in (4, 3, 2, 1))]
    golden.check("history.html", without_assets(history_page.render(runs)))


def test_no_golden_is_unused() -> None:
    used = {f"{name}.{ending}" for name in sample_runs.RUNS for ending in RENDERERS}
    used |= {f"accepted.{ending}" for ending in ACCEPTED} | {"history.html", "fail.wfc.json"}
    assert {path.name for path in GOLDENS.iterdir()} == used


def test_eighty_columns_cut_no_reason_for_what_was_not_checked() -> None:
    """A part that overran leaves most checks unchecked: the sentence on them goes over two lines, and no column is empty."""
    run = sample_runs.passing()
    late = [check.model_copy(update={"grade": "UNKNOWN", "reason": "the run was interrupted before it"}) for check in run.checks]  # fmt: skip
    told = tables.report(
        run.model_copy(update={"checks": late, "loads": [], "parts": sample_runs.parts(load="skipped")}),
        ReleasePolicy(), made=sample_runs.MADE, version=sample_runs.VERSION,
    )  # fmt: skip
    shown = on_terminal(told, width=80)
    assert " ".join(told.not_checked.sentence.split()) in " ".join(shown.split())
    assert (
        max(map(len, shown.splitlines()[:10])) <= 80
        and "requests" not in shown.partition("no load was run")[2]
    )
