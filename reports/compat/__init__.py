"""Would a client of the old openapi.yaml still work with a server of the new one? And what else is different?

`compare(old, new)` walks both documents side by side. What a client sends may only be narrowed at its cost, what
it gets may only be widened at its cost, so every finding knows its direction. A client here is one like the
guide's: it reads documented members, ignores others, and checks no length.

    >>> from contracts import spec
    >>> compare(spec.load(), spec.load())
    ()
"""

from reports.compat.change import RULES, Change, Severity
from reports.compat.compare import compare

__all__ = ["RULES", "Change", "Severity", "compare"]
