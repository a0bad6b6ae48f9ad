"""Reasons: what a person reads first. Hundreds of verdicts with one cause become one line.

A cause is an operation and a check. Where one check has more than `SPREAD` operations against it, the cause
is rather the check itself, and its operations become a list; where many checks say the same words, it is the words.

Worst first: what blocks before what warns, FAIL before UNKNOWN, and within a grade a part that did not finish before all
that its end explains. One fault turns many checks red, and its name stands in the one that needs the fewest requests to
show it; so of two checks the shorter story comes first, and what a load or a client only suffered comes after both. Before them
all stand what is wrong with most operations, and a wrong shape, over which every other check stumbles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from contracts.run import CheckResult, Run
from contracts.verdict import Grade
from reports.decision.decide import JudgedVerdict, ReleaseDecision
from reports.decision.policy import Acceptance, PolicyEffect
from reports.text.display import plain, plural

SPREAD = 3
TYPICAL = 4

# What explains the rest stands first; what merely follows from it stands last.
_FAMILIES = ("run", "part", "policy")
_LAST = ("coverage",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`text` is the first verdict's; `count` says how many are alike; `check_result` is its long story."""

    grade: Grade
    effect: PolicyEffect
    check: str
    subjects: tuple[str, ...]
    text: str
    count: int
    accepted: Acceptance | None = None
    check_result: CheckResult | None = None
    noun: str = "case"
    """What its subjects are."""
    checks: int = 1
    """How many checks say these same words."""

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(subject for subject in self.subjects if subject)

    @property
    def who(self) -> str:
        """`login`, `login, logout`, `17 operations: login, logout, …`, or empty for a whole run."""
        if len(self.named) <= SPREAD:
            return ", ".join(self.named)
        return f"{plural(len(self.named), self.noun)}: {', '.join(self.named[:SPREAD])}, …"

    @property
    def law(self) -> str:
        """What the check holds the target to, in one sentence; empty where no check is behind it, or many."""
        return plain(self.check_result.title) if self.check_result and self.checks == 1 else ""

    @property
    def broad(self) -> bool:
        """Whether so many say it that it is the cause of what the others say: most operations, or many checks."""
        return self.checks > SPREAD or (self.noun == "operation" and len(self.named) > SPREAD)

    @property
    def steps(self) -> int:
        """Requests that show it. Of a socket's story there are none; it is as long as most."""
        return (len(self.check_result.curl) or TYPICAL) if self.check_result else 0


def reasons(run: Run, decision: ReleaseDecision) -> tuple[Reason, ...]:
    told = {(check.id, check.operation): check for check in reversed(run.checks) if check.grade != "PASS"}
    groups: dict[tuple[object, ...], list[JudgedVerdict]] = {}
    for judged in decision.judged:
        verdict = judged.verdict
        key = (judged.effect, verdict.grade, verdict.check, judged.accepted)
        groups.setdefault(key, []).append(judged)
    found = [reason for group in groups.values() for reason in _split(group, told)]
    known = run.spec.labels if run.spec else {}
    return tuple(sorted((_nouned(reason, known) for reason in _joined(found)), key=_rank))


def _nouned(reason: Reason, operations: Mapping[str, str]) -> Reason:
    return replace(reason, noun="operation") if set(reason.named) <= operations.keys() else reason


def _joined(found: list[Reason]) -> Iterable[Reason]:
    """Where more than `SPREAD` reasons say the same words, those words are the cause: `the run was interrupted`."""
    alike: dict[tuple[object, ...], list[Reason]] = {}
    for reason in found:
        alike.setdefault((reason.effect, reason.grade, reason.accepted, reason.text), []).append(reason)
    for group in alike.values():
        if len(group) <= SPREAD:
            yield from group
            continue
        checks = list(dict.fromkeys(reason.check for reason in group))
        others = f" and {plural(len(checks) - 1, 'other check')}" if len(checks) > 1 else ""
        subjects = dict.fromkeys(subject for reason in group for subject in reason.subjects)
        yield replace(
            group[0],
            check=checks[0] + others,
            subjects=tuple(subjects),
            count=sum(reason.count for reason in group),
            checks=len(checks),
        )


def _split(group: list[JudgedVerdict], told: dict[tuple[str, str], CheckResult]) -> Iterable[Reason]:
    by_subject: dict[str, list[JudgedVerdict]] = {}
    for judged in group:
        by_subject.setdefault(judged.verdict.subject, []).append(judged)
    if len(by_subject) > SPREAD:
        return [_reason(group, tuple(by_subject), told)]
    return [_reason(alike, (subject,), told) for subject, alike in by_subject.items()]


def _reason(
    alike: list[JudgedVerdict], subjects: tuple[str, ...], told: dict[tuple[str, str], CheckResult]
) -> Reason:
    first = alike[0]
    verdict = first.verdict
    check = told.get((verdict.check, verdict.subject))
    text = verdict.reason or (check.title if check else "") or "no reason was given"
    return Reason(
        grade=verdict.grade,
        effect=first.effect,
        check=verdict.check,
        subjects=subjects,
        text=plain(text),
        count=len(alike),
        accepted=first.accepted,
        check_result=check,
    )


def _rank(reason: Reason) -> tuple[object, ...]:
    family = reason.check.partition(".")[0]
    order = _FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES) + (family in _LAST)
    return (
        reason.effect is not PolicyEffect.BLOCK,
        -reason.grade,
        order,
        not reason.broad and reason.check_result is None,
        -reason.count if reason.broad else 0,
        family != "shape",
        reason.steps,
        reason.check_result.requests if reason.check_result else 0,
        -reason.count,
        # Parts stand in the order in which they run: the one that was interrupted before those that never started.
        "" if family in _FAMILIES else reason.check,
        reason.subjects,
    )
