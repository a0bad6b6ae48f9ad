"""The facts of a verdict that a policy can match: check, operation, source, harm, and the signature of the failure.

A signature is the operation with the expected and the actual result, without anything that changes from run to run. An accepted
failure is recognized by it, so a check that fails in another way blocks again.

>>> steady("version 3 of ckq3mzzvbd8 at 2026-11-22T10:00:00Z is 12.5 ms late: 409 instead of 200")
'version # of <id> at <time> is # ms late: 409 instead of 200'
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from contracts.harm import Harm, harm_of
from contracts.run import CheckResult, Run
from contracts.verdict import Grade, Verdict
from reports.text.display import clipped

LENGTH = 240

_STATUSES = "|".join(str(status.value) for status in HTTPStatus)
_COUNTED = (
    "ms|s|items?|elements?|operations?|requests?|calls?|samples|events?|versions?|bytes|characters|more"
)
_CUT = (re.compile(r"\S{0,40}(?: ?…)( \([\d,]+ (?:characters|bytes)\))?"), "<cut>")
"""Where a shortened text breaks off, which may be in an id or a time."""
_VOLATILE = (
    _CUT,
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
    (re.compile(r"https?://[^\s/\"'<>]+"), "<target>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{8,}\b"), "<id>"),
    (re.compile(r" \(and [\d,#]+ more\)|; [\d,#]+ more, by [^,;]+, are not counted"), ""),
    # A status is part of what failed, unless it is how many there are of something.
    (
        re.compile(
            rf"(?<![\w.<])(?!({_STATUSES})(?![\w.]\d|\d| (?:(?:of|with|over) \d|(?:{_COUNTED})\b)))\d[\d,]*(\.\d+)?"
        ),
        "#",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFacts:
    check: str
    operation: str = ""
    source: str = ""
    """`S:102, R17`; empty where no check of the suite is behind it."""
    harm: Harm | None = None
    signature: str = ""
    unknown: bool = False
    """Whether nothing is known of the law, for a reason that is the signature."""
    by_chance: bool = False
    """Whether that is for want of samples, so that the next run may lack them for another operation."""


VerdictKey: TypeAlias = tuple[str, str, str]


def key(verdict: Verdict) -> VerdictKey:
    return verdict.check, verdict.subject, verdict.reason


def by_key(results: Sequence[CheckResult]) -> dict[VerdictKey, CheckResult]:
    """The results of checks by the key of their verdict; of several with one key, the first."""
    return {(result.id, result.operation, result.reason): result for result in reversed(results)}


def facts_of(run: Run) -> Callable[[Verdict], VerdictFacts]:
    """The facts of each verdict of a run."""
    known = by_key(run.checks)

    def facts(verdict: Verdict) -> VerdictFacts:
        result = known.get(key(verdict))
        return VerdictFacts(
            check=verdict.check,
            operation=verdict.subject,
            source=result.source if result else "",
            harm=harm_of_result(result) if result else None,
            signature=signature_of(result) if result else steady(verdict.reason),
            unknown=verdict.grade is Grade.UNKNOWN,
            by_chance=verdict.grade is Grade.UNKNOWN and bool(verdict.evidence.get("answered")),
        )

    return facts


def harm_of_result(result: CheckResult) -> Harm:
    """The harm that the suite wrote into a result, or else the one of the check table."""
    try:
        return Harm(result.harm)
    except ValueError:
        return harm_of(result.id, result.source)


def signature_of(result: CheckResult) -> str:
    offence = result.offence
    if result.grade == "UNKNOWN":
        return steady(result.reason)
    if offence is None:
        observed = (
            f"expected {result.expected}, got {result.got}"
            if result.expected or result.got
            else result.reason
        )
        return steady(f"{result.operation}: {observed}" if result.operation else observed)
    fault = f" with {offence.fault}" if offence.fault else ""
    place = f" at {offence.path}" if offence.path else ""
    observed = (
        f"expected {offence.expected}, got {offence.got}" if offence.expected or offence.got else offence.text
    )
    return steady(f"{offence.symptom} {offence.operation or result.operation}{fault}{place}: {observed}")


def steady(text: str) -> str:
    """A text as one line without ids, times, addresses and numbers that are no status."""
    line = " ".join(text.split())
    for pattern, put in _VOLATILE:
        line = pattern.sub(put, line)
    return _CUT[0].sub(_CUT[1], clipped(line, LENGTH))
