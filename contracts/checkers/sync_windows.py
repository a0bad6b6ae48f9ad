"""The checker of sync windows: a chain of them loses nothing and repeats nothing, compared with the writes in the history.

A window is (since, stamp]. For each sync answer:
- `outside`: every entry's stamp lies in the window; `order`: entries strictly ascend; `repeat`: no item comes twice.
  The windows of a chain do not overlap, so together these mean that nothing is repeated at a border;
- `lost`: a write that was answered before the sync was sent, and whose stamp lies in the window, is shown there at its
  version or a later one, unless a later write may have moved the item out of the window;
- `behind`: without `hasMore` the window reaches at least to the stamp of every write answered before the sync was sent;
- `empty-more`: `hasMore` comes with at least one entry and a stamp that advanced.

Facts of a sync: `since`, `stamp` (both in UTC with six digits of a fraction or more, which sorts as text; a recorder converts),
`has_more`, `items` [[id, version, updatedAt]], `deleted` [[id, deletedAt]], `include_deleted`, `platforms`, `workspace`.
Facts of a write: `item`, `version`, `at` (its updatedAt), `platforms` (the item's after it; none = all), `workspace`.
Source: S:182-195; R30.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter, lt

from contracts.checkers.findings import Finding, verdict
from contracts.checkers.write_effects import effects, end
from contracts.content_writes import WRITES
from contracts.history import OK, Call, History
from contracts.verdict import Verdict

CHECK = "sync"
SYNC = "syncContent"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,}Z")


Write = tuple[int, int | None, Call]
"""(time sent, the version that it made or may have made, the call)."""


Stamped = tuple[str, str, int, int, Write]
"""(stamp, item, version, time answered, write) of a write that showed its stamp. It is a plain tuple, because there is one for each write."""


@dataclass(slots=True)
class Writes:
    """The writes of one workspace: those with a known stamp, sorted by it, and all writes by item."""

    stamped: list[Stamped] = field(default_factory=list)
    by_item: dict[str, list[Write]] = field(default_factory=lambda: defaultdict(list))
    ats: list[str] = field(default_factory=list)
    """The stamps of `stamped`."""
    earliest: list[Stamped] = field(default_factory=list)
    """For each index of `stamped`, the write from there on that was answered first."""

    def close(self) -> None:
        """Sort the writes, after the last was added."""
        self.stamped.sort(key=itemgetter(0))
        self.ats = [stamped[0] for stamped in self.stamped]
        best: Stamped | None = None
        for stamped in reversed(self.stamped):
            best = stamped if best is None or stamped[3] < best[3] else best
            self.earliest.append(best)
        self.earliest.reverse()


def sync(history: History) -> Verdict:
    """The verdict on all sync answers, each by itself and against the writes."""
    windows = [
        call
        for call in history
        if call.operation == SYNC
        and call.outcome is OK
        and STAMP.fullmatch(call.facts.get("since", ""))
        and STAMP.fullmatch(call.facts.get("stamp", ""))
    ]
    if not windows:
        return verdict(CHECK, [], seen=0, lacking="no sync was answered whose window is known")
    writes = _writes(history)
    findings = [finding for call in windows for finding in _alone(call)]
    for call in windows:
        findings += _against(call, writes[call.facts.get("workspace", "")])
    stamped = sum(len(w.stamped) for w in writes.values())
    if not findings and not stamped:
        lacking = "no write with a known stamp was recorded, so nothing could have been lost"
        return verdict(CHECK, [], seen=0, lacking=lacking, windows=len(windows))
    return verdict(CHECK, findings, seen=len(windows), lacking="", writes=stamped)


def _writes(history: History) -> dict[str, Writes]:
    found: dict[str, Writes] = defaultdict(Writes)
    for call in history:
        if call.operation not in WRITES:
            continue
        facts = call.facts
        writes = found[facts.get("workspace", "")]
        at = facts.get("at") if call.outcome is OK else None
        for effect in effects(call):
            write = (call.sent, effect.version, call)
            writes.by_item[effect.item].append(write)
            if at is not None and effect.version is not None:
                writes.stamped.append((at, effect.item, effect.version, effect.end, write))
    for writes in found.values():
        writes.close()
    return found


def _alone(call: Call) -> Iterable[Finding]:
    facts = call.facts
    since, stamp = facts["since"], facts["stamp"]
    ids = [row[0] for row in facts.get("items", ())]
    ids += [row[0] for row in facts.get("deleted", ())]
    if len(set(ids)) < len(ids):
        item = next(i for i in ids if ids.count(i) > 1)
        yield Finding("repeat", f"{item} came twice in one window", (call,))
    for name, column in (("items", 2), ("deleted", 1)):
        stamps = [row[column] for row in facts.get(name, ()) if len(row) > column]
        if not stamps:
            continue
        # A sync without `has_more` comes in one piece and needs no order.
        if "has_more" in facts and not all(map(lt, stamps, stamps[1:])):
            yield Finding("order", f"the stamps of {name} do not ascend", (call,))
        for at in {min(stamps), max(stamps)}:
            if not since < at <= stamp:
                yield Finding(
                    "outside", f"an entry of {at} is shown in the window ({since}, {stamp}]", (call,)
                )
    if facts.get("has_more") and (stamp <= since or not ids):
        reason = "the answer says that there is more, but its window is empty, so a client would ask for ever"
        yield Finding("empty-more", reason, (call,))


def _against(call: Call, writes: Writes) -> Iterable[Finding]:
    facts = call.facts
    since, stamp = facts["since"], facts["stamp"]
    first, last = bisect_right(writes.ats, since), bisect_right(writes.ats, stamp)
    sent, asked = call.sent, facts.get("platforms")
    if first < last:
        versions = {row[0]: row[1] for row in facts.get("items", ())}
        gone = {row[0] for row in facts.get("deleted", ())}
        for at, item, version, answered, write in writes.stamped[first:last]:
            if versions.get(item, 0) >= version or answered >= sent or item in gone:
                continue
            if _concerns(asked, write[2]) and not _moved_on(call, item, write, writes):
                reason = f"{item} version {version} of {at} is missing from ({since}, {stamp}]"
                yield Finding("lost", reason, (write[2], call))
    if not facts.get("has_more") and last < len(writes.stamped):
        at, _, _, answered, write = writes.earliest[last]
        if answered < sent:
            reason = (
                f"the window ends at {stamp} with nothing more, but a write of {at} was answered before it"
            )
            yield Finding("behind", reason, (write[2], call))


def _concerns(asked: list[str] | None, write: Call) -> bool:
    """Whether the client asked for one of the item's platforms."""
    has = write.facts.get("platforms")
    return not asked or not has or bool(set(asked) & set(has))


def _moved_on(call: Call, item: str, write: Write, writes: Writes) -> bool:
    """Whether a later write may have moved the item out of this window. If it stayed inside, that write is judged instead, so that one
    loss is one finding."""
    finish = call.done if call.done is not None else end(write[2])
    version = write[1] or 0
    return any(
        other is not write and other[0] < finish and (other[1] is None or other[1] > version)
        for other in writes.by_item[item]
    )
