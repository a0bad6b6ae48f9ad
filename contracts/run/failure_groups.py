"""Failures with one cause, as one line: the worst first.

A failure is known by its offence, the first exchange that shows it. The same symptom of the same operation is one cause however many
checks meet it. What is wrong with every operation alike (a refused session, a rate limit, one wrong member in all errors) is one
cause too, and not one an operation.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.content_writes import WRITES
from contracts.run.result import CheckResult, Offence

SPREAD = 2
"""Operations with one shape fault up to which each is a cause of its own."""
SYSTEMIC = ("no-answer", "rate-limited", "session-refused", "server-error", "no-effect")
"""Symptoms that make other checks fail which are about something else: told before all others."""
REACHES = "smoke.reaches"
"""The check that uses each operation once, as it should be used."""
UNDOCUMENTED = " is not documented"
"""What the text of a shape fault says of a status that the document does not have."""
EVERYWHERE = ("no-answer", "rate-limited", "session-refused")
"""Symptoms of the whole target, whichever operation met them."""

REFUSAL = "a refusal"
"""What is expected where a server fails on a request that the document refuses: it breaks nothing that is used as it should be."""

CODE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The failures of one cause. `results` all have this cause; the first is the one that shows it with the fewest requests.
    `consequences` have used the broken operation, or met the same refusal, before they failed in other words."""

    offence: Offence
    results: tuple[CheckResult, ...]
    consequences: tuple[CheckResult, ...] = ()

    @property
    def operations(self) -> tuple[str, ...]:
        """Those whose answers show it."""
        told = (r.offence.operation if r.offence else r.operation for r in self.results)
        return tuple(dict.fromkeys(name for name in told if name))

    @property
    def text(self) -> str:
        """One sentence that begins with the operation, and how many more operations do the same."""
        others = len(self.operations) - 1
        more = f" (and {others} more operation{'s' if others > 1 else ''} alike)" if others > 0 else ""
        after = len(self.consequences)
        used = (
            f"; {after} more {'checks fail' if after > 1 else 'check fails'} in consequence" if after else ""
        )
        return f"{self.offence.text}{more}{used}"


def failure_groups(results: Iterable[CheckResult]) -> tuple[FailureGroup, ...]:
    """All FAIL among the results, by cause."""
    found: dict[Key, list[CheckResult]] = {}
    known = list(results)
    failed = [result for result in known if result.grade == "FAIL"]
    passed = [result for result in known if result.grade == "PASS"]
    for result in failed:
        found.setdefault(_key(result), []).append(result)
    groups = sorted((_group(alike) for alike in _spread(found)), key=_rank)
    causes = [group for group in groups if _is_cause(group)]
    working = frozenset(result.operation for result in passed if result.id == REACHES)
    rest: list[FailureGroup] = []
    after: dict[int, list[CheckResult]] = {}
    for group in groups[len(causes) :]:
        own: list[CheckResult] = []
        for result in group.results:
            cause = next(
                (place for place, cause in enumerate(causes) if _follows(_offence(result), cause, working)),
                None,
            )
            (own if cause is None else after.setdefault(cause, [])).append(result)
        if own:
            rest.append(_group(own))
    told = [replace(cause, consequences=tuple(after.get(place, ()))) for place, cause in enumerate(causes)]
    return (*told, *sorted(rest, key=_rank))


def _is_cause(group: FailureGroup) -> bool:
    """Whether other failures may come of it. Of errors in another shape nobody can read the code."""
    offence = group.offence
    unreadable = (
        offence.path == "error" and UNDOCUMENTED not in offence.text and len(group.operations) > SPREAD
    )
    return unreadable or offence.symptom in SYSTEMIC


def _follows(offence: Offence, cause: FailureGroup, working: frozenset[str]) -> bool:
    """Whether a failure may come of this cause. A wrong shape is one of its own, but for that of the broken answer itself; and an
    operation that works when it is used as it should be (`working`) breaks nothing else by failing on a bad request."""
    known = cause.offence
    if known.symptom in EVERYWHERE:
        return known.got[:3].isdigit() and offence.got[:3] == known.got[:3]
    if known.symptom == "shape":
        return offence.symptom == "value" and CODE.search(f"{offence.expected} {offence.got}") is not None
    if offence.symptom == "shape":
        return (
            known.symptom == "server-error"
            and offence.operation in cause.operations
            and UNDOCUMENTED in offence.text
            and offence.got[:1] in ("", "5")
        )
    broken = set(cause.operations) - (working if known.symptom == "server-error" else frozenset())
    if known.expected == REFUSAL:
        return False
    return bool(broken & set(offence.used))


def _offence(result: CheckResult) -> Offence:
    """That of a result which nobody has looked into is what the check says itself."""
    if result.offence is not None:
        return result.offence
    begin = f"{result.operation}: " if result.operation else ""
    return Offence(
        symptom="value",
        operation=result.operation,
        text=f"{begin}{result.reason or result.title or result.id}",
    )


def _key(result: CheckResult) -> Key:
    offence = _offence(result)
    if offence.symptom in EVERYWHERE:
        return (offence.symptom, "", offence.got[:3])
    if offence.symptom == "server-error":
        return (offence.symptom, offence.operation, offence.got, offence.expected)
    if offence.symptom == "no-effect":
        return (offence.symptom, offence.operation)
    if offence.symptom == "shape":
        return (offence.symptom, offence.operation, offence.path, offence.expected)
    if offence.symptom == "accepted":
        return (offence.symptom, offence.operation, offence.fault, offence.expected)
    if offence.symptom == "status":
        return (offence.symptom, offence.operation, offence.fault, offence.expected, offence.got)
    return (offence.symptom, offence.operation, offence.path, "" if offence.path else result.id)


def _spread(found: dict[Key, list[CheckResult]]) -> list[list[CheckResult]]:
    """One wrong shape, status or failure of many operations is one cause."""
    alike: dict[Key, list[Key]] = {}
    for key in found:
        if key[0] in ("shape", "status", "accepted", "server-error"):
            alike.setdefault((key[0], *key[2:]), []).append(key)
    joined: list[list[CheckResult]] = []
    done: set[Key] = set()
    for keys in alike.values():
        if len(keys) > SPREAD:
            joined.append([result for key in keys for result in found[key]])
            done.update(keys)
    return joined + [results for key, results in found.items() if key not in done]


def _group(alike: Sequence[CheckResult]) -> FailureGroup:
    ordered = sorted(alike, key=lambda r: (len(r.curl) or 99, r.requests, r.id, r.operation))
    # Of several ways in which one thing shows, the one that most checks met says what it is.
    ways = Counter(_way(result) for result in ordered)
    ordered.sort(key=lambda result: -ways[_way(result)])
    # A read that fails may fail on what a write has kept.
    ordered.sort(key=lambda r: _offence(r).symptom == "server-error" and _offence(r).operation not in WRITES)
    return FailureGroup(_offence(ordered[0]), tuple(ordered))


def _way(result: CheckResult) -> str:
    """What is wrong, without the operation and the status."""
    text = _offence(result).text
    return text.partition(": ")[2] or text


def _rank(group: FailureGroup) -> tuple[object, ...]:
    symptom = group.offence.symptom
    return (not _is_cause(group), symptom not in SYSTEMIC, -len(group.results), symptom, group.offence.text)
