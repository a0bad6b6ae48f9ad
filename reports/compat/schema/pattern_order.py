"""Which of two patterns allows more? Decided for the kind that ids and codes have: one class, repeated.

Everything else is answered by None: nobody can say by looking, and this does not guess.

>>> order("^[a-z0-9-]{1,64}$", "^[A-Za-z0-9_-]{1,64}$")
(False, True)
>>> order(r"^[\\w]+$", "^[A-Za-z0-9_]+$")
(False, False)
>>> order("^[a-z]+$", "^(?=.*[0-9]).*$") is order("^[a-zà-ö]+$", "^[a-zà-ü]+$") is None
True
"""

import re

_SIMPLE = re.compile(
    r"\^(\[(?!\^)(?:[ -Z^-~]|\\[dDwWtnrfv]|\\[^A-Za-z0-9])+\])(\*|\+|\?|\{(\d+)(,?)(\d*)\}|)\$"
)
_REPEATS = {"*": (0, None), "+": (1, None), "?": (0, 1), "": (1, 1)}
_BEYOND_ASCII = "é\u2028\U0001f600"

Language = tuple[frozenset[str], int, int | None]


def order(old: str, new: str) -> tuple[bool, bool] | None:
    """(the new one refuses something that the old one allows, the new one allows something that the old refuses)."""
    if _spelled(old) == _spelled(new):
        return False, False
    one, other = _language(old), _language(new)
    if one is None or other is None:
        return None
    return _beyond(one, other), _beyond(other, one)


def matches(pattern: str, name: str) -> bool:
    """Whether ECMA 262 would find the pattern in the name; Python's own reading of it is near enough for names."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _spelled(pattern: str) -> str:
    """With a class of one character written as that character.

    >>> _spelled('^["]v[.]1["]$')
    '^"v\\\\.1"$'
    """
    return re.sub(r"\[([^\\\]^])\]", lambda found: re.escape(found[1]), pattern)


def _language(pattern: str) -> Language | None:
    found = _SIMPLE.fullmatch(pattern)
    if not found:
        return None
    try:
        kind = re.compile(found[1], re.ASCII)  # as in ECMA 262, where `\w` is no é
    except re.error:
        return None
    letters = frozenset(c for c in [*map(chr, range(128)), *_BEYOND_ASCII] if kind.fullmatch(c))
    if found[3] is None:
        return letters, *_REPEATS[found[2]]
    low = int(found[3])
    return letters, low, int(found[5]) if found[5] else None if found[4] else low


def _beyond(one: Language, other: Language) -> bool:
    """Whether the first has a word that the second lacks."""
    (letters, low, high), (allowed, least, most) = one, other
    return bool(letters - allowed) or low < least or (most is not None and (high is None or high > most))
