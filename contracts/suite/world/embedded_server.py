"""The server that is started where no target is named: a process of its own, known by the URL that it prints."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from contracts.command.child_guard import end, guarded
from contracts.suite.contract_violation import LOOKS, Unreachable


class ServerLog:
    """What the server under test has written since this process looks: the embedded server's output, or the file of `--server-log`."""

    def __init__(self, embedded: EmbeddedServer | None, file: str) -> None:
        self._embedded = embedded
        self._file = file
        self._start = os.path.getsize(file) if file else 0

    def text(self) -> str | None:
        """None where the log cannot be read here."""
        LOOKS.read = "the server's log"
        if self._embedded:
            return self._embedded.said()
        if not self._file:
            return None
        written = Path(self._file).read_bytes()
        # A log that has become shorter was begun anew.
        return written[self._start if self._start <= len(written) else 0 :].decode("utf-8", "replace")


URL = re.compile(r"https?://[\w.:\[\]-]+")
READY, STOP = 60.0, 5.0
ITEMS = 300
ORIGIN = "https://web.tchat.example"
"""Where the web client of the embedded server lives."""


class EmbeddedServer:
    """`python -m mock_server` on a free port; `stop` ends it, and it ends when this process does."""

    def __init__(self, seed: int, extra: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "mock_server", "--port", "0", "--seed", str(seed)]
        command += ["--items", str(ITEMS), "--check-answers", "--control", *extra]
        # With no list at all a server has no foreign origin to refuse.
        command += ["--cors-origin", ORIGIN]
        self._log = b""
        self._reading = threading.Lock()
        self._process = subprocess.Popen(
            guarded(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.PIPE
        )
        try:
            self.url = self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> str:
        """The URL in the server's first line; Unreachable with what it said instead."""
        until = time.monotonic() + READY
        while time.monotonic() < until:
            if not self._has_more(0.2):
                continue
            if not self._take():
                break
            found = URL.search(self._log.decode("utf-8", "replace"))
            if found and b"\n" in self._log:
                threading.Thread(target=self._drain, daemon=True).start()
                return found[0]
        last = self.said().strip().splitlines()
        silent = (
            f"it said nothing within {READY:g} s" if time.monotonic() >= until else "it ended without a word"
        )
        raise Unreachable(f"the embedded server did not start: {last[-1] if last else silent}")

    def _has_more(self, seconds: float | None) -> bool:
        """Whether something can be read, or it has ended, within this time."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def _take(self) -> bytes:
        """Keep what can be read now; nothing at the end."""
        assert self._process.stdout is not None
        chunk = os.read(self._process.stdout.fileno(), 65536)
        self._log += chunk
        return chunk

    def _drain(self) -> None:
        """Read on, so that a server that writes much is never held up by a full pipe."""
        with contextlib.suppress(ValueError, OSError):
            while self._has_more(None):
                with self._reading:
                    if self._has_more(0) and not self._take():
                        return

    @property
    def pid(self) -> int:
        """Of the guard, whose only child the server is."""
        return self._process.pid

    def said(self) -> str:
        """All that it has written so far: what it wrote before an answer is in here once the answer is."""
        with self._reading, contextlib.suppress(ValueError, OSError):
            while self._has_more(0) and self._take():
                pass
        return self._log.decode("utf-8", "replace")

    def stop(self) -> None:
        end(self._process, STOP)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
