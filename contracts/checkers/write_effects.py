"""What one call may have changed: the bridge from a request to the versions of items.

Some writes show the version that they made (create, update, revert, and each update inside a bulk, whose version is its
base plus one). Others do not (archive answers `{success: true}`), may have had no effect (publishing what is published),
or lost their answer. An `Effect` keeps these apart, so that each checker can be exact about what it knows and lenient
about what nobody can know.

    >>> facts = {"item": "i", "base": 1, "version": 2}
    >>> update = Call(client="c1", operation="updateContentItem", due=0, sent=0, done=9, outcome=OK, facts=facts)
    >>> [(effect.item, effect.version, effect.sure) for effect in effects(update)]
    [('i', 2, True)]
"""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.content_writes import ACTIONS, ALWAYS_CHANGE, BULK, BULK_TYPES, WRITES
from contracts.history import FAIL, INFO, OK, Call

NEVER = 1 << 63
"""When a call without an answer ended: after everything else."""


class Effect(NamedTuple):
    """One change of one item by one call. `version` is None where the answer does not say it; `sure` is False where there may
    have been no effect at all."""

    call: Call
    item: str
    version: int | None
    sure: bool
    action: str

    @property
    def end(self) -> int:
        """The last moment at which it can have happened, ns."""
        return end(self.call)


def end(call: Call) -> int:
    """The last moment at which a call can have taken effect: its answer, or never."""
    return NEVER if call.done is None or call.outcome is INFO else call.done


Change = tuple[str, int | None, bool, str]
"""(item, version, sure, action): an `Effect` without its call."""


def effects(call: Call) -> tuple[Effect, ...]:
    """All that the call has changed or may have changed; nothing for a read and for what certainly failed."""
    return tuple(Effect(call, *change) for change in changes(call))


def changes(call: Call) -> Sequence[Change]:
    """The same as plain tuples, for loops over many calls."""
    operation = call.operation
    if operation not in WRITES or call.outcome is FAIL:
        return ()
    facts = call.facts
    if operation == BULK:
        return _bulk(call)
    item = facts.get("item")
    if item is None:  # a create whose answer was lost: nobody knows the id
        return ()
    action = ACTIONS[operation]
    if call.outcome is OK:
        return ((item, facts.get("version"), operation in ALWAYS_CHANGE, action),)
    base = facts.get("base")
    return ((item, None if base is None else base + 1, False, action),)


def _bulk(call: Call) -> list[Change]:
    """Rows of `ops` are [type, item, base or null]; those of `failed` are [index, code]."""
    facts = call.facts
    failed = {row[0] for row in facts["failed"]} if facts.get("failed") else ()
    answered = call.outcome is OK
    found = []
    for index, row in enumerate(facts.get("ops", ())):
        if index not in failed:
            kind, base = row[0], row[2] if len(row) > 2 else None
            made = None if base is None else base + 1
            found.append((row[1], made, answered and kind == "update", ACTIONS[BULK_TYPES[kind]]))
    return found
