"""The release decision: from verdicts, a policy and a day to one exit code.

Missing results never pass: a run without verdicts, an operation without any verdict, and an expired acceptance each add a verdict.

    >>> decide(Run(started="", finished="", target="", seed=1), ReleasePolicy(), date(2026, 1, 1)).word
    'UNKNOWN'
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.verdict import Grade, Verdict
from reports.decision.policy import Acceptance, PolicyEffect, PolicyRule, ReleasePolicy
from reports.decision.verdict_facts import VerdictFacts, facts_of

OCCASIONAL = frozenset({"coverage", "part", "run", "policy", "objective", "baseline", "compat", "load"})
"""Families of checks that may be missing in a good run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVerdict:
    """A verdict that is not PASS, with its effect by the policy."""

    verdict: Verdict
    effect: PolicyEffect
    accepted: Acceptance | None = None
    facts: VerdictFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDecision:
    """The decision about a release. `judged` has the verdicts that neither passed nor are ignored; `passed` is the number of those
    that passed."""

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


def decide(run: Run, policy: ReleasePolicy, today: date) -> ReleaseDecision:
    verdicts = run.all_verdicts()
    verdicts += _untouched(run, verdicts)
    facts = facts_of(run)
    known = [(verdict, facts(verdict)) for verdict in verdicts]
    judged = [
        judge(verdict, fact, policy, today) for verdict, fact in known if verdict.grade is not Grade.PASS
    ]
    own = [*_of_the_policy(policy, known, today)]
    if not verdicts:
        nothing = "the run holds no verdict at all: nothing was looked at"
        own.append(Verdict(check="run.empty", grade=Grade.UNKNOWN, reason=nothing))
    judged += [judge(verdict, facts(verdict), policy, today) for verdict in own]
    return ReleaseDecision(
        judged=tuple(entry for entry in judged if entry.effect is not PolicyEffect.IGNORE),
        passed=sum(verdict.grade is Grade.PASS for verdict in verdicts),
        policy=policy.name,
    )


def judge(verdict: Verdict, facts: VerdictFacts, policy: ReleasePolicy, today: date) -> JudgedVerdict:
    effect = policy.effect(facts, verdict.grade)
    accepted = policy.acceptance(facts)
    # An acceptance only turns a block into a warning, so that accepted failures stay visible.
    if effect is PolicyEffect.BLOCK and accepted is not None and accepted.holds(today):
        return JudgedVerdict(verdict=verdict, effect=PolicyEffect.WARN, accepted=accepted, facts=facts)
    return JudgedVerdict(verdict=verdict, effect=effect, facts=facts)


def _untouched(run: Run, verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts on operations without any verdict. If a part did not finish, its own verdict says so already."""
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


def _of_the_policy(
    policy: ReleasePolicy, known: list[tuple[Verdict, VerdictFacts]], today: date
) -> Iterator[Verdict]:
    worse = [facts for verdict, facts in known if verdict.grade > Grade.ADVISORY]
    for entry in policy.accepted:
        who = f"{entry.check} accepted by {entry.owner} ({entry.reason})"
        if not entry.holds(today):
            reason = f"{who} expired on {entry.expires}; mend the failure or renew the entry in {policy.name}"
            yield Verdict(check="policy.expired", grade=Grade.FAIL, reason=reason)
        elif not any(entry.covers(facts) for facts in worse):
            reason = f"{who} covers nothing in this run; remove it from {policy.name}"
            yield Verdict(check="policy.unused", grade=Grade.ADVISORY, reason=reason)
    # The existing checks are known only if the suite has run.
    tested = any(facts.source for _, facts in known)
    for number, rule in enumerate(policy.rules, 1):
        if tested and _of_the_suite(rule) and not any(rule.fits(facts) for _, facts in known):
            reason = (
                f"rule {number} of {policy.name} ({rule.words}) fits no verdict of this run; is it misspelt?"
            )
            yield Verdict(check="policy.rule-unused", grade=Grade.ADVISORY, reason=reason)


def _of_the_suite(rule: PolicyRule) -> bool:
    """Whether a rule concerns checks that every run has. Verdicts on coverage, for example, exist only if something is missing."""
    return rule.check.partition(".")[0] not in OCCASIONAL
