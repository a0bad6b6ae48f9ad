"""May the release go out? Verdicts and a policy in, one exit code out; no I/O, the day is an argument.

Three guards make silence loud: a run without any verdict, an operation of the spec that no verdict is
about, and an acceptance that has expired are verdicts of their own.

    >>> decide(Run(started="", finished="", target="", seed=1), ReleasePolicy(), date(2026, 1, 1)).word
    'UNKNOWN'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.verdict import Grade, Verdict
from reports.decision.policy import Acceptance, PolicyEffect, ReleasePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVerdict:
    """A verdict that is not PASS, and what the policy makes of it."""

    verdict: Verdict
    effect: PolicyEffect
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDecision:
    """`judged` leaves out what passed and what the policy ignores; `passed` counts the former."""

    judged: tuple[JudgedVerdict, ...]
    passed: int
    policy: str

    @property
    def exit_code(self) -> ExitCode:
        blocking = {judged.verdict.grade for judged in self.judged if judged.effect is PolicyEffect.BLOCK}
        if blocking & {Grade.FAIL, Grade.ADVISORY}:
            return ExitCode.FAIL
        return ExitCode.UNKNOWN if blocking else ExitCode.PASS

    @property
    def word(self) -> str:
        return self.exit_code.name

    def count(self, effect: PolicyEffect) -> int:
        return sum(judged.effect is effect for judged in self.judged)


def decide(run: Run, policy: ReleasePolicy, today: date) -> ReleaseDecision:
    verdicts = run.all_verdicts()
    verdicts += _untouched(run, verdicts)
    judged = [judge(verdict, policy, today) for verdict in verdicts if verdict.grade is not Grade.PASS]
    judged += [judge(verdict, policy, today) for verdict in _of_the_policy(policy, verdicts, today)]
    if not verdicts:
        nothing = "the run holds no verdict at all: nothing was looked at"
        judged.append(judge(Verdict(check="run.empty", grade=Grade.UNKNOWN, reason=nothing), policy, today))
    return ReleaseDecision(
        judged=tuple(entry for entry in judged if entry.effect is not PolicyEffect.IGNORE),
        passed=sum(verdict.grade is Grade.PASS for verdict in verdicts),
        policy=policy.name,
    )


def judge(verdict: Verdict, policy: ReleasePolicy, today: date) -> JudgedVerdict:
    effect = policy.effect(verdict.check, verdict.subject, verdict.grade)
    accepted = policy.acceptance(verdict.check, verdict.subject)
    # An acceptance turns a block into a warning and does nothing else: what is accepted stays visible.
    if effect is PolicyEffect.BLOCK and accepted is not None and accepted.holds(today):
        return JudgedVerdict(verdict=verdict, effect=PolicyEffect.WARN, accepted=accepted)
    return JudgedVerdict(verdict=verdict, effect=effect)


def _untouched(run: Run, verdicts: list[Verdict]) -> list[Verdict]:
    """Operations of the spec without any verdict. A part that did not finish has said so itself."""
    unfinished = any(verdict.check.startswith(("part.", "run.")) for verdict in verdicts)
    if run.spec is None or unfinished or not verdicts:
        return []
    # A comparison with another document says nothing about the server.
    known = {verdict.subject for verdict in verdicts if not verdict.check.startswith("compat.")}
    return [
        Verdict(
            check="coverage.operation",
            grade=Grade.UNKNOWN,
            subject=operation,
            reason="no check and no load request was about it",
        )
        for operation in run.spec.labels
        if operation not in known
    ]


def _of_the_policy(policy: ReleasePolicy, verdicts: list[Verdict], today: date) -> Iterator[Verdict]:
    worse = [verdict for verdict in verdicts if verdict.grade > Grade.ADVISORY]
    for entry in policy.accepted:
        who = f"{entry.check} accepted by {entry.owner} ({entry.reason})"
        if not entry.holds(today):
            reason = f"{who} expired on {entry.expires}; mend the failure or renew the entry in {policy.name}"
            yield Verdict(check="policy.expired", grade=Grade.FAIL, reason=reason)
        elif not any(entry.covers(verdict.check, verdict.subject) for verdict in worse):
            reason = f"{who} covers nothing in this run; remove it from {policy.name}"
            yield Verdict(check="policy.unused", grade=Grade.ADVISORY, reason=reason)
