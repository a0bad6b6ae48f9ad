"""The Markdown of a report, as a comment on a pull request: a short text, with the rest folded.

All text from a target or a file is escaped, so that it can neither leave its line nor mention anyone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from reports.decision.policy import PolicyEffect
from reports.decision.reasons import Reason
from reports.formats.headline import counted, facts, sentence
from reports.summary.tables import LoadTable, Report
from reports.text.display import clipped, count, ms, plain, plural, share

FIRST, FOLDED = 5, 20
"""Reasons that are read at once, and with those behind the fold."""
LENGTH, SHORT = 300, 160
"""Characters of a word of a target's, and of a folded reason; the page has the whole."""

MARK: Mapping[str, str] = MappingProxyType({"PASS": "🟢", "ADVISORY": "🟡", "UNKNOWN": "⚪", "FAIL": "🔴"})

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>|#~$&!()])")


def escape(text: str, most: int = LENGTH) -> str:
    """A text as one line of Markdown without markup. A zero-width space after `@` keeps other people from being notified.

    >>> escape("a | <b>\\n@all")
    'a \\\\| \\\\<b\\\\> @\\u200ball'
    """
    return _ACTIVE.sub(r"\\\1", clipped(plain(text), most)).replace("@", "@\u200b")


def render(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    word = report.decision.word
    yield f"## {MARK[word]} {word}: {sentence(report)}"
    yield ""
    if report.not_checked.sentence:
        yield escape(report.not_checked.sentence, 2 * LENGTH)
        yield ""
    for reason in report.reasons[:FIRST]:
        yield _reason(reason)
    yield from _folded(report.reasons[FIRST:])
    if report.reasons:
        yield ""
    yield " · ".join(f"{name} {escape(value)}" for name, value in facts(report))
    if report.run.command:
        yield ""
        yield f"Again: {_code(report.run.command)}"
    for table in report.tables:
        if table.rows:
            yield ""
            yield from _operations(table)
    if report.run.findings:
        yield ""
        yield from _findings(report)


def _folded(reasons: Sequence[Reason]) -> Iterator[str]:
    if not reasons:
        return
    shown = reasons[: FOLDED - FIRST]
    yield ""
    yield f"<details><summary>and {counted(reasons)} more</summary>"
    yield ""
    for reason in shown:
        yield _reason(reason, short=True)
    if len(reasons) > len(shown):
        yield f"- and {counted(reasons[len(shown) :])} more in the report"
    yield ""
    yield "</details>"


def _reason(reason: Reason, *, short: bool = False) -> str:
    who = f"**{escape(reason.who)}** " if reason.who else ""
    alike = f" ({reason.count:,} alike)" if reason.count > 1 else ""
    warns = "" if reason.effect is PolicyEffect.BLOCK else " *(warning)*"
    accepted = ""
    if reason.accepted:
        entry = reason.accepted
        accepted = f" — accepted by {escape(entry.owner)} until {entry.expires}: {escape(entry.reason)}"
    law = f" — *{escape(reason.law)}*" if reason.law and not short else ""
    line = f"{who}{_code(reason.check)} {escape(reason.text, SHORT if short else LENGTH)}{law}"
    return f"- {MARK[reason.grade.name]} {reason.grade.name}{warns} {line}{alike}{accepted}"


def _code(text: str) -> str:
    """A code span that backticks inside cannot end (CommonMark 6.1: the fence is longer than any run)."""
    line = plain(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _operations(table: LoadTable) -> Iterator[str]:
    plan = escape(f"{table.load.scenario}: {table.load.plan}") if table.load else "no load was run"
    yield f"<details><summary>{plural(len(table.rows), 'operation')} · {plan}</summary>"
    yield ""
    yield f"| operation | requests | errors | p50 | p95 | p99 | max ms | >{table.threshold_ms:g} ms | verdict |"
    yield "| :-- | --: | --: | --: | --: | --: | --: | --: | :-- |"
    for row in table.rows:
        cells = [
            escape(row.operation),
            count(row.requests),
            count(row.errors),
            *(ms(row.quantile_ms(q)) for q in (0.5, 0.95, 0.99)),
            ms(row.max_ms),
            share(row.over_share),
            f"{MARK[row.grade.name]} {row.grade.name}" if row.grade is not None else "–",
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "</details>"


def _findings(report: Report) -> Iterator[str]:
    found = report.run.findings
    yield f"<details><summary>{plural(len(found), 'finding')} about the guide's client</summary>"
    yield ""
    for finding in found:
        number = f" — {escape(finding.number)}" if finding.number else ""
        yield f"- **{escape(finding.id)}** {escape(finding.title)}{number}"
    yield ""
    yield "</details>"
