"""The passwords and tokens of a run, and any text without them.

Each process of the suite learns what it is given and issued. Those that share a target tell each other (`share`), for a target may show one
session what belongs to another.
"""

import json
import os
import re
import shlex
import tempfile
import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from contracts.command.redaction import replaced

JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*")
BEARER = re.compile(r"(?i)(bearer\s+|token=)([^\s\"'&,]+)")
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
INSPECTED = 1 << 13
"""The bytes of a body in which secrets are sought: far more than are shown."""
HALF = 1 << 12
"""The characters at the end of those that are not shown, because they may have half of a secret."""
SPECIAL = re.compile(r'["\\\\`$!]')
"""The characters that a shell does not keep in double quotes."""


class Secrets:
    """The values that no text may show, and their replacement. Learns tokens as they are issued, so that each keeps one name; the threads
    of a race may learn and hide at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._names: dict[str, str] = {}
        self._shared: int | None = None
        self._read = 0

    def share(self) -> None:
        """Share what is learnt with all processes that are forked from now on, through a file without a name."""
        with tempfile.TemporaryFile() as file:
            self._shared = os.dup(file.fileno())

    def learn(self, secret: str, name: str) -> None:
        with self._lock:
            if not secret or secret in self._names:
                return
            same = sum(1 for known in self._names.values() if known.rstrip("_0123456789") == f"${name}")
            self._names[secret] = f"${name}" if not same else f"${name}_{same + 1}"
            if self._shared is not None:
                # The place in the file is common to all, so each write goes behind the last.
                os.write(self._shared, json.dumps([secret, name]).encode() + b"\n")

    def learn_password(self, password: str) -> None:
        with self._lock:
            if password:
                self._names[password] = "$PASSWORD"

    def name(self, token: str) -> str:
        return self._names.get(token, "$TOKEN")

    def hide(self, text: str) -> str:
        """The text without tokens and passwords, in whatever form. What only looks like a bearer token is hidden too."""
        with self._lock:
            self._catch_up()
            text = replaced(text, self._names)
        return BEARER.sub(lambda m: m[1] + (m[2] if not JWT.fullmatch(m[2]) else "$TOKEN"), text)

    def hide_bytes(self, body: bytes) -> str:
        """The text of a body without secrets. Of a very long one only the beginning, because nobody shows more: to look into 8 MB took
        seconds, and longer the more secrets there are."""
        text = self.hide(body[:INSPECTED].decode("utf-8", "backslashreplace"))
        return text if len(body) <= INSPECTED else text[:-HALF]

    def word(self, text: str, variables: Mapping[str, str] = NO_VARIABLES) -> str:
        """The text without secrets, as one word of a shell that has them as variables, and those of `variables` (value -> name) too."""
        with self._lock:
            text, names = self.hide(text), set(self._names.values())
        for value, name in variables.items():
            text = text.replace(value, name)
        return _quote(text, {"$TOKEN", "$PASSWORD", *names, *variables.values()})

    def _catch_up(self) -> None:
        if self._shared is None or (size := os.fstat(self._shared).st_size) == self._read:
            return
        for line in os.pread(self._shared, size - self._read, self._read).splitlines():
            secret, name = json.loads(line)
            self._names.setdefault(secret, f"$ANOTHER_{name}")
        self._read = size


def _quote(text: str, names: Iterable[str]) -> str:
    """The text as one word of a shell, which keeps all characters but replaces these names by their values."""
    here = sorted((name for name in names if name in text), key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, here))})", text) if here else [text]
    joined = any(piece[:1].isalnum() or piece[:1] == "_" for piece in pieces[2::2])
    if len(pieces) > 1 and not joined and not SPECIAL.search("".join(pieces[::2])):
        return f'"{text}"'
    quoted = (f'"{piece}"' if place % 2 else _plain(piece) for place, piece in enumerate(pieces) if piece)
    return "".join(quoted) or _plain("")


def _plain(text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{text}'"
