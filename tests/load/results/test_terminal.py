"""What a terminal shows of a run: every number at any width, and a line now and then where there is no terminal."""

import io

import pytest
from rich.console import Console

from contracts.run.measurements import VerdictRecord
from contracts.spec import load
from contracts.verdict import Grade, Verdict
from load.results import terminal
from tests.reports import sample_runs

SPEC = load()


@pytest.mark.parametrize(("width", "columns"), [(140, 8), (96, 6), (80, 5), (60, 4)])
def test_every_number_is_readable_at_any_width(width: int, columns: int) -> None:
    out = io.StringIO()
    terminal.summary(sample_runs.RUNS["pass"](), SPEC, Console(file=out, width=width))
    table = out.getvalue().split("generator:")[0]
    shown = [name for name in terminal.NUMBERS if name in table]
    assert (len(shown), "…" in table) == (columns, False), table
    assert shown == [name for name in terminal.NUMBERS if name not in terminal.DROPPED[: 8 - columns]]


def test_each_kind_of_failure_is_told_once_with_its_count() -> None:
    made = sample_runs.RUNS["pass"]()
    rows = [
        row.model_copy(update={"errors": n, "statuses": {"200": 9, "503": n, "error:timeout": 1}, "error_examples": ["GET /x: 503"]})
        for n, row in enumerate(made.loads[0].operations[:5], 1)
    ]  # fmt: skip
    out = io.StringIO()
    loads = [made.loads[0].model_copy(update={"operations": rows})]
    terminal.summary(made.model_copy(update={"loads": loads}), SPEC, Console(file=out, width=200))
    told = [line.split(" (")[0] for line in out.getvalue().splitlines() if line.startswith("failed:")]
    assert told == ["failed: 15 × 503", "failed: 5 × timeout"]


def test_what_is_left_out_of_the_list_is_counted() -> None:
    made = sample_runs.RUNS["pass"]()
    slow = Verdict(check="objective", grade=Grade.FAIL, reason="slow")
    wrong = [VerdictRecord.of(slow)] * (terminal.WORST_FIRST + 3)
    made, out = made.model_copy(update={"loads": [], "verdicts": wrong}), io.StringIO()
    left = sum(v.grade is not Grade.PASS for v in made.all_verdicts()) - terminal.WORST_FIRST
    terminal.summary(made, SPEC, Console(file=out))
    assert out.getvalue().count("FAIL     objective") == terminal.WORST_FIRST
    assert f"and {left} more;" in out.getvalue()


def test_without_a_terminal_a_line_of_the_log_comes_seldom(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now, out = [0.0], io.StringIO()
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    line = terminal.ProgressLine(out)
    for second in range(25):
        now[0] = float(second)
        line.show(f"{second} s")
    line.clear()
    assert (out.getvalue(), caplog.messages, line.text) == ("", ["10 s", "20 s"], "24 s")
