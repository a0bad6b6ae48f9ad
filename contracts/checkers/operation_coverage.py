"""The checker of coverage: a run must not pass if an operation never succeeded, because then nothing is known about it.

Facts: none; it reads `operation` and `outcome`.
"""

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

from contracts.history import OK, History
from contracts.verdict import Grade, Verdict

CHECK = "coverage"


def coverage(history: History, expected: Iterable[str] = ()) -> Verdict:
    """The verdict on a history; UNKNOWN unless every expected operation, and every one that was tried, succeeded at least once."""
    counted = Counter(map(attrgetter("operation"), history))
    tried = {name: count for name, count in counted.items() if name[:6] != "socket"}
    succeeded = {call.operation for call in history if call.outcome is OK}
    wanted = dict.fromkeys((*expected, *sorted(tried)))
    evidence = {"tried": dict(sorted(tried.items())), "missing": [o for o in wanted if o not in succeeded]}
    if not wanted:
        return Verdict(check=CHECK, grade=Grade.UNKNOWN, reason="the history holds no request at all")
    missing = evidence["missing"]
    if missing:
        listed = ", ".join(f"{o} ({tried[o]} tried)" if o in tried else f"{o} (never tried)" for o in missing)
        reason = f"never succeeded, so nothing is known of: {listed}"
        return Verdict(check=CHECK, grade=Grade.UNKNOWN, reason=reason, evidence=evidence)
    return Verdict(check=CHECK, grade=Grade.PASS, evidence=evidence)
