r"""Escaping of control characters, because a target's text may have terminal sequences (colours, titles, the clipboard).

>>> printable("a\x1b]52;c;cm0=\x07b\tc\nd")
'a\\x1b]52;c;cm0=\\x07b\tc\nd'
"""

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""The C0 and C1 control characters except tab and line feed, and those that end a line or change its direction."""


def printable(text: str) -> str:
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    r"""
    >>> one_line("a\n  b\x1b[2J")
    'a b\\x1b[2J'
    """
    return printable(" ".join(text.split()))
