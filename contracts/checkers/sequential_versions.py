"""Items whose changes follow each other, judged as the calls come: what `versions` would find nothing in.

Where no call overlaps with a write there is one order, and whether it explains every answer shows at once: the version is known,
or lies between two numbers after a write whose answer did not tell it. Nearly every item of a load run is like this. What does
not fit, and what is not so simple (an overlap, a lost answer), is left to the folding of `versions`, which takes more than
twice the time and tells what is wrong. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from contracts.checkers.write_effects import NEVER, changes
from contracts.content_writes import ALWAYS_CHANGE, BULK, WRITES
from contracts.history import FAIL, OK, Call

LISTS = frozenset({"getContentItems", "getContentByCategory"})
"""What these show is the present; a sync may show the past."""


class SequentialItem:
    """One item whose changes follow each other, with the last state that calls have shown. `seen`: version -> digest, if known."""

    __slots__ = ("busy", "high", "low", "moved", "seen")

    def __init__(self, version: int, digest: str | None, *, moved: int, busy: int) -> None:
        self.low = self.high = version
        """Between these two the version lies."""
        self.moved, self.busy = moved, busy
        """When the last write ended, and the last call."""
        self.seen = {version: digest}

    def shows(self, version: int, digest: str | None) -> bool:
        """Whether this content goes with what was seen before."""
        seen = self.seen
        if digest is None:
            seen.setdefault(version, None)
            return True
        known = seen.get(version)
        if known is None:
            seen[version] = digest
        return known is None or known == digest

    def read(self, version: int, digest: str | None, sent: int, done: int) -> bool:
        """Whether the item can have had this version then. Reads may overlap while none of them tells anything new."""
        if self.low == version == self.high:
            if sent <= self.moved:
                return False
        elif sent <= self.busy or not self.low <= version <= self.high:
            return False
        self.low = self.high = version
        if done > self.busy:
            self.busy = done
        return self.shows(version, digest)

    def read_past(self, version: int, digest: str | None, sent: int) -> bool:
        """An answer that may show an old version: that it is as it was."""
        return sent > self.moved and version in self.seen and self.shows(version, digest)

    def write(self, sent: int, done: int) -> bool:
        """Whether it comes after everything before it."""
        if sent <= self.busy:
            return False
        self.moved = self.busy = done
        return True

    def make(self, version: int, digest: str | None, *, least: int) -> bool:
        """By a write that raised the version by one, or (`least` 0) may have."""
        if not self.low + least <= version <= self.high + 1:
            return False
        self.low = self.high = version
        return self.shows(version, digest)


SequentialItems = dict[str, SequentialItem | None]
"""By item; None where it is not so simple."""


def sequential_items(history: Iterable[Call], known: Container[str] | None = None) -> SequentialItems:
    """`known` as of `versions`."""
    found: SequentialItems = {}
    for call in history:
        facts = call.facts
        if call.operation == BULK:
            _bulk(found, call)
        elif "item" in facts:
            item = facts["item"]
            if item not in found:
                _begin(found, item, call)
            else:
                course = found[item]
                if course is not None and not _goes_on(course, call):
                    found[item] = None
        elif "items" in facts and call.outcome is OK:
            _rows(found, call, known)
    return found


def _begin(found: SequentialItems, item: str, call: Call) -> None:
    """The first call about an item. One that neither shows nor changes anything is passed over."""
    facts, done = call.facts, call.done
    writes = call.operation in WRITES
    if call.outcome is OK and done is not None and "version" in facts:
        moved = done if writes else -NEVER
        found[item] = SequentialItem(facts["version"], facts.get("digest"), moved=moved, busy=done)
    elif (writes and (call.outcome is not FAIL or "current" in facts)) or (
        call.outcome is OK and "version" in facts
    ):
        found[item] = None


def _goes_on(course: SequentialItem, call: Call) -> bool:
    """Whether the call fits in after those before it."""
    facts, outcome, sent, done = call.facts, call.outcome, call.sent, call.done
    if call.operation not in WRITES:
        version = facts.get("version")
        if outcome is not OK or version is None:
            return True
        digest = facts.get("digest")
        if "asked" in facts:
            return course.read_past(version, digest, sent)
        return done is not None and course.read(version, digest, sent, done)
    if outcome is OK and done is not None:
        version = facts.get("version")
        if not course.write(sent, done):
            return False
        if version is None:
            course.high += 1
            return True
        return course.make(version, facts.get("digest"), least=call.operation in ALWAYS_CHANGE)
    if outcome is FAIL:  # refused: a conflict tells the current version
        return "current" not in facts or (
            done is not None and course.read(facts["current"], None, sent, done)
        )
    return False


def _rows(found: SequentialItems, call: Call, known: Container[str] | None) -> None:
    """Of a list: most of what a load run shows is rows."""
    sent, done, live = call.sent, call.done, call.operation in LISTS
    for row in call.facts["items"]:
        item, version = row[0], row[1]
        digest = row[3] if len(row) > 3 else None
        if item not in found:
            if known is None or item in known:
                found[item] = (
                    None if done is None else SequentialItem(version, digest, moved=-NEVER, busy=done)
                )
            continue
        course = found[item]
        if course is None:
            continue
        if done is None:
            found[item] = None
        elif course.low == version == course.high and sent > course.moved and course.seen[version] == digest:
            # `read`, spelled out where it tells nothing new.
            if done > course.busy:
                course.busy = done
        elif not (
            course.read(version, digest, sent, done) if live else course.read_past(version, digest, sent)
        ):
            found[item] = None


def _bulk(found: SequentialItems, call: Call) -> None:
    sent, done = call.sent, call.done
    for item, made, sure, _ in changes(call):
        course = found.get(item)
        if call.outcome is not OK or done is None or made is None:
            found[item] = None
        elif course is None:
            # The first that is told of this item, or one that is left already.
            found[item] = (
                SequentialItem(made, None, moved=done, busy=done) if sure and item not in found else None
            )
        elif not course.write(sent, done):
            found[item] = None
        elif sure:
            if not course.make(made, None, least=1):
                found[item] = None
        elif course.low < made == course.high + 1:  # it made this version or none
            course.high = made
