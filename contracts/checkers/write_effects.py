"""The effects of a call: the versions of items that it made or may have made.

Some writes show the version that they made (create, update, revert, and each update in a bulk request, whose version is its base plus
one). Others do not show it (archive answers `{success: true}`), may have had no effect (publishing a published item), or got no answer.
An `Effect` distinguishes these cases, so that checkers are strict about what is known and lenient about the rest.

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
"""The end time of a call without an answer, which is after everything else."""


class Effect(NamedTuple):
    """One change of one item by one call. `version` is None if the answer does not show it; `sure` is False if there may have been no
    effect."""

    call: Call
    item: str
    version: int | None
    sure: bool
    action: str

    @property
    def end(self) -> int:
        """The last moment at which the change can have happened, ns."""
        return end(self.call)


def end(call: Call) -> int:
    """The last moment at which a call can have taken effect, ns: its answer, or NEVER."""
    return NEVER if call.done is None or call.outcome is INFO else call.done


def effects(call: Call) -> Sequence[Effect]:
    """The changes that a call made or may have made; none for a read and for a write that certainly failed."""
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
        return (Effect(call, item, facts.get("version"), operation in ALWAYS_CHANGE, action),)
    base = facts.get("base")
    return (Effect(call, item, None if base is None else base + 1, False, action),)


def tells_all(call: Call) -> bool:
    """Whether a bulk answer accounts for each operation, so that those which it does not call failed have succeeded. One that does not is the
    matter of the checker of bulk requests, and proves nothing of versions."""
    facts = call.facts
    failed, succeeded = facts.get("failed"), facts.get("succeeded")
    return succeeded is None or succeeded + len(failed or ()) == len(facts.get("ops", ()))


def _bulk(call: Call) -> list[Effect]:
    """The changes of a bulk request. Rows of `ops` are [type, item, base or null]; those of `failed` are [index, code]."""
    facts = call.facts
    failed = {row[0] for row in facts["failed"]} if facts.get("failed") else ()
    answered = call.outcome is OK and tells_all(call)
    found = []
    for index, row in enumerate(facts.get("ops", ())):
        if index not in failed:
            kind, base = row[0], row[2] if len(row) > 2 else None
            made = None if base is None else base + 1
            found.append(Effect(call, row[1], made, answered and kind == "update", ACTIONS[BULK_TYPES[kind]]))
    return found
