"""The terminal output of a report: decision and reasons in the first ten lines, the path of the report, a row per operation.

It writes to a rich Console of the caller, who decides about width and colour.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.verdict import Grade
from reports.decision.policy import PolicyEffect
from reports.decision.reasons import Reason
from reports.formats.headline import counted, facts, sentence
from reports.summary.tables import LoadTable, OperationRow, Report
from reports.text.display import count, ms, plain, share

FIRST = 3  # for the text of the first reason: what is cut off is often what came
MISSING = 2  # for the sentence on what was not checked
LINES = 8  # for reasons; with the headline and the line that counts the rest they are ten lines
WHO = 48  # characters of the operations, so that the check's name beside them is never what is cut
INDENT = 11  # where the text of a reason begins: two spaces, the longest grade, a space

STYLE: Mapping[str, str] = MappingProxyType(
    {"PASS": "green", "ADVISORY": "yellow", "UNKNOWN": "magenta", "FAIL": "red", "–": "dim"}
)


def show(console: Console, report: Report, *, page: Path | None = None) -> None:
    """Print the report. `page` is the HTML file to point at, if one was written."""
    headline(console, report)
    missing = (
        _wrapped(console, Text(report.not_checked.sentence), MISSING, 4)
        if report.not_checked.sentence
        else []
    )
    for place, row in enumerate(missing):
        console.print(Text.assemble("    " if place else "  ", row), no_wrap=True, overflow="ellipsis")
    hidden = report.reasons[_reasons(console, report, LINES - len(missing)) :]
    if hidden:
        console.print(Text(f"  and {counted(hidden)} more, all in the report", style="dim"))
    console.print()
    where(console, report, page)
    for table in report.tables:
        # Where no part could start there is nothing to say of any operation.
        if table.load or any(row.grade is not None for row in table.rows):
            console.print()
            console.print(operations(table, console.width))
    reconnects(console, report)


def headline(console: Console, report: Report) -> None:
    word = report.decision.word
    text = Text.assemble((f" {word} ", f"bold reverse {STYLE[word]}"), " ", (sentence(report), "bold"))
    console.print(text, no_wrap=True, overflow="ellipsis")


def _reasons(console: Console, report: Report, left: int) -> int:
    """Print as many reasons as ten lines allow; the result is their number. Few reasons may each take more lines."""
    each = max(1, left // max(1, len(report.reasons)) - 1)
    for shown, reason in enumerate(report.reasons):
        rows = _rows(console, reason, each if shown else max(each, FIRST))
        if len(rows) > left:
            return shown
        left -= len(rows)
        for row in rows:
            console.print(row, no_wrap=True, overflow="ellipsis")
    return len(report.reasons)


def _rows(console: Console, reason: Reason, each: int) -> list[Text]:
    """The rows of one reason: a single row if all fits, else the head with the law and at most `each` rows of text, the last one cut."""
    head, text = line(reason)
    if head.cell_len + 1 + text.cell_len <= console.width:
        return [Text.assemble(head, " ", text)]
    if reason.law:
        head.append(f" {reason.law}")
    return [head, *(Text.assemble(" " * INDENT, row) for row in _wrapped(console, text, each, INDENT))]


def _wrapped(console: Console, text: Text, most: int, indent: int) -> list[Text]:
    """The text in at most so many rows; the last one has all the rest, for the caller to cut."""
    rows = list(text.wrap(console, max(20, console.width - indent)))
    if len(rows) > most:
        for row in rows:
            row.rstrip()
        rows[most - 1] = Text(" ").join(rows[most - 1 :])
    return rows[:most]


def line(reason: Reason) -> tuple[Text, Text]:
    """A reason as head and text: `FAIL updateContentItem versions.stale-write:` and `expected 409, got 200 (3 alike)`."""
    text = Text("  ")
    text.append(f"{reason.grade.name:<8} ", style=STYLE[reason.grade.name])
    if reason.accepted:
        text.append("accepted ", style="dim")
    if reason.who:
        text.append(f"{shorten(plain(reason.who), WHO, placeholder=' …')}  ", style="bold")
    text.append(f"{plain(reason.check)}:", style="dim")
    body = Text(reason.text)
    if reason.count > 1:
        body.append(f" ({reason.count:,} alike)", style="dim")
    return text, body


def where(console: Console, report: Report, page: Path | None) -> None:
    rows = [("report", str(page))] if page else []
    replay = next(
        (r.check_result.replay for r in report.reasons if r.check_result and r.check_result.replay), ""
    )
    if replay:
        rows.append(("first one again", replay))
    if report.run.command:
        rows.append(("all again", report.run.command))
    rows.append(("run", " · ".join(f"{name} {value}" for name, value in facts(report))))
    for name, value in rows:
        console.print(Text.assemble((f"  {name}: ", "dim"), plain(value)), soft_wrap=True)


DROPPED = ("max", "p50", "p95")
"""Columns that a narrow terminal does not get, in this order; the page has all of them."""
GAP = 2


def operations(table: LoadTable, width: int) -> Table:
    """The table of the load for a terminal of `width` columns. Numbers are never cut; columns without room are left out."""
    load = table.load
    title = (
        plain(f"{load.scenario}: {load.plan}; times in ms; verdict of all checks")
        if load
        else "no load was run"
    )
    shown = Table(title=title, title_justify="left", title_style="dim", box=None, pad_edge=False)
    over = f">{table.threshold_ms:g}"
    measured = ["requests", "errors", "p50", "p95", "p99", "max", over] if load else []
    names = ["operation", *measured, "verdict"]
    rows = [dict(zip(names, _cells(row, measured=bool(load)), strict=True)) for row in table.rows]
    wide = {name: max(len(name), *(row[name].cell_len for row in rows)) for name in names if rows}
    for name in DROPPED:
        if name in names and sum(wide[kept] + GAP for kept in names if rows) > width + GAP:
            names.remove(name)
    for name in names:
        shown.add_column(name, justify="left" if name in ("operation", "verdict") else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*(row[name] for name in names))
    return shown


def _cells(row: OperationRow, *, measured: bool) -> list[Text]:
    grade = row.grade.name if row.grade is not None else "–"
    over = Text(share(row.over_share), style="red" if row.over_share else "")
    name, verdict = Text(plain(row.operation)), Text(grade, style=STYLE[grade])
    if not measured:
        return [name, verdict]
    return [
        name,
        Text(count(row.requests)),
        Text(count(row.errors), style="red" if row.errors else ""),
        *(Text(ms(row.quantile_ms(q))) for q in (0.5, 0.95, 0.99)),
        Text(ms(row.max_ms)),
        over,
        verdict,
    ]


def reconnects(console: Console, report: Report) -> None:
    if not report.run.reconnects:
        return
    caption = "reconnect: clients back, lost for good, never tried (idle); seconds since the target was back; connects in 100 ms"
    shown = Table(title=caption, title_justify="left", title_style="dim", box=None, pad_edge=False)
    for name in ("policy", "fault"):
        shown.add_column(name, no_wrap=True)
    # Eighty columns have to do: short heads, and the fault without its time scale (the page has it).
    for name in ("all", "back", "lost", "idle", "p50", "p99", "peak"):
        shown.add_column(name, justify="right", no_wrap=True)
    for result in report.run.reconnects:
        recovery = result.recovery.unpack()
        times = [recovery.quantile(q) for q in (0.5, 0.99)]
        lost = result.recovered < result.clients
        shown.add_row(
            Text(plain(result.policy)),
            Text(plain(f"{result.fault.partition(',')[0]} {result.outage_seconds:.2g} s")),
            count(result.clients),
            Text(count(result.recovered), style=STYLE[Grade.FAIL.name] if lost else ""),
            count(result.given_up),
            count(result.never_tried),
            *("–" if time is None else f"{time / 1e9:.1f}" for time in times),
            count(result.peak_connects_100ms),
        )
    console.print()
    console.print(shown)


ANNOTATED = 10
"""GitHub shows no more errors, nor warnings, of one step."""


def workflow_commands(report: Report) -> list[str]:
    """The annotations for GitHub workflows: each reason at the line of openapi.yaml where its operation is."""
    found = []
    for reason in report.reasons:
        level = "error" if reason.effect is PolicyEffect.BLOCK else "warning"
        line = next((n for name in reason.named if (n := report.lines.operations.get(name))), 1)
        text = _command(f"{reason.who}: {plain(reason.text)}" if reason.who else plain(reason.text))
        title = _command(f"{reason.grade.name} {reason.check}").replace(":", "%3A").replace(",", "%2C")
        found.append(f"::{level} file=openapi.yaml,line={line},title={title}::{text}")
    kinds = ("::error", "::warning")
    return [one for kind in kinds for one in [each for each in found if each.startswith(kind)][:ANNOTATED]]


def _command(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
