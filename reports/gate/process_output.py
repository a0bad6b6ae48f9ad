"""The output of a process, without secrets: its last lines for a report, and its whole log.

>>> last_words("a\\n\\nBearer eyJh.eyJz.c2ln here\\n", ("hunter2",))
'a / Bearer <token> here'
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from unicodedata import category

from contracts.command.redaction import redacted

LINES, ENOUGH, LENGTH = 4, 40, 500
"""Lines from the end that are quoted at most, characters that are enough to stop earlier, and the most characters."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x1b\\|\x07|$)|.)", re.DOTALL)
"""Control sequences of a terminal (ECMA-48 5.4) and its strings, a write to the clipboard (OSC 52) among them."""
_READ = 16_384  # bytes from the end of a log: enough for the last lines


def last_words(text: str, secrets: Iterable[str]) -> str:
    """The last lines of an output in one line: at most 4 lines and 500 characters, without control characters and secrets."""
    lines = [line.strip() for line in _ESCAPE.sub("", text).replace("\r", "\n").splitlines()]
    words = ""
    for line in [line for line in lines if line][: -LINES - 1 : -1]:
        words = f"{line} / {words}" if words else line
        if len(words) >= ENOUGH:
            break
    # Before the cut, so that no half of a secret is left at its edge.
    words = visible(redacted(words, secrets))
    return words if len(words) <= LENGTH else "…" + words[-LENGTH:]


def how_far(text: str, secrets: Iterable[str]) -> str:
    """The progress of a part: the last percentage that pytest printed; without one, its last lines."""
    shares: list[str] = re.findall(r"\[ *(\d+%)\]", text)
    return shares[-1] if shares else last_words(text, secrets)


def visible(text: str) -> str:
    """The text without control characters (Unicode class Cc), so that a target's output cannot control a terminal."""
    return "".join(" " if category(character) == "Cc" else character for character in text)


def scrub(path: Path, secrets: Iterable[str]) -> None:
    """Remove the secrets from a finished log, line by line, so that its length does not matter.

    A log that cannot be rewritten is emptied: losing it is better than leaking a secret.
    """
    known = tuple(secrets)
    clean = path.with_name(f".{path.name}.clean")
    try:
        with (
            path.open(encoding="utf-8", errors="replace", newline="") as log,
            open(clean, "w", encoding="utf-8", newline="", opener=_owner_only) as kept,
        ):
            kept.writelines(redacted(line, known) for line in log)
        clean.replace(path)
    except FileNotFoundError:
        return
    except OSError:
        with suppress(OSError):
            os.truncate(path, 0)
        with suppress(OSError):
            clean.unlink(missing_ok=True)


def _owner_only(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def tail(path: Path) -> str:
    """The last lines of a log; empty if there is no log."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            begin = max(0, file.tell() - _READ)
            file.seek(begin)
            read = file.read()
    except OSError:
        return ""
    # Half a line may hold half a secret.
    whole = read.partition(b"\n")[2] if begin and b"\n" in read else read
    return whole.decode("utf-8", "replace")
