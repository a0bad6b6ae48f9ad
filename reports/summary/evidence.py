"""Numbers in a verdict's evidence, which may hold anything: all requested numbers, or None.

>>> numbers({"ratio": 1.5, "low": 1, "since": "x"}, "ratio", "low"), numbers({"ratio": "x"}, "ratio"), numbers({}, "ratio")
({'ratio': 1.5, 'low': 1.0}, None, None)
"""

from collections.abc import Mapping
from typing import Any

MOST = 1e18


def numbers(evidence: Mapping[str, Any], *names: str) -> dict[str, float] | None:
    """All requested numbers, or None if one is missing, no number or negative: a comparison is drawn whole or not at all."""
    found: dict[str, float] = {}
    for name in names:
        value = evidence.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
            return None
        found[name] = float(value)
    return found
