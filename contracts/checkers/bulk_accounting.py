"""The checker of bulk requests: an answer accounts for each operation of its request exactly once.

- `count`: `successfulOperations` plus the number of failures is the number of operations;
- `index`: each failure names an operation of the request, none twice, in ascending order;
- `id`: the failure's id is that operation's;
- `code`: the code is one that this kind of operation can fail with;
- `same-base`: of two updates of one item from one version in one request at most one succeeds.

Whether successful operations took effect and failed ones did not is judged by `versions`, for each item.
Facts: `ops` [[type, item, base or null]], `succeeded`, `failed` [[index, code, item]] (the item may be left out).
"""

from collections import Counter
from itertools import pairwise

from contracts.checkers.findings import Finding, verdict
from contracts.content_writes import BULK
from contracts.history import OK, Call, History
from contracts.verdict import Verdict

CHECK = "bulk"
CODES = {
    "update": frozenset(
        {"FORBIDDEN", "CONTENT_NOT_FOUND", "INVALID_STATE", "VERSION_CONFLICT", "CATEGORY_UNKNOWN"}
    ),
    "publish": frozenset({"FORBIDDEN", "CONTENT_NOT_FOUND", "INVALID_STATE"}),
    "archive": frozenset({"FORBIDDEN", "CONTENT_NOT_FOUND"}),
}


def bulk(history: History) -> Verdict:
    """The verdict on all answered bulk requests."""
    answered = [
        call for call in history if call.operation == BULK and call.outcome is OK and "ops" in call.facts
    ]
    findings = [finding for call in answered for finding in _findings(call)]
    return verdict(CHECK, findings, seen=len(answered), lacking="no bulk request was answered")


def _findings(call: Call) -> list[Finding]:
    ops, failed, succeeded = call.facts["ops"], call.facts.get("failed"), call.facts.get("succeeded")
    findings = []
    if failed is None:
        return []  # the document does not promise which operations failed
    if succeeded is None or succeeded + len(failed) != len(ops):
        reason = f"{len(ops)} operations were answered as {succeeded} successes and {len(failed)} failures"
        findings.append(Finding("count", reason, (call,)))
    indexes = [row[0] for row in failed]
    if any(not 0 <= i < len(ops) for i in indexes) or any(a >= b for a, b in pairwise(indexes)):
        reason = f"the failures name the operations {indexes}, not ascending indexes below {len(ops)}"
        return [*findings, Finding("index", reason, (call,))]
    for row in failed:
        kind, item = ops[row[0]][0], ops[row[0]][1]
        if row[1] is not None and row[1] not in CODES[kind]:
            findings.append(
                Finding("code", f"operation {row[0]} ({kind}) failed with {row[1]}, which it cannot", (call,))
            )
        if len(row) > 2 and row[2] != item:
            reason = f"operation {row[0]} is about {item}, its failure about {row[2]}"
            findings.append(Finding("id", reason, (call,)))
    lost = set(indexes)
    bases = [(op[1], op[2]) for i, op in enumerate(ops) if op[0] == "update" and i not in lost]
    twice = (
        sorted(key for key, count in Counter(bases).items() if count > 1)
        if len(set(bases)) < len(bases)
        else []
    )
    return findings + [
        Finding("same-base", f"one request updated {item} twice from version {base}", (call,))
        for item, base in twice
    ]
