"""Numbers and texts for people: a dash if nothing was measured, and no control character anywhere.

>>> [ms(v) for v in (0.4213, 4.213, 42.13, 200.04, 1204.2, None)]
['0.42', '4.21', '42.1', '200.0', '1,204', '–']
>>> [share(v) for v in (0.0, 0.00004, 0.0213, 1.0, None)]
['0', '<0.01 %', '2.13 %', '100 %', '–']
"""

import re
from unicodedata import category

NOTHING = "–"

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def ms(value: float | None) -> str:
    if value is None:
        return NOTHING
    if value < 10:
        return f"{value:.2f}"
    # One decimal up to a second: 200.4 must never read as the 200 that the objective allows.
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def share(value: float | None) -> str:
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    if value < 0.0001:
        return "<0.01 %"
    return f"{100 * value:.3g} %" if value < 0.1 else f"{100 * value:.0f} %"


def count(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plain(text: str) -> str:
    """A text as one line without control characters (Unicode class Cc), because a target must not control the user's terminal.

    >>> plain("a\\n\\x1b[31mb")
    'a [31mb'
    """
    return upright(" ".join("".join(" " if category(c) == "Cc" else c for c in text).split()))


def upright(text: str) -> str:
    """A text with the characters escaped that change the direction of writing, because a title from a target could turn half
    a page from right to left.

    >>> upright("a\\u202eb\\u2066c") == r"a\\u202eb\\u2066c"
    True
    """
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) if _TURNING.search(text) else text
