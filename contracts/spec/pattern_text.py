"""A short text that matches a regular expression, as the example of a string whose schema has a pattern and no example.

The first of several alternatives is taken, and each repetition is as short as possible. If a lookaround excludes that text, none is found.

>>> pattern_text('^["]v[1-9][0-9]*["]$'), pattern_text("^(/api)?/items/[A-Za-z0-9_-]{1,64}$"), pattern_text("^[!-~]{1,9}$", 4)
('"v1"', '/items/e', 'eeee')
>>> pattern_text("^(a|b)+$", plain="bb"), pattern_text("(not a pattern", plain="bb")
('bb', 'bb')
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _parser  # the standard library's own reading of a pattern; it has no public name
from typing import Any

PLAIN = "e1 " + "".join(map(chr, range(33, 127)))
"""The characters in the order in which they are tried."""
_CLASSES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


@lru_cache(maxsize=1000)
def pattern_text(pattern: str, shortest: int = 0, plain: str = "") -> str:
    """A text of at least `shortest` characters that matches. It is `plain` if that matches, and also if no text is found or the pattern
    is invalid."""
    try:
        tree, law = _parser.parse(pattern), re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return plain
    if len(plain) >= shortest and law.search(plain):
        return plain
    texts = (_text(tree, more) for more in range(shortest + 1))
    first = next((text for text in texts if len(text) >= shortest), "")
    return first if law.search(first) else plain


def _text(nodes: Iterable[tuple[Any, Any]], more: int) -> str:
    """The text of nodes of the parsed pattern."""
    return "".join(_piece(str(kind), argument, more) for kind, argument in nodes)


def _piece(kind: str, argument: Any, more: int) -> str:
    """The text of one node of the parsed pattern. Open repetitions have `more` repetitions than their minimum."""
    if kind == "LITERAL":
        return chr(argument)
    if kind in ("IN", "NOT_LITERAL", "ANY"):
        return next((character for character in PLAIN if _fits(kind, argument, character)), "")
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inside = argument
        return _text(inside, more) * min(int(least) + more, int(most))
    inside = {
        "SUBPATTERN": lambda: argument[-1],
        "ATOMIC_GROUP": lambda: argument,
        "BRANCH": lambda: argument[1][0],
    }.get(kind, tuple)()
    return _text(inside, more)


def _fits(kind: str, argument: Any, character: str) -> bool:
    if kind != "IN":
        return kind == "ANY" or ord(character) != argument
    rows: Iterable[tuple[str, Any]] = [(str(row), value) for row, value in argument]
    found = any(
        ord(character) == value if row == "LITERAL"
        else value[0] <= ord(character) <= value[1] if row == "RANGE"
        else row == "CATEGORY" and _of_class(str(value), character)
        for row, value in rows
    )  # fmt: skip
    return found != any(row == "NEGATE" for row, _ in rows)


def _of_class(name: str, character: str) -> bool:
    _, *negated, word = name.split("_")
    return (re.match(_CLASSES[word], character) is None) == bool(negated)
