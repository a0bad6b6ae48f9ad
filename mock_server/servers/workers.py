"""`Supervisor`, the parent of several worker processes that share a listening socket and a database file.

The workers share only the file. One that dies is replaced, while the others continue.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from contracts.command.child_guard import end, guarded
from contracts.command.exit_code import ExitCode

READY = b"."
_STOP_SECONDS = 10


class Supervisor:
    """The supervisor of `count` processes of a command line, which inherit the listener and the write end of a pipe. `environment` is added
    to that of this process."""

    def __init__(
        self, arguments: Sequence[str], listener: socket.socket, count: int, environment: Mapping[str, str]
    ) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, **environment}
        self._listener = listener
        self._count = count
        self._ready, self._tell = os.pipe()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def run(self, announcement: str) -> int:
        """Serve until SIGTERM or SIGINT, and return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._workers = [self._start() for _ in range(self._count)]
        if not self._all_ready():
            self._end()
            return 0 if self._stopping else ExitCode.INTERNAL
        print(announcement, flush=True)
        while not self._stopping:
            self._replace_the_dead()
            time.sleep(0.05)  # signals interrupt it
        return self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        listening, telling = self._listener.fileno(), self._tell
        command = [sys.executable, "-m", "mock_server", *self._arguments]
        return subprocess.Popen(
            guarded([*command, "--worker-fds", f"{listening},{telling}"]),
            pass_fds=(listening, telling),
            stdin=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C reaches the parent only, which ends the workers in order
        )

    def _all_ready(self) -> bool:
        ready = 0
        while ready < self._count:
            if self._stopping or any(worker.poll() is not None for worker in self._workers):
                return False
            if select.select([self._ready], [], [], 0.1)[0]:
                ready += len(os.read(self._ready, self._count))
        return True

    def _replace_the_dead(self) -> None:
        for place, worker in enumerate(self._workers):
            code = worker.poll()
            if code is not None and not self._stopping:
                print(f"mock_server: worker {worker.pid} ended ({code}); starting another", file=sys.stderr)
                self._workers[place] = self._start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> int:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for worker in self._workers:
            end(worker, max(0.0, deadline - time.monotonic()))
        return 0


def inherited(fds: str) -> tuple[socket.socket, int]:
    """The inherited listener of a worker, and the write end of the pipe by which it reports that it is ready."""
    listening, telling = (int(part) for part in fds.split(","))
    return socket.socket(fileno=listening), telling
