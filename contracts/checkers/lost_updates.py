"""The checker of lost updates: each accepted update is based on the version right below its own, and no two on the same one.

- `wrong-base`: an update from version b was answered with another version than b + 1, so it overwrote changes that the client never saw;
- `same-base`: two updates of one item made from the same version were both accepted;
- `false-conflict`: an update was refused as a conflict though the version that the refusal names is the base it came from.

Updates inside a bulk count like single ones. Facts: `item`, `base`, `version`, `code`, `current`, `ops`, `failed`.
"""

from contracts.checkers.findings import Finding, verdict
from contracts.checkers.write_effects import tells_all
from contracts.content_writes import BULK
from contracts.history import FAIL, OK, Call, History
from contracts.verdict import Verdict

CHECK = "lost-update"
UPDATES = frozenset({"updateContentItem", BULK})


def lost_update(history: History) -> Verdict:
    """The verdict on all updates whose base is known; UNKNOWN if there are none."""
    findings: list[Finding] = []
    accepted: dict[tuple[str, int], Call] = {}
    seen = 0
    for call in history:
        operation = call.operation
        if operation not in UPDATES:
            continue
        if operation == BULK and call.outcome is OK:
            bases = _in_bulk(call)
        elif operation == "updateContentItem" and "base" in call.facts and "item" in call.facts:
            bases = [(call.facts["item"], call.facts["base"])] if call.outcome is OK else []
            findings += _own(call)
        else:
            continue
        seen += len(bases) if operation == BULK else 1
        for key in bases:
            other = accepted.setdefault(key, call)
            if other is not call or (len(bases) > 1 and bases.count(key) > 1):
                reason = f"two updates of {key[0]} from version {key[1]} were both accepted"
                findings.append(Finding("same-base", reason, (other, call)))
    return verdict(CHECK, findings, seen=seen, lacking="no update with a known base was sent")


def _in_bulk(call: Call) -> list[tuple[str, int]]:
    """(item, base) of each accepted update in a bulk request."""
    facts = call.facts
    if not tells_all(call):
        return []
    failed = {row[0] for row in facts["failed"]} if facts.get("failed") else ()
    return [
        (row[1], row[2])
        for index, row in enumerate(facts.get("ops", ()))
        if row[0] == "update" and len(row) > 2 and row[2] is not None and index not in failed
    ]


def _own(call: Call) -> list[Finding]:
    """The findings that a single update shows by itself."""
    facts = call.facts
    item, base = facts["item"], facts["base"]
    if call.outcome is OK and "version" in facts and facts["version"] != base + 1:
        reason = f"an update of {item} from version {base} was answered with version {facts['version']}"
        return [Finding("wrong-base", reason, (call,))]
    if call.outcome is FAIL and facts.get("code") == "VERSION_CONFLICT" and facts.get("current") == base:
        reason = f"an update of {item} from its current version {base} was refused as a conflict"
        return [Finding("false-conflict", reason, (call,))]
    return []
