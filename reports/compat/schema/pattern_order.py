"""The order of two regular expressions by what they allow, for patterns of one repeated character class, as ids have.

For all other patterns the answer is None: deciding them would need more than a comparison of sets.

>>> compare_patterns("^[a-z0-9-]{1,64}$", "^[A-Za-z0-9_-]{1,64}$")
(False, True)
>>> compare_patterns(r"^[\\w]+$", "^[A-Za-z0-9_]+$")
(False, False)
>>> compare_patterns("^[a-z]+$", "^(?=.*[0-9]).*$") is compare_patterns("^[a-zà-ö]+$", "^[a-zà-ü]+$") is None
True
"""

import re

_SIMPLE = re.compile(
    r"\^(\[(?!\^)(?:[ -Z^-~]|\\[dDwWtnrfv]|\\[^A-Za-z0-9])+\])(\*|\+|\?|\{(\d+)(,?)(\d*)\}|)\$"
)
_REPEATS = {"*": (0, None), "+": (1, None), "?": (0, 1), "": (1, 1)}
_BEYOND_ASCII = "é\u2028\U0001f600"

Language = tuple[frozenset[str], int, int | None]


def compare_patterns(old: str, new: str) -> tuple[bool, bool] | None:
    """(whether the new one refuses text that the old one allows, whether it allows text that the old one refuses)."""
    if _spelled(old) == _spelled(new):
        return False, False
    one, other = _language(old), _language(new)
    if one is None or other is None:
        return None
    return _beyond(one, other), _beyond(other, one)


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern (ECMA 262) matches somewhere in a name; Python's regex dialect is close enough for names."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _spelled(pattern: str) -> str:
    """The pattern with each class of one character replaced by that character.

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
    """Whether the first language has a word that the second lacks."""
    (letters, low, high), (allowed, least, most) = one, other
    return bool(letters - allowed) or low < least or (most is not None and (high is None or high > most))
