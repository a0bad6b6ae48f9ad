"""Failed checks grouped by cause, the worst cause first, so that a hundred failures are a few lines.

A failure is identified by its offence, the first exchange that shows it. The same symptom of the same operation is one cause, however
many checks meet it. So is an error that all operations share: a refused session, a rate limit, one wrong member in all error bodies.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.content_writes import WRITES
from contracts.harm import Harm
from contracts.run.result import CheckResult, Offence

REDIRECTED = "300"
SPREAD = 2
"""The most operations with the same wrong shape for which each is a cause of its own; more are one cause."""
SYSTEMIC = ("no-answer", "rate-limited", "session-refused", "server-error", "no-effect")
"""Symptoms that make unrelated checks fail; they are reported before all others."""
REACHES = "smoke.reaches"
"""The check that calls each operation once, correctly."""
PROGRAMS = frozenset({"stateful.model", "stateful.lost-answers"})
"""The checks that play random programs."""
FOREIGN = "a form of errors that the document does not have"
"""The path of an offence that is an error with a page or a text where the document has JSON."""
KEPT_ANSWER = "an answer that is kept by its URL"
"""The path of an offence that is an old answer at its own URL only: whatever a check reads may be as old."""
UNDOCUMENTED = " is not documented"
"""The phrase in the text of an offence whose status the document does not have."""
EVERYWHERE = ("no-answer", "rate-limited", "session-refused")
"""Symptoms of the whole target, whichever operation shows them."""

REFUSAL = "a refusal"
"""The expectation of a server error to an invalid request. Such an error does not affect correct requests."""

STORED = ("server-error", "shape")
"""Symptoms that a read may show because of what a write has stored."""
RENAMED = re.compile(r" (required|additionalProperties)$")
MEMBERS = " members"
"""The rules that a member with another name breaks (one member is missing, another is too much), and the word that stands for both."""
CODE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
_HARMS = {harm.value: harm.rank for harm in Harm}
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The failures with one cause. `results` have this offence; the first shows it with the fewest requests. `consequences` failed with
    another offence, after they had used the broken operation or met the same refusal."""

    offence: Offence
    results: tuple[CheckResult, ...]
    consequences: tuple[CheckResult, ...] = ()

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations whose answers show the cause."""
        operations = (r.offence.operation if r.offence else r.operation for r in self.results)
        return tuple(dict.fromkeys(name for name in operations if name))

    @property
    def text(self) -> str:
        """One sentence that begins with the operation, with the number of other operations and of consequences."""
        others = len(self.operations) - 1
        more = f" (and {others} more operation{'s' if others > 1 else ''} alike)" if others > 0 else ""
        after = len(self.consequences)
        used = (
            f"; {after} more {'checks fail' if after > 1 else 'check fails'} in consequence" if after else ""
        )
        return f"{self.offence.text}{more}{used}"


def failure_groups(results: Iterable[CheckResult]) -> tuple[FailureGroup, ...]:
    """The FAIL results, grouped by cause."""
    by_key: dict[Key, list[CheckResult]] = {}
    known = list(results)
    failed = [result for result in known if result.grade == "FAIL"]
    passed = [result for result in known if result.grade == "PASS"]
    for result in failed:
        by_key.setdefault(_key(result), []).append(result)
    groups = sorted((_group(alike) for alike in _spread(by_key)), key=_rank)
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
    linked = [replace(cause, consequences=tuple(after.get(place, ()))) for place, cause in enumerate(causes)]
    return tuple(_absorbed([*linked, *sorted(rest, key=_rank)]))


def _absorbed(groups: Sequence[FailureGroup]) -> list[FailureGroup]:
    """The groups, with those as consequences that another one explains, which is not explained itself."""
    explained = [any(_explains(other, group) for other in groups) for group in groups]
    kept: list[int] = []
    more: dict[int, list[CheckResult]] = {}
    for place, group in enumerate(groups):
        home = next((p for p, e in enumerate(explained) if not e and _explains(groups[p], group)), None)
        if home is None:
            kept.append(place)
        else:
            more.setdefault(home, []).extend((*group.results, *group.consequences))
    return [replace(groups[p], consequences=(*groups[p].consequences, *more.get(p, ()))) for p in kept]


def _explains(cause: FailureGroup, group: FailureGroup) -> bool:
    """Whether a group follows from another: a random program meets every deviation of an operation that a check of its own names; and a
    wrong value is that of a member which many answers show in a wrong shape, this one or one that it is compared with."""
    if cause is group or group.offence.symptom not in ("value", "no-effect"):
        return False
    if cause.offence.path == KEPT_ANSWER:
        return all(result.harm != Harm.LETS_SOMEBODY_IN for result in group.results)
    if group.offence.symptom == "no-effect":
        return False
    same = bool(set(cause.operations) & set(group.operations))
    if same and all(result.id in PROGRAMS for result in group.results):
        return not all(result.id in PROGRAMS for result in cause.results)
    used = same or all(set(cause.operations) & set(_offence(result).used) for result in group.results)
    wide = used and cause.offence.symptom == "shape" and len(cause.operations) > SPREAD
    key = _key(cause.results[0])
    about = (
        wide
        and not key[2].endswith(MEMBERS)
        and re.search(rf"\b{re.escape(_member(key))}\b", group.offence.text)
    )
    return bool(about)


def _is_cause(group: FailureGroup) -> bool:
    """Whether the group may be the cause of other failures. If errors have a wrong shape, checks cannot read their codes."""
    offence = group.offence
    unreadable = (
        offence.path == "error" and UNDOCUMENTED not in offence.text and len(group.operations) > SPREAD
    )
    return unreadable or offence.symptom in SYSTEMIC


def _follows(offence: Offence, cause: FailureGroup, working: frozenset[str]) -> bool:
    """Whether a failure may be a consequence of this cause. A wrong shape is a cause of its own, unless it is that of the server error
    itself; and an operation that works for correct requests (`working`) causes no other failure by failing for invalid ones."""
    known = cause.offence
    if offence.path == KEPT_ANSWER:
        return False
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
    """The offence of a result; if it was not analysed, the check's own reason."""
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
    if offence.path == KEPT_ANSWER:
        return (offence.symptom, "", KEPT_ANSWER)
    if offence.path == FOREIGN:
        return (offence.symptom, "", FOREIGN, offence.got)  # made in one place, for all operations
    if offence.symptom == "shape":
        # A status that the document lacks is mended in the document, a wrong body of errors in the server.
        path = UNDOCUMENTED if UNDOCUMENTED in offence.text else RENAMED.sub(MEMBERS, offence.path)
        return (offence.symptom, offence.operation, path, offence.expected)
    if offence.got < REDIRECTED and offence.symptom in ("accepted", "status"):
        # A success where a refusal is right is one cause, whichever success it is and whichever code the refusal should have had.
        return (offence.symptom, offence.operation, offence.fault, offence.expected[:3])
    if offence.symptom == "accepted":
        return (offence.symptom, offence.operation, offence.fault, offence.expected)
    if offence.symptom == "status":
        return (offence.symptom, offence.operation, offence.fault, offence.expected, offence.got)
    return (offence.symptom, offence.operation, offence.path, "" if offence.path else result.id)


def _member(key: Key) -> str:
    """The last name of the pointer to a wrong shape: the member that has it, wherever answers show that member."""
    names = [name for name in key[2].rpartition(" ")[0].split("/") if name != "*" and " " not in name]
    return names[-1] if names and names[-1] else key[2]


def _spread(by_key: dict[Key, list[CheckResult]]) -> list[list[CheckResult]]:
    """The groups, with those joined that have the same wrong shape, status or server error at many operations."""
    alike: dict[Key, list[Key]] = {}
    for key in by_key:
        if key[0] in ("shape", "status", "accepted", "server-error"):
            what = (_member(key),) if key[0] == "shape" else (key[2],)
            alike.setdefault((key[0], *what, *key[3:]), []).append(key)
    joined: list[list[CheckResult]] = []
    done: set[Key] = set()
    for keys in alike.values():
        if len({key[1] for key in keys}) > SPREAD:
            joined.append([result for key in keys for result in by_key[key]])
            done.update(keys)
    return joined + [results for key, results in by_key.items() if key not in done]


def _group(alike: Sequence[CheckResult]) -> FailureGroup:
    ordered = sorted(alike, key=lambda r: (len(r.curl) or 99, r.requests, r.id, r.operation))
    # The most frequent text names the cause.
    ways = Counter(_way(result) for result in ordered)
    ordered.sort(key=lambda result: -ways[_way(result)])
    # A read may fail because of what a write has stored, so writes come first.
    ordered.sort(key=lambda r: _offence(r).symptom in STORED and _offence(r).operation not in WRITES)
    return FailureGroup(_offence(ordered[0]), tuple(ordered))


def _way(result: CheckResult) -> str:
    """The offence's text without operation and status."""
    text = _offence(result).text
    return text.partition(": ")[2] or text


def _rank(group: FailureGroup) -> tuple[object, ...]:
    """What many checks met is the cause of most; then comes the worst harm."""
    symptom, count = group.offence.symptom, len(group.results)
    return (
        not _is_cause(group),
        symptom not in SYSTEMIC,
        -count if count > SPREAD else 0,
        min(_HARMS.get(result.harm, len(Harm)) for result in group.results),
        -count,
        symptom,
        group.offence.text,
    )
