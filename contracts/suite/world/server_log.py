"""What the server has written since this process looks: the embedded server's output, or the file of `--server-log`."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.suite.world.embedded_server import EmbeddedServer


class ServerLog:
    """What the server under test has written. `file` is empty where nobody says; then only the embedded server's log can be read."""

    def __init__(self, embedded: EmbeddedServer | None, file: str) -> None:
        self._embedded = embedded
        self._file = file
        self._start = os.path.getsize(file) if file else 0

    def text(self) -> str | None:
        """None where the log cannot be read here."""
        if self._embedded:
            return self._embedded.said()
        if not self._file:
            return None
        written = Path(self._file).read_bytes()
        # A log that has become shorter was begun anew.
        return written[self._start if self._start <= len(written) else 0 :].decode("utf-8", "replace")
