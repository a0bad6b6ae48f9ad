"""The embedded server, a mock server that the suite starts as a process if no target is named."""

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
from contracts.suite.contract_violation import OBSERVED, Unreachable


class ServerLog:
    """The log of the target since this object was made: the output of the embedded server, or the file of `--server-log`."""

    def __init__(self, embedded: EmbeddedServer | None, file: str) -> None:
        self._embedded = embedded
        self._file = file
        self._start = os.path.getsize(file) if file else 0

    def text(self) -> str | None:
        """The text of the log; None if there is no log."""
        OBSERVED.last_read = "the server's log"
        if self._embedded:
            return self._embedded.output()
        if not self._file:
            return None
        written = Path(self._file).read_bytes()
        # A log that is shorter than before was rotated.
        return written[self._start if self._start <= len(written) else 0 :].decode("utf-8", "replace")


URL = re.compile(r"https?://[\w.:\[\]-]+")
READY, STOP = 60.0, 5.0
ITEMS = 300
ORIGIN = "https://web.tchat.example"
"""The origin of the embedded server's web client."""


class EmbeddedServer:
    """A process of `python -m mock_server` on a free port. It ends with `stop`, and when this process ends."""

    def __init__(self, seed: int, extra: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "mock_server", "--port", "0", "--seed", str(seed)]
        command += ["--items", str(ITEMS), "--check-answers", "--control", *extra]
        # Without a list of origins the server would have no foreign origin to refuse.
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
        """The URL in the server's first line. Raises Unreachable with its last line if it does not start."""
        until = time.monotonic() + READY
        while time.monotonic() < until:
            if not self._has_more(0.2):
                continue
            if not self._take():
                break
            url = URL.search(self._log.decode("utf-8", "replace"))
            if url and b"\n" in self._log:
                threading.Thread(target=self._drain, daemon=True).start()
                return url[0]
        last = self.output().strip().splitlines()
        silent = (
            f"it wrote nothing within {READY:g} s" if time.monotonic() >= until else "it ended without output"
        )
        raise Unreachable(f"the embedded server did not start: {last[-1] if last else silent}")

    def _has_more(self, seconds: float | None) -> bool:
        """Whether output can be read, or the process has ended, within this time."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def _take(self) -> bytes:
        """Read the available output and add it to the log; empty at its end."""
        assert self._process.stdout is not None
        chunk = os.read(self._process.stdout.fileno(), 65536)
        self._log += chunk
        return chunk

    def _drain(self) -> None:
        """Read all output, so that the pipe never becomes full and blocks the server."""
        with contextlib.suppress(ValueError, OSError):
            while self._has_more(None):
                with self._reading:
                    if self._has_more(0) and not self._take():
                        return

    @property
    def pid(self) -> int:
        """The process id of the guard, whose only child is the server."""
        return self._process.pid

    def output(self) -> str:
        """The output so far, including everything that was written before an answer that has arrived."""
        with self._reading, contextlib.suppress(ValueError, OSError):
            while self._has_more(0) and self._take():
                pass
        return self._log.decode("utf-8", "replace")

    def stop(self) -> None:
        end(self._process, STOP)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
