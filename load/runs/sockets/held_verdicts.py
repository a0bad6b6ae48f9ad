"""What is said of sockets that were held: whether all came and stayed, and whether each heard of each write. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.verdict import Grade, Verdict

NEVER = "never opened"
"""Lost by our own clock: a generator that was saturated may not have read the answer."""


def held_verdicts(clients: int, told: Sequence[Mapping[str, Any]], blind: str = "") -> Iterator[Verdict]:
    """`told`: of each process how many are open at the end, how others were lost, and events missing of those due. `blind`: why
    the load generator's own clock cannot be trusted."""
    lost: Counter[str] = Counter()
    for one in told:
        lost.update(one.get("lost", {}))
    still, missing, due = (sum(int(one.get(name, 0)) for one in told) for name in ("open", "missing", "due"))
    ends = ", ".join(f"{count} {how}" for how, count in sorted(lost.items()))
    grade = Grade.FAIL if lost else Grade.PASS if still == clients else Grade.UNKNOWN
    reason = f"{still} of {clients} sockets were open at the end" + (f"; {ends}" if ends else "")
    if grade is Grade.FAIL and blind and lost.keys() == {NEVER}:
        grade, reason = Grade.UNKNOWN, f"{blind} ({reason})"
    evidence = {"clients": clients, "open": still, "lost": dict(lost)}
    yield Verdict(
        check="sockets.held", grade=grade, reason="" if grade is Grade.PASS else reason, evidence=evidence
    )
    reason = f"{missing} of {due} events of acknowledged writes never came (W3)" if missing else ""
    if not due:
        reason = "no write was acknowledged while all sockets were open"
    grade = Grade.FAIL if missing else Grade.PASS if due else Grade.UNKNOWN
    yield Verdict(
        check="sockets.delivered", grade=grade, reason=reason, evidence={"missing": missing, "due": due}
    )
