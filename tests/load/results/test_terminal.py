"""What a terminal shows of a run: every number at any width, and a line now and then where there is no terminal."""

import io
import os

import pytest
from rich.console import Console

from contracts.run.measurements import VerdictRecord
from contracts.spec import load
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder, SecondTally
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


def test_the_line_of_progress_fits_a_terminal() -> None:
    """One that is wider is not overwritten but repeated, a line a second."""
    total = LoadRecorder({})
    total.planned = total.requests = 306
    total.moments[0] = SecondTally(lateness=123_400_000)
    assert len(terminal.progress(total, (0, 0, 0), 1.0, 50)) < 80


def test_what_is_wider_than_the_terminal_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setattr(terminal.shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    line = terminal.ProgressLine(out)
    line.show("x" * 100)
    assert out.getvalue() == "\r\x1b[K" + "x" * 39
    assert line.text == "x" * 100


def test_one_cause_of_many_unknowns_is_one_line_with_its_count() -> None:
    def unknown(subject: str, late: str, found: str) -> Verdict:
        return Verdict(
            check="objective",
            grade=Grade.UNKNOWN,
            subject=subject,
            reason=f"saturated: {late} late ({found})",
        )

    told = [
        unknown("a", "42 of 473", "0 of 21 over 200 ms: too few"), unknown("b", "42 of 473", "4 of 67 over 200 ms"),
        Verdict(check="objective", grade=Grade.UNKNOWN, subject="c", reason="0 of 9 over 200 ms: too few"),
        Verdict(check="objective", grade=Grade.FAIL, subject="d", reason="20 of 900 over 200 ms"),
        Verdict(check="objective", grade=Grade.FAIL, subject="e", reason="30 of 900 over 200 ms"),
        Verdict(check="ledger", grade=Grade.UNKNOWN, reason="saturated: 42 of 473 late"),
    ]  # fmt: skip
    made, out = sample_runs.RUNS["pass"](), io.StringIO()
    made = made.model_copy(update={"loads": [], "verdicts": [VerdictRecord.of(one) for one in told]})
    terminal.summary(made, SPEC, Console(file=out, width=200))
    lines = [line for line in out.getvalue().splitlines() if line[:7] in ("UNKNOWN", "FAIL   ")]
    assert (
        "UNKNOWN  objective a and 1 more: saturated: 42 of 473 late (0 of 21 over 200 ms: too few)" in lines
    )
    assert [
        line.split(":")[0].split()[-1] for line in lines if "objective" in line and "more" not in line
    ] == ["d", "e", "c"]
    assert any(line.startswith("UNKNOWN  ledger: ") for line in lines)


def test_operations_whose_requests_failed_in_one_way_are_one_line() -> None:
    """Those that failed in two ways, or failed because they were slow, have a line of their own. A restart behind a gateway (220 times 502
    in two seconds) was 17 lines, as some answers after it were slow."""
    ways = [{"429": 3}, {"429": 5}, {"429": 1, "503": 1}, {"500": 2}]
    made = sample_runs.RUNS["pass"]()
    load, rows = made.loads[0], made.loads[0].operations[:4]
    rows = [
        row.model_copy(update={"errors": sum(way.values()), "statuses": way, "over": 0})
        for row, way in zip(rows, ways, strict=True)
    ]
    both, slow = (rows[1].model_copy(update={"operation": name, "over": 7}) for name in ("both", "slow"))
    reasons = [f"{row.errors} of 9 requests failed" for row in (*rows, both)] + ["7 of 9 over 200 ms"]
    told = [
        VerdictRecord.of(Verdict(check="objective", grade=Grade.FAIL, subject=row.operation, reason=reason))
        for row, reason in zip((*rows, both, slow), reasons, strict=True)
    ]
    load = load.model_copy(update={"operations": [*rows, both, slow], "verdicts": []})
    made, out = made.model_copy(update={"loads": [load], "verdicts": told}), io.StringIO()
    terminal.summary(made, SPEC, Console(file=out, width=200))
    lines = [
        line.removeprefix("FAIL     objective ")
        for line in out.getvalue().splitlines()
        if line.startswith("FAIL   ")
    ]
    assert lines == [
        f"{rows[0].operation} and 2 more: 3 of 9 requests failed",
        f"{rows[2].operation}: 2 of 9 requests failed",
        f"{rows[3].operation}: 2 of 9 requests failed",
        "slow: 7 of 9 over 200 ms",
    ]


def test_a_conflict_that_was_provoked_is_no_failure() -> None:
    """27 answers 409 were what their journey wanted; of the operation 5 others failed, one of them by a 409."""
    rows = [
        row.model_copy(update={"errors": 5, "statuses": {"200": 9, "409": 28, "error:timeout": 4}, "error_examples": ["PUT x: timeout", "PUT x: 409 instead"]})
        for row in sample_runs.RUNS["pass"]().loads[0].operations if row.operation == "updateContentItem"
    ]  # fmt: skip
    assert rows
    made, out = sample_runs.RUNS["pass"](), io.StringIO()
    loads = [made.loads[0].model_copy(update={"operations": rows})]
    terminal.summary(made.model_copy(update={"loads": loads}), SPEC, Console(file=out, width=200))
    told = [line for line in out.getvalue().splitlines() if line.startswith("failed:")]
    assert told == [
        "failed: 4 × timeout (updateContentItem), such as PUT x: timeout",
        "failed: 1 × 409 (updateContentItem), such as PUT x: 409 instead",
    ]


def test_each_kind_of_failure_has_an_example_of_its_own_or_none() -> None:
    (row, *_) = sample_runs.RUNS["pass"]().loads[0].operations
    statuses = {"200": 9, "error:timeout": 4, "error:reset": 2, "error:content": 1}
    examples = ["GET x: reset: Connection reset by peer", "GET x: 200: the answer lacks an item"]
    row = row.model_copy(update={"errors": 7, "statuses": statuses, "error_examples": examples})
    made, out = sample_runs.RUNS["pass"](), io.StringIO()
    loads = [made.loads[0].model_copy(update={"operations": [row]})]
    terminal.summary(made.model_copy(update={"loads": loads}), SPEC, Console(file=out, width=200))
    told = [
        line.partition(", such as ")[2] for line in out.getvalue().splitlines() if line.startswith("failed:")
    ]
    assert told == ["", examples[0], examples[1]]


@pytest.mark.parametrize(
    ("failed", "line"),
    [
        ({8: 3, 10: 1}, "all of these requests were due from second 8 to 11 of 20"),
        ({0: 1, 19: 1}, ""),
        ({}, ""),
    ],
)
def test_failures_of_a_short_while_are_told_with_their_time(failed: dict[int, int], line: str) -> None:
    made = sample_runs.RUNS["pass"]()
    window = made.loads[0].windows[0]
    windows = [
        window.model_copy(update={"second": second, "errors": failed.get(second, 0)}) for second in range(20)
    ]
    rows = [made.loads[0].operations[0].model_copy(update={"errors": 4, "statuses": {"502": 4}})]
    load = made.loads[0].model_copy(update={"operations": rows, "windows": windows})
    out = io.StringIO()
    terminal.summary(made.model_copy(update={"loads": [load]}), SPEC, Console(file=out, width=200))
    assert [told for told in out.getvalue().splitlines() if "were due" in told] == [line] * bool(line)
