"""What a process said, without secrets: its last words for a report, and its whole log.

>>> last_words("a\\n\\nBearer eyJh.eyJz.c2ln here\\n", ("hunter2",))
'a / Bearer <token> here'
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
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
    told = without(told, secrets)
    return told if len(told) <= LENGTH else "…" + told[-LENGTH:]


def without(text: str, secrets: Iterable[str]) -> str:
    """
    >>> without("login of me with hunter2", ("hunter2", ""))
    'login of me with <secret>'
    """
    told = _TOKEN.sub("<token>", text)
    for secret in secrets:
        if secret:
            told = told.replace(secret, "<secret>")
    return told


def scrub(path: Path, secrets: Iterable[str]) -> None:
    """Take the secrets out of a log that nobody writes to any more; line by line, so that its length does not matter.

    A log that cannot be rewritten is emptied: of the two losses the words are the smaller.
    """
    known = tuple(secrets)
    clean = path.with_name(f".{path.name}.clean")
    try:
        with (
            path.open(encoding="utf-8", errors="replace", newline="") as log,
            clean.open("w", encoding="utf-8", newline="") as kept,
        ):
            kept.writelines(without(line, known) for line in log)
        clean.replace(path)
    except FileNotFoundError:
        return
    except OSError:
        with suppress(OSError):
            os.truncate(path, 0)
        with suppress(OSError):
            clean.unlink(missing_ok=True)


def tail(path: Path) -> str:
    """The end of a log; empty where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _READ))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
