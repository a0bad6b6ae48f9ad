"""The terminal output of a load run: a progress line during the run, and a table at its end."""

import logging
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table

from contracts.command.outermost import output_may_fail
from contracts.network.output_console import OutputConsole
from contracts.run import LoadResult, OperationLoad, Run
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.journeys import ALL

COLOUR = {Grade.PASS: "green", Grade.ADVISORY: "cyan", Grade.UNKNOWN: "yellow", Grade.FAIL: "red"}
WORST_FIRST = 12
GRADED = frozenset({"objective", "answers", "realtime.connect", "realtime.heartbeat"})
"""Checks whose verdict is shown in the row of its subject."""
SHOWN_IF_PASSED = ("people", "own.")
"""Prefixes of checks whose reason is printed even if they pass."""

UNMARKED = frozenset({"content", "token"})
"""Kinds of failure whose examples tell the status in place of the kind."""
FAILED = " requests failed"
"""The part of a reason that is about failed requests and not about slow ones."""
NUMBER = re.compile(r"\d[\d.,]*")
SELDOM = 10.0
WIDE = 140
"""The width of output that is not a terminal, so that a log or a pipe keeps all numbers."""


def console() -> Console:
    return OutputConsole(highlight=False, width=None if sys.stdout.isatty() else WIDE)


NUMBERS = ("requests", "errors", "p50 ms", "p95 ms", "p99 ms", "max ms", "over", "p99 sent")
DROPPED = ("p99 sent", "max ms", "p50 ms", "p95 ms")
"""Columns that a narrow terminal leaves out, in this order; `--run-out` has all of them."""
NAMES, GRADES = 20, 14
"""The width of the operation's column, and of the verdict with the borders."""


class ProgressLine:
    """The progress line: overwritten in place on a terminal, else a line of the log every SELDOM seconds. `text` is the last
    line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()
        self._shown = time.monotonic()
        self.text = ""

    def show(self, text: str) -> None:
        self.text = text or self.text
        now = time.monotonic()
        if self._on:
            room = shutil.get_terminal_size().columns - 1  # a longer one would not be overwritten
            self._stream.write(f"\r\x1b[K{text[:room]}")
        elif text and now - self._shown >= SELDOM:
            self._shown = now
            logging.getLogger(__name__).info("%s", text.strip())
        self._stream.flush()

    def clear(self) -> None:
        self.show("")


def progress(total: LoadRecorder, before: tuple[int, int, int], seconds: float, left: float) -> str:
    """The progress of a run in one line. `before` is (planned, sent, done) at the last line, `seconds` ago."""
    rates = (
        (now - then) / seconds
        for now, then in zip((total.planned, total.requests, total.done), before, strict=True)
    )
    planned, sent, done = rates
    answered = total.done - total.errors
    over = total.over / answered if answered else 0.0
    moments = total.moments
    lateness = moments[max(moments)].lateness / 1e6 if moments else 0.0
    return (
        f"{left:.0f} s left: planned {planned:.0f}, sent {sent:.0f}, done {done:.0f}/s; "
        f"{over:.1%} over, {total.errors} errors, {lateness:.0f} ms late"
    )


@output_may_fail()
def summary(run: Run, spec: Spec, console: Console) -> None:
    """Print the table of each load, the verdicts that are not PASS, worst first, and the verdict of the run."""
    for load in run.loads:
        console.print(_table(load, spec, console.width))
        console.print(_generator(load), markup=False, highlight=False)
        for line in _failures(load):
            console.print(line, markup=False, highlight=False)
        for record in load.verdicts:
            if record.check.startswith(SHOWN_IF_PASSED) and record.subject:
                console.print(f"{record.subject}: {record.reason}", markup=False, highlight=False)
    found = run.all_verdicts()
    kinds = {
        row.operation: kind for load in run.loads for row in load.operations if (kind := _only_kind(row))
    }
    lines = _alike([v for v in found if v.grade is not Grade.PASS], kinds)
    for grade, line in lines[:WORST_FIRST]:
        console.print(line, style=COLOUR[grade], markup=False, highlight=False)
    if len(lines) > WORST_FIRST:
        console.print(f"and {len(lines) - WORST_FIRST} more; --run-out and --report have all")
    passed = sum(verdict.grade is Grade.PASS for verdict in found)
    grade = run.grade
    console.print(
        f"{grade.name}: {passed} of {len(found)} verdicts pass",
        style=f"bold {COLOUR[grade]}",
        highlight=False,
    )


def _failures(load: LoadResult) -> Iterator[str]:
    """One line for each kind of failure, with its count, operations and one example, the most frequent first."""
    counts: Counter[str] = Counter()
    where: dict[str, list[OperationLoad]] = {}
    for row in load.operations:
        for kind, count in _failed(row).items():
            counts[kind] += count
            where.setdefault(kind, []).append(row)
    for kind, count in counts.most_common():
        rows = where[kind]
        name, examples = kind.removeprefix("error:"), [text for row in rows for text in row.error_examples]
        marks = [f": {other.removeprefix('error:')}" for other in counts]
        example = next((text for text in examples if f": {name}" in text), "")
        if name in UNMARKED:
            example = next((text for text in examples if not any(mark in text for mark in marks)), "")
        names = ", ".join(row.operation for row in rows[:3]) + (
            f" and {len(rows) - 3} more" if len(rows) > 3 else ""
        )
        yield f"failed: {count} × {name} ({names})" + (f", such as {example}" if example else "")
    seconds = [window.second for window in load.windows if window.errors]
    if seconds and 2 * (seconds[-1] - seconds[0] + 1) < len(load.windows):
        yield f"all of these requests were due from second {seconds[0]} to {seconds[-1] + 1} of {len(load.windows)}"


def _failed(row: OperationLoad) -> Counter[str]:
    """The failed requests of an operation by status and kind. A status that a journey provokes (a conflict) is also among the
    answered ones; only the rest of the errors belongs to it."""
    found = Counter(
        {kind: count for kind, count in row.statuses.items() if kind.startswith("error:") or kind[0] in "45"}
    )
    meant = {str(journey.expects) for journey in ALL.values() if journey.operation == row.operation} & {
        *found
    }
    left = row.errors - sum(count for kind, count in found.items() if kind not in meant)
    for kind in meant:
        found[kind] = min(found[kind], max(0, left))
        left -= found[kind]
    return +found


def _only_kind(row: OperationLoad) -> str:
    """The kind of all failed requests of an operation; empty if there are several."""
    found = _failed(row)
    return next(iter(found)) if len(found) == 1 else ""


def _alike(verdicts: Sequence[Verdict], kinds: Mapping[str, str]) -> list[tuple[Grade, str]]:
    """The lines of these verdicts. Verdicts that have one cause are one line, with their number; those that are FAIL have one only where
    requests of several operations failed in one way (`kinds`), such as a limit of the rate."""
    groups: dict[tuple[Grade, str, str], list[Verdict]] = {}
    for number, verdict in enumerate(verdicts):
        cause = NUMBER.sub("", verdict.reason.partition(" (")[0])
        if verdict.grade is Grade.FAIL:
            about_them = verdict.check == "objective" and FAILED in verdict.reason
            cause = kinds.get(verdict.subject, "") if about_them else ""
            cause = cause or str(number)
        groups.setdefault((verdict.grade, verdict.check, cause), []).append(verdict)
    return [(first.grade, _reason_line(first, len(others))) for first, *others in groups.values()]


def _reason_line(verdict: Verdict, others: int) -> str:
    subject = f" {verdict.subject}" if verdict.subject else ""
    more = f" and {others} more" if others else ""
    return f"{verdict.grade.name:8} {verdict.check}{subject}{more}: {verdict.reason}"


def _table(load: LoadResult, spec: Spec, width: int) -> Table:
    table = Table(title=f"{load.scenario}: {load.plan}", title_justify="left")
    rows = [_numbers(row) for row in load.operations]
    kept = _fitting(rows, width)
    table.add_column("operation", no_wrap=len(kept) == len(NUMBERS), overflow="fold", min_width=NAMES)
    for name in kept:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    grades: Mapping[str, str] = {v.subject: v.grade for v in load.verdicts if v.check in GRADED and v.subject}
    for row, numbers in zip(load.operations, rows, strict=True):
        label = (
            spec[row.operation].label
            if row.operation in {one.id for one in spec.endpoints}
            else row.operation
        )
        grade = grades.get(row.operation, "")
        colour = COLOUR[Grade[grade]] if grade else ""
        table.add_row(label, *(numbers[name] for name in kept), f"[{colour}]{grade}[/]" if colour else grade)
    return table


def _fitting(rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    """The columns that fit into a width with folded names; those of DROPPED are left out first."""
    kept = list(NUMBERS)

    def needed() -> int:
        return NAMES + GRADES + sum(3 + max(len(name), *(len(row[name]) for row in rows)) for name in kept)

    for name in DROPPED:
        if rows and needed() > width:
            kept.remove(name)
    return kept


def _numbers(row: OperationLoad) -> dict[str, str]:
    latency, service = row.latency.unpack(), row.service.unpack()
    quantiles = [latency.quantile(0.5), latency.quantile(0.95), latency.quantile(0.99), latency.maximum]
    over = f"{row.over / row.answered:.2%}" if row.answered else "-"
    times = [_ms(value) for value in quantiles]
    cells = [str(row.answered + row.errors), str(row.errors), *times, over, _ms(service.quantile(0.99))]
    return dict(zip(NUMBERS, cells, strict=True))


def _ms(nanoseconds: float | None) -> str:
    return "-" if nanoseconds is None else f"{nanoseconds / 1e6:.1f}"


def _generator(load: LoadResult) -> str:
    g = load.generator
    cpu = "-" if g.cpu is None else f"{g.cpu:.0%} of a core"
    return (
        f"generator: {g.planned} planned, {g.sent} sent, {g.late} late, {g.dropped} dropped, {g.unfinished} unfinished; "
        f"{cpu}, loop lag p99 {_ms(g.loop_lag_p99)} ms; latency counts from the due time ('p99 sent': from sending)"
    )
