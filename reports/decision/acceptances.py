"""The policy entries for a run's failures: one for each cause; an entry is removed when it covers nothing any more.

Each entry keeps the signature of the failure, so that an accepted check blocks again if it fails in another way. Failures that lose
data or let somebody in are left out unless the check is named. A verdict UNKNOWN is accepted with its reason only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.harm import NEVER_IN_BULK, Harm
from contracts.run import Run
from contracts.run.result import INTERRUPTED
from contracts.verdict import Grade
from reports.decision.policy import Acceptance, ReleasePolicy
from reports.decision.verdict_facts import VerdictFacts, facts_of

Entry = dict[str, Any]


EARLY = ("died", "overran", "interrupted")
STOPPED = ("run.target", "run.account")
"""The checks of the verdicts with which the suite says that a run ended before all its checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAcceptances:
    """New policy entries for a run's failures. `left_out` are failures that are not accepted in bulk."""

    entries: tuple[Entry, ...]
    accepted: int
    """The number of accepted verdicts; `unknown` of them were not checked."""
    unknown: int
    left_out: tuple[VerdictFacts, ...] = field(default=())


def failures(run: Run) -> list[VerdictFacts]:
    facts = facts_of(run)
    return [facts(verdict) for verdict in run.all_verdicts() if verdict.grade >= Grade.UNKNOWN]


def cut_short(run: Run) -> str:
    """Why the run ended before all of it was done; empty if it is whole. What it did not reach is then no state of the target."""
    early = [f"{part.name} {part.ended}" for part in run.parts if part.ended in EARLY]
    early += [verdict.reason for verdict in run.verdicts if verdict.check in STOPPED]
    if not early and any(check.reason == INTERRUPTED for check in run.checks):
        early = [INTERRUPTED.removesuffix(" before it")]
    return ", ".join(early)


def accept(
    failed: Iterable[VerdictFacts],
    policy: ReleasePolicy,
    *,
    owner: str,
    reason: str,
    expires: date,
    only: Harm | None = None,
    check: str = "",
) -> NewAcceptances:
    """Entries for failures that `policy` does not accept yet: of one harm, of one check, or of all but the worst harms."""
    open_ones = [facts for facts in failed if policy.acceptance(facts) is None]
    wanted, left_out = [], []
    for facts in open_ones:
        if check:
            wanted += [facts] if facts.check == check else []
        elif facts.harm in NEVER_IN_BULK and not facts.unknown:
            left_out.append(facts)
        elif only is None or facts.harm == only:
            wanted.append(facts)
    causes: dict[str, list[VerdictFacts]] = {}
    for facts in wanted:
        causes.setdefault(facts.signature, []).append(facts)
    entries = tuple(
        {
            "check": sorted({facts.check for facts in alike}),
            "operation": "*"
            if any(facts.by_chance for facts in alike)
            else sorted({facts.operation for facts in alike}),
            "failed": [signature],
            "owner": owner,
            "reason": reason,
            "expires": expires.isoformat(),
        }
        for signature, alike in causes.items()
    )
    return NewAcceptances(
        entries=entries,
        accepted=len(wanted),
        unknown=sum(facts.unknown for facts in wanted),
        left_out=tuple(left_out),
    )


def pruned(
    raw: Sequence[Mapping[str, Any]], entries: Sequence[Acceptance], failed: Sequence[VerdictFacts]
) -> tuple[list[Entry], int]:
    """The file's entries without the checks and failures that this run no longer shows, and the number of changed entries."""
    kept, changed = [], 0
    for written, entry in zip(raw, entries, strict=True):
        covered = [facts for facts in failed if entry.covers(facts)]
        smaller = _narrowed(written, entry, covered)
        changed += smaller != dict(written)
        if smaller is not None:
            kept.append(smaller)
    return kept, changed


def _narrowed(written: Mapping[str, Any], entry: Acceptance, covered: list[VerdictFacts]) -> Entry | None:
    if not covered:
        return None
    made = dict(written)
    signatures = {facts.signature for facts in covered}
    if entry.failed:
        made["failed"] = [signature for signature in entry.failed if signature in signatures]
    if isinstance(written["check"], list):
        seen = {facts.check for facts in covered}
        made["check"] = [check for check in entry.checks if "*" in check or check in seen] or sorted(seen)
    if isinstance(written.get("operation"), list):
        named = {facts.operation for facts in covered}
        made["operation"] = [n for n in entry.operations if "*" in n or n in named] or sorted(named)
    return made
