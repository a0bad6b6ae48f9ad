"""The last words of a process, fit for a report: short, on one line, and without secrets.

>>> last_words("a\\n\\nBearer eyJh.eyJz.c2ln here\\n", ("hunter2",))
'a / Bearer <token> here'
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

LINES, ENOUGH, LENGTH = 4, 40, 500
"""Whole lines from the end, until so many characters are told; cut at the last number."""

_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_READ = 16_384  # bytes from the end of a log: enough for any last words


def last_words(text: str, secrets: Iterable[str]) -> str:
    lines = [line.strip() for line in _COLOUR.sub("", text).replace("\r", "\n").splitlines()]
    told = ""
    for line in [line for line in lines if line][: -LINES - 1 : -1]:
        told = f"{line} / {told}" if told else line
        if len(told) >= ENOUGH:
            break
    # Before the cut, so that no half of a secret is left at its edge.
    told = _TOKEN.sub("<token>", told)
    for secret in secrets:
        if secret:
            told = told.replace(secret, "<secret>")
    return told if len(told) <= LENGTH else "…" + told[-LENGTH:]


def tail(path: Path) -> str:
    """The end of a log; empty where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _READ))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
