"""The command `python -m reports compare A.json B.json`: whether the second load run is slower, and which verdicts changed.

It compares as the gate does with its baseline (`reports.baseline`): shifts of quantiles with confidence intervals, one stated rate
of false alarms for all of them, and no comparison of runs that are not alike.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.command.exit_code import CODE_OF, ExitCode, Stop
from contracts.command.outermost import discard_output
from contracts.network.output_console import OutputConsole
from contracts.run import OperationLoad, Run, VerdictRecord
from contracts.verdict import Grade
from reports.baseline import baseline_verdicts
from reports.baseline.baseline_file import BaselineError, keep
from reports.commands.baseline_command import SEED
from reports.commands.given_files import run_of
from reports.formats.terminal import STYLE
from reports.text.display import NOTHING, ms, plain, share

Loads = Mapping[tuple[str, str], OperationLoad]

DESCRIPTION = """
Compare two load runs of the same scenario on the same machine: verdicts and percentiles of both, and for each shift whether
chance explains it. Exit code 0: B is not slower; 1: it is, significantly and by over 10 %, or a verdict fails that did not
fail in A; 2: it cannot be told, with the reason.
"""


def options(made: argparse.ArgumentParser) -> None:
    made.description = DESCRIPTION
    made.add_argument("before", type=Path, metavar="A.json", help="the earlier run (--run-out of a load run)")
    made.add_argument("after", type=Path, metavar="B.json", help="the later run")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    before, after = run_of(chosen.before), run_of(chosen.after)
    for path, one in ((chosen.before, before), (chosen.after, after)):
        if not one.loads:
            raise Stop(ExitCode.USAGE, f"{path} has no load result, so there is nothing to compare")
    found = [*_shifts(before, after), *_broken(before, after)]
    try:
        _show(OutputConsole(), before, after, found)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    return CODE_OF[_worst(found)]


def _shifts(before: Run, after: Run) -> list[VerdictRecord]:
    try:
        return baseline_verdicts.verdicts([keep(before)], after, seed=SEED)
    except BaselineError as error:
        reason = f"not comparable with the run of {before.started}: {error}"
        return [VerdictRecord(check="baseline.comparable", grade="UNKNOWN", reason=reason)]


def _worst(found: Sequence[VerdictRecord]) -> Grade:
    return max(Grade[record.grade] for record in found)


def _grades(one: Run) -> Mapping[tuple[str, str, str], VerdictRecord]:
    parts = [("", one.verdicts), *((load.scenario, load.verdicts) for load in one.loads)]
    return {(scenario, v.check, v.subject): v for scenario, found in parts for v in found}


def _broken(before: Run, after: Run) -> Iterator[VerdictRecord]:
    """The verdicts that fail only in the second run."""
    old = _grades(before)
    for key, record in _grades(after).items():
        was = old[key].grade if key in old else "not asked"
        if record.grade == "FAIL" and was != "FAIL":
            reason = f"was {was}, now FAIL: {record.reason}"
            yield record.model_copy(update={"reason": reason})


def _rows(one: Run) -> Loads:
    return {(load.scenario, row.operation): row for load in one.loads for row in load.operations}


def _show(console: Console, before: Run, after: Run, found: Sequence[VerdictRecord]) -> None:
    old, new, was, now = _rows(before), _rows(after), _grades(before), _grades(after)
    shown = Table(
        title="A → B; times in ms", title_justify="left", title_style="dim", box=None, pad_edge=False
    )
    for name in ("operation", "verdict", "p50", "p99", "over", "errors"):
        shown.add_column(
            name, justify="left" if name in ("operation", "verdict") else "right", overflow="fold"
        )
    for scenario, operation in {**old, **new}:
        pair = old.get((scenario, operation)), new.get((scenario, operation))
        grades = [
            each[key].grade if (key := (scenario, "objective", operation)) in each else NOTHING for each in (was, now)
        ]  # fmt: skip
        cells = [_change(*(_cell(row, name) for row in pair)) for name in ("p50", "p99", "over", "errors")]
        shown.add_row(plain(operation), _change(*grades), *cells)
    console.print(shown)
    for record in sorted(found, key=lambda one: -Grade[one.grade]):
        sentence = Text.assemble(
            (f"{record.grade:<8} ", STYLE[record.grade]), f"{record.check} {record.subject}".strip()
        )
        console.print(sentence + Text(f": {plain(record.reason)}"), soft_wrap=True)  # fmt: skip
    grade = _worst(found)
    console.print(
        Text(f"{grade.name}: B ({after.started}) beside A ({before.started})", f"bold {STYLE[grade.name]}")
    )


def _change(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _cell(row: OperationLoad | None, name: str) -> str:
    if row is None or not row.answered + row.errors:
        return NOTHING
    if name == "errors":
        return share(row.errors / (row.answered + row.errors))
    if name == "over":
        return share(row.over / row.answered) if row.answered else NOTHING
    value = row.latency.unpack().quantile(int(name[1:]) / 100)
    return ms(None if value is None else value / 1e6)
