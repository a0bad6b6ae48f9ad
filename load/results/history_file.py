"""The history of a run on disk while it grows, and as calls for the checkers when it is over.

A long run has more calls than memory should hold. Checkers then see a prefix of it that is closed: everything that ended
before some moment, and every call that had begun by then, because its effect may show in what ended earlier.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from contracts.history import Call, History, decode

LIMIT = 128 << 20
"""Bytes of the calls that are judged: 300,000 of a usual mix, which take nearly four times as much memory as calls; long lists make them longer."""


class HistoryFile:
    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="tchat-history-")  # noqa: SIM115 - it lives as long as the run
        self.bytes = 0

    def add(self, lines: bytes) -> None:
        """NDJSON without a newline at its end, as the players report it."""
        if lines:
            self._file.write(lines)
            self._file.write(b"\n")
            self.bytes += len(lines) + 1

    def _lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(self._file)

    def closed(self, limit: int = LIMIT) -> tuple[History, bool]:
        """The calls for the checkers, and whether those are all. `limit`: bytes, of those that come first."""
        kept: list[Call] = []
        until = taken = 0
        whole = True
        for line in self._lines():
            call = decode(line)
            taken += len(line)
            if taken <= limit:
                kept.append(call)
                until = max(until, call.done or call.sent)
            elif call.sent <= until:
                kept.append(call)
            else:
                whole = False
        return tuple(kept), whole

    def save(self, path: Path) -> None:
        """Write it to a temporary name beside `path` and rename it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file.seek(0)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
            try:
                shutil.copyfileobj(self._file, out)
                out.flush()
                os.chmod(out.name, 0o644)
                os.replace(out.name, path)
            except OSError:
                os.unlink(out.name)
                raise

    def close(self) -> None:
        self._file.close()
