"""Reasons: what a person reads first. Hundreds of verdicts with one cause become one line.

A cause is an operation and a check. Where one check has more than `SPREAD` operations against it, the cause
is rather the check itself, and its operations become a list; where many checks say the same words, it is the words.

Worst first: what blocks before what warns, FAIL before UNKNOWN, and within a grade a part that did not finish before all
that its end explains. One fault turns many checks red, and its name stands in the one that needs the fewest requests to
show it; so of two checks the shorter story comes first, and what a load or a client only suffered comes after both. Before them
all stand what is wrong with most operations, and a wrong shape, over which every other check stumbles.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.harm import Harm
from contracts.run import CheckResult, Run
from contracts.run.failure_groups import SYSTEMIC, failure_groups
from contracts.verdict import Grade
from reports.decision.decide import JudgedVerdict, ReleaseDecision
from reports.decision.policy import Acceptance, PolicyEffect
from reports.decision.verdict_facts import VerdictKey, by_key, key
from reports.text.display import plain, plural

SPREAD = 3
NOT_CHECKED = "not checked: "
TYPICAL = 4

# What explains the rest stands first; what merely follows from it stands last.
_FAMILIES = ("run", "part", "policy")
_LAST = ("coverage",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One cause of failures. `text` is that of the first verdict, `count` the number of verdicts alike, and `check_result` the
    first result in full."""

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
    harm: Harm | None = None
    """The worst of what its checks say that it does."""
    grouped: bool = False
    """Whether its checks are known to have one cause, so that what only follows from it stands in no other reason."""
    systemic: bool = False
    """Whether other checks fail because of it: a refused session, a server error."""

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(subject for subject in self.subjects if subject)

    @property
    def who(self) -> str:
        """The operations of a reason in words: `login`, `login, logout`, `17 operations: login, logout, …`; empty for a whole
        run."""
        if self.named and self.text.startswith(self.named[0]):
            return ""  # the text itself begins with it
        if len(self.named) <= SPREAD:
            return ", ".join(self.named)
        return f"{plural(len(self.named), self.noun)}: {', '.join(self.named[:SPREAD])}, …"

    @property
    def law(self) -> str:
        """The law that the check tests, in one sentence; empty if no check or several checks are behind the reason."""
        return plain(self.check_result.title) if self.check_result and self.checks == 1 else ""

    @property
    def broad(self) -> bool:
        """Whether the reason concerns most operations or many checks, so that it is the cause of other reasons."""
        return self.checks > SPREAD or (self.noun == "operation" and len(self.named) > SPREAD)

    @property
    def steps(self) -> int:
        """The requests that show the failure, as curl lines; none for a failure on a socket, which curl cannot show."""
        return (len(self.check_result.curl) or TYPICAL) if self.check_result else 0


def reasons(run: Run, decision: ReleaseDecision) -> tuple[Reason, ...]:
    results = by_key([check for check in run.checks if check.grade != "PASS"])
    by_cause: dict[tuple[PolicyEffect, Acceptance | None], list[JudgedVerdict]] = {}
    groups: dict[tuple[object, ...], list[JudgedVerdict]] = {}
    for judged in decision.judged:
        verdict = judged.verdict
        result = results.get(key(verdict))
        if verdict.grade is Grade.FAIL and result is not None and result.offence is not None:
            by_cause.setdefault((judged.effect, judged.accepted), []).append(judged)
        else:
            alike = (judged.effect, verdict.grade, verdict.check, judged.accepted)
            groups.setdefault(alike, []).append(judged)
    causes = [reason for group in by_cause.values() for reason in _of_causes(group, results)]
    found = [reason for group in groups.values() for reason in _split(group, results)]
    known = run.spec.labels if run.spec else {}
    others = [_with_noun(reason, known) for reason in _joined(found)]
    return tuple(sorted([*causes, *others], key=_rank))


def _of_causes(alike: list[JudgedVerdict], results: Mapping[VerdictKey, CheckResult]) -> Iterator[Reason]:
    """The reasons of failures with one cause each, whatever checks met it (contracts.run.failure_groups)."""
    harms = {key(judged.verdict): judged.facts.harm for judged in alike}
    for group in failure_groups(results[key(judged.verdict)] for judged in alike):
        first = group.results[0]
        checks = list(dict.fromkeys(result.id for result in group.results))
        yield Reason(
            grade=Grade.FAIL,
            effect=alike[0].effect,
            check=_check_names(checks),
            subjects=group.operations,
            text=plain(group.text),
            count=len(group.results),
            accepted=alike[0].accepted,
            check_result=first,
            noun="operation",
            checks=len(checks),
            harm=_worst(harms[r.id, r.operation, r.reason] for r in group.results),
            grouped=True,
            systemic=group.offence.symptom in SYSTEMIC,
        )


def _check_names(checks: Sequence[str]) -> str:
    others = f" and {plural(len(checks) - 1, 'other check')}" if len(checks) > 1 else ""
    return checks[0] + others


def _worst(harms: Iterable[Harm | None]) -> Harm | None:
    return min((harm for harm in harms if harm is not None), key=lambda harm: harm.rank, default=None)


def _with_noun(reason: Reason, operations: Mapping[str, str]) -> Reason:
    return replace(reason, noun="operation") if set(reason.named) <= operations.keys() else reason


def _joined(found: list[Reason]) -> Iterable[Reason]:
    """The reasons with more than `SPREAD` of the same words joined into one, since those words are the cause: `the run was interrupted`.
    Checks that lack the same (an account, a control interface) are one reason, however few they are."""
    alike: dict[tuple[object, ...], list[Reason]] = {}
    for reason in found:
        alike.setdefault((reason.effect, reason.grade, reason.accepted, reason.text), []).append(reason)
    for group in alike.values():
        if len(group) <= (1 if group[0].text.startswith(NOT_CHECKED) else SPREAD):
            yield from group
            continue
        checks = list(dict.fromkeys(reason.check for reason in group))
        subjects = dict.fromkeys(subject for reason in group for subject in reason.subjects)
        yield replace(
            group[0],
            check=_check_names(checks),
            subjects=tuple(subjects),
            count=sum(reason.count for reason in group),
            checks=len(checks),
        )


def _split(group: list[JudgedVerdict], results: Mapping[VerdictKey, CheckResult]) -> Iterable[Reason]:
    by_subject: dict[str, list[JudgedVerdict]] = {}
    for judged in group:
        by_subject.setdefault(judged.verdict.subject, []).append(judged)
    if len(by_subject) > SPREAD:
        return [_reason(group, tuple(by_subject), results)]
    return [_reason(alike, (subject,), results) for subject, alike in by_subject.items()]


def _reason(
    alike: list[JudgedVerdict], subjects: tuple[str, ...], results: Mapping[VerdictKey, CheckResult]
) -> Reason:
    first = alike[0]
    verdict = first.verdict
    check = results.get(key(verdict))
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
        harm=_worst(judged.facts.harm for judged in alike),
    )


def _rank(reason: Reason) -> tuple[object, ...]:
    family = reason.check.partition(".")[0]
    order = _FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES) + (family in _LAST)
    return (
        reason.effect is not PolicyEffect.BLOCK,
        -reason.grade,
        order,
        not reason.systemic,
        not reason.broad and reason.check_result is None,
        -reason.count if reason.broad else 0,
        # Where causes are not told apart, the shortest story names the cause best, whatever its consequences harm.
        reason.harm.rank if reason.grouped and reason.harm else len(Harm),
        family != "shape",
        reason.steps,
        reason.check_result.requests if reason.check_result else 0,
        -reason.count,
        # Parts stand in the order in which they run: the one that was interrupted before those that never started.
        "" if family in _FAMILIES else reason.check,
        reason.subjects,
    )
