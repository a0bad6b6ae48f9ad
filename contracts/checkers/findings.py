"""The verdict of a checker's findings: FAIL with the first examples, UNKNOWN if it had nothing to judge, else PASS.

A verdict has the count by rule, and the calls of the earliest findings, because the first one is usually the cause of the others.

    >>> verdict("demo", [], seen=0, lacking="no call was recorded").grade.name
    'UNKNOWN'
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contracts.history import Call
from contracts.verdict import Grade, Verdict

EXAMPLES = 3


class Finding(NamedTuple):
    """One violation: the slug of the rule, one sentence with the numbers, and the calls that show it."""

    rule: str
    reason: str
    calls: tuple[Call, ...]


def verdict(check: str, findings: Sequence[Finding], *, seen: int, lacking: str, **more: Any) -> Verdict:
    """The verdict of a checker with these findings. `seen` is the number of things it could judge; `lacking` is the reason if that is 0."""
    if findings:
        first = sorted(
            findings, key=lambda each: (max((call.sent for call in each.calls), default=0), each.rule)
        )
        others = len(findings) - 1
        tail = f" (and {others} more)" if others else ""
        return Verdict(
            check=check,
            grade=Grade.FAIL,
            reason=f"{first[0].reason}{tail}",
            evidence={
                "seen": seen,
                "count": len(findings),
                "rules": dict(sorted(Counter(finding.rule for finding in findings).items())),
                "first": [_shown(finding) for finding in first[:EXAMPLES]],
                **more,
            },
        )
    if not seen:
        return Verdict(check=check, grade=Grade.UNKNOWN, reason=lacking, evidence=more)
    return Verdict(check=check, grade=Grade.PASS, evidence={"seen": seen, **more})


def _shown(finding: Finding) -> Mapping[str, Any]:
    return {
        "rule": finding.rule,
        "reason": finding.reason,
        "calls": [
            {
                "client": call.client,
                "operation": call.operation,
                "sent": call.sent,
                "done": call.done,
                "outcome": str(call.outcome),
                "status": call.status,
                "facts": dict(call.facts),
            }
            for call in finding.calls
        ],
    }
