"""The results of a comparison as an exit code, verdict records, text and JSON.

A change of a shared schema affects many operations; the text shows it once, with the operations beside it.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from contracts.command.exit_code import ExitCode
from contracts.run import VerdictRecord
from contracts.verdict import Grade, Verdict
from reports.compat.difference import REMARKED, RULES, Difference, Severity
from reports.compat.document_source import SourceDocument
from reports.text.display import plain, plural

GRADES: Mapping[Severity, Grade] = MappingProxyType(
    {Severity.BREAKING: Grade.FAIL, Severity.UNKNOWN: Grade.UNKNOWN, Severity.HARMLESS: Grade.PASS}
)
STYLE = MappingProxyType({Severity.BREAKING: "red", Severity.UNKNOWN: "magenta", Severity.HARMLESS: "green"})
SHOWN = 3
"""How many operations are named beside a change; of the rest only their number is shown."""


def exit_code(changes: Sequence[Difference]) -> ExitCode:
    severities = {change.severity for change in changes}
    if Severity.BREAKING in severities:
        return ExitCode.FAIL
    return ExitCode.UNKNOWN if Severity.UNKNOWN in severities else ExitCode.PASS


def verdicts(changes: Sequence[Difference], old: SourceDocument, against: str) -> list[VerdictRecord]:
    """One verdict for each change that needs a reader, and one that counts the harmless changes."""
    found = [_verdict(change, against) for change in changes if grade(change) is not Grade.PASS]
    harmless = len(changes) - len(found)
    message = (
        f"compared with {against} ({old.version}, {old.digest[:12]}): {plural(harmless, 'harmless change')}"
    )
    compared = Verdict(check="compat.compared", grade=Grade.PASS, reason=message)
    return [*found, VerdictRecord.of(compared)]


def grade(change: Difference) -> Grade:
    if change.severity is Severity.HARMLESS and change.rule in REMARKED:
        return Grade.ADVISORY
    return GRADES[change.severity]


def _verdict(change: Difference, against: str) -> VerdictRecord:
    evidence = {"pointer": change.pointer, "side": change.side}
    reason = f"{change.text} (since {against})"
    return VerdictRecord.of(
        Verdict(
            check=f"compat.{change.rule}", grade=grade(change), subject=change.operation, reason=reason, evidence=evidence
        )
    )  # fmt: skip


def print_changes(console: Console, changes: Sequence[Difference]) -> None:
    groups = _grouped(changes)
    counts = [sum(RULES[rule] is severity for rule, *_ in groups) for severity in Severity]
    summary = ", ".join(
        f"{count} {severity.value}" for count, severity in zip(counts, Severity, strict=True) if count
    )
    console.print(Text(summary or "no difference that a client could notice", style="bold"), soft_wrap=True)
    for (rule, pointer, side, text), operations in groups.items():
        severity = RULES[rule]
        line = Text.assemble((f"  {severity.value:<9}", STYLE[severity]), plain(text), (f"  {rule}", "dim"))
        console.print(line, soft_wrap=True)
        named = [operation for operation in operations if operation]
        who = ", ".join(named[:SHOWN]) + (f" and {len(named) - SHOWN} more" if len(named) > SHOWN else "")
        console.print(Text(f"           {side} {pointer}  {who}".rstrip(), style="dim"), soft_wrap=True)


def _grouped(changes: Sequence[Difference]) -> dict[tuple[str, str, str, str], list[str]]:
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for change in changes:
        found.setdefault((change.rule, change.pointer, change.side, change.text), []).append(change.operation)
    return found


def to_json(changes: Sequence[Difference]) -> str:
    listed = [
        {
            "rule": change.rule,
            "severity": change.severity.value,
            "operation": change.operation,
            "pointer": change.pointer,
            "side": change.side,
            "text": change.text,
        }
        for change in changes
    ]
    return json.dumps({"format": 1, "changes": listed}, indent=2, ensure_ascii=False)
