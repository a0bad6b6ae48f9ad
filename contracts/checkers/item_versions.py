"""The checker of item versions: those of one item are a linearizable register, which is checked in linear time.

Each effective write increases an item's version by exactly one, and each answer shows the version that it saw. So all answers can be
explained by one order of the calls if and only if, for each item:

1. `two-winners`: no two writes made the same version;
2. `gap`: each version above the first one seen was made by some call (one that showed it, or one that may have made it);
3. `went-back`: no call that saw a lower version started after a call that saw a higher one had ended;
4. `before-write`: no call that saw a version ended before the write of that version started;
5. `torn`: two answers of one version carry the same digest.

A test compares this with an exhaustive search. Calls that meet at one instant count as concurrent, because a real clock cannot order
them.
Facts: `item`, `version`, `base`, `asked`, `current`, `digest`, `items`, `ops`, `failed`.
"""

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from contracts.checkers.findings import Finding, verdict
from contracts.checkers.write_effects import NEVER, effects, end
from contracts.content_writes import WRITES
from contracts.history import FAIL, OK, Call, History
from contracts.verdict import Verdict

CHECK = "versions"
TWO_CONTENTS = "with two different contents"
LISTS = frozenset({"getContentItems", "getContentByCategory"})
"""The operations whose rows show the present state; a sync may show an earlier one."""


@dataclass(slots=True)
class VersionObservation:
    """The observations of one version of one item: the call that ended first, the one that started last, and more."""

    first_end: int
    ended: Call
    last_start: int = -NEVER
    started: Call | None = None
    digest: str | None = None
    showed: Call | None = None
    winner: Call | None = None


@dataclass(slots=True)
class Register:
    """The versions of one item. `candidates` are calls that may have made a certain version, `blind` calls that may have made any."""

    seen: dict[int, VersionObservation] = field(default_factory=dict)
    candidates: dict[int, list[Call]] = field(default_factory=dict)
    blind: list[Call] = field(default_factory=list)
    second: list[tuple[int, Call, Call]] = field(default_factory=list)
    torn: list[tuple[int, Call, Call]] = field(default_factory=list)

    def observe(self, call: Call, version: int, digest: str | None, live: bool = True) -> VersionObservation:
        """Record that a call showed this version. `live` is False for an answer that may show the past: it only proves that the version
        existed."""
        finish = call.done if call.done is not None else NEVER
        seen = self.seen.get(version)
        if seen is None:
            seen = self.seen[version] = VersionObservation(finish, call)
        elif finish < seen.first_end:
            seen.first_end, seen.ended = finish, call
        if live and call.sent > seen.last_start:
            seen.last_start, seen.started = call.sent, call
        if digest is not None:
            if seen.digest is None:
                seen.digest, seen.showed = digest, call
            elif seen.digest != digest and seen.showed is not None:
                self.torn.append((version, seen.showed, call))
        return seen

    def changed(self, call: Call, version: int | None, sure: bool) -> None:
        """Record a call that made this version, or may have made it (not `sure`). None stands for an unknown version."""
        if version is None:
            self.blind.append(call)
        elif not sure:
            self.candidates.setdefault(version, []).append(call)
        elif (seen := self.observe(call, version, None)).winner is None:
            seen.winner = call
        else:
            self.second.append((version, seen.winner, call))


def versions(history: History, *, known: Container[str] | None = None) -> Verdict:
    """The verdict on all items; PASS if one order of the calls explains all answers.

    The history has every write to its items. If others write to the target, too, `known` are the items for which that is so; list rows
    of others are ignored.
    """
    registers = fold(history, known)
    findings = [finding for item, register in registers.items() for finding in judge_item(item, register)]
    return verdict(
        CHECK,
        findings,
        seen=sum(len(register.seen) for register in registers.values()),
        lacking="no answer showed a version of an item",
        items=len(registers),
    )


def fold(history: Iterable[Call], known: Container[str] | None = None) -> dict[str, Register]:
    """The observations of all calls, by item and version, in one pass."""
    registers: dict[str, Register] = defaultdict(Register)
    for call in history:
        facts = call.facts
        operation = call.operation
        if operation in WRITES:
            _fold_write(registers, call)
        elif call.outcome is OK:
            if "version" in facts and "item" in facts:
                live = "asked" not in facts and operation[:6] != "socket"
                registers[facts["item"]].observe(call, facts["version"], facts.get("digest"), live)
            if "items" in facts:
                _fold_rows(registers, call, known)
    return registers


def _fold_rows(registers: dict[str, Register], call: Call, known: Container[str] | None) -> None:
    live = call.operation in LISTS
    for row in call.facts["items"]:
        item = row[0]
        if known is None or item in known:
            registers[item].observe(call, row[1], row[3] if len(row) > 3 else None, live)


def _fold_write(registers: dict[str, Register], call: Call) -> None:
    facts = call.facts
    for effect in effects(call):
        registers[effect.item].changed(call, effect.version, effect.sure)
    item = facts.get("item")
    if item is None:
        return
    if call.outcome is OK and "version" in facts:
        registers[item].observe(call, facts["version"], facts.get("digest"))
    elif call.outcome is FAIL and "current" in facts:  # a conflict tells the current version: a read
        registers[item].observe(call, facts["current"], None)


def judge_item(item: str, register: Register) -> list[Finding]:
    """All findings about one item."""
    findings = [
        Finding("two-winners", f"version {v} of {item} was made twice", (a, b)) for v, a, b in register.second
    ]
    findings += [
        Finding("torn", f"version {v} of {item} was shown {TWO_CONTENTS}", (a, b))
        for v, a, b in register.torn
    ]
    latest: Call | None = None
    latest_start, latest_version = -NEVER, 0
    for version, seen in sorted(register.seen.items()):
        first_end, winner = seen.first_end, seen.winner
        if latest_start > first_end and latest is not None:
            reason = f"{item} went back from version {version} to {latest_version}"
            findings.append(Finding("went-back", reason, (seen.ended, latest)))
        if winner is not None and winner.sent > first_end:
            reason = f"version {version} of {item} was seen before the write that made it began"
            findings.append(Finding("before-write", reason, (seen.ended, winner)))
        if seen.last_start > latest_start:
            latest, latest_start, latest_version = seen.started, seen.last_start, version
    return findings + _gaps(item, register)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A version without a known write, which was made between these two moments."""

    version: int
    earliest: int
    latest: int
    witness: Call


def _gaps(item: str, register: Register) -> list[Finding]:
    """Match versions without a winner to calls that may have made them (a convex bipartite matching, greedy).

    Both window ends grow with the version, so serving versions in order with the candidate that ends first is optimal;
    and an exchange argument shows that a matching in any order can be turned into one in the order of time.
    """
    findings = []
    waiting = sorted(register.blind, key=attrgetter("sent"))
    taken = 0
    ready: list[tuple[int, int]] = []
    for orphan in _orphans(register):
        named = register.candidates.get(orphan.version, ())
        # The version of a publish or of an update without an answer is fixed: it competes for no other version.
        if any(call.sent <= orphan.latest and end(call) >= orphan.earliest for call in named):
            continue
        while taken < len(waiting) and waiting[taken].sent <= orphan.latest:
            heapq.heappush(ready, (end(waiting[taken]), taken))
            taken += 1
        while ready and ready[0][0] < orphan.earliest:
            heapq.heappop(ready)
        if ready:
            heapq.heappop(ready)
            continue
        reason = f"nobody made version {orphan.version} of {item}, but it or a later one was seen"
        findings.append(Finding("gap", reason, (orphan.witness,)))
    return findings


def _orphans(register: Register) -> list[Orphan]:
    """The versions above the lowest one seen live that have no known write, ascending, with the window in which each was made.

    Lower versions may be older than the history, so reads of old snapshots (`asked`) do not count.
    """
    lowest = min((v for v, seen in register.seen.items() if seen.started is not None), default=None)
    if lowest is None:
        return []
    above = sorted(v for v in register.seen if v >= lowest)
    # Downwards: the earliest end of this version and all above it.
    bounds: dict[int, tuple[int, Call]] = {}
    latest, witness = NEVER, register.seen[above[-1]].ended
    for version in reversed(above):
        seen = register.seen[version]
        if seen.first_end <= latest:
            latest, witness = seen.first_end, seen.ended
        bounds[version] = (latest, witness)
    # Upwards: the latest start of all below it. One missing version more than there are calls that may have made them proves a gap,
    # so a server that skips a billion versions takes no longer.
    enough = len(register.blind) + len(register.candidates) + 1
    orphans: list[Orphan] = []
    earliest, previous = -NEVER, lowest
    for version in above:
        seen = register.seen[version]
        until, call = bounds[version]
        missing = range(previous + 1, min(version, previous + 1 + enough))
        orphans += [Orphan(absent, earliest, until, call) for absent in missing]
        if seen.winner is None and version > lowest:
            orphans.append(Orphan(version, earliest, until, call))
        earliest = max(earliest, seen.last_start)
        previous = version
    return orphans
