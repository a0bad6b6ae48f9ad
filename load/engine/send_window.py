"""The time in which a process sends: requests that are too old are given up, and at the end the last answers are waited for.

Who sends, and when, is somebody else's business; this one looks after what is on its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns

import gevent

from load.engine.in_flight import RequestTracker

PATIENCE = 10_000_000_000
"""How long an answer is waited for, ns; after that the request is an error at its age."""
SWEEP = 0.25


class SendWindow:
    def __init__(self, tracker: RequestTracker) -> None:
        self.tracker = tracker
        self.stopped = False

    def keep(self, seconds: float) -> None:
        """While others send: returns so long after the start, or at `stop`."""
        end = self.tracker.start + round(seconds * 1e9)
        with self.swept():
            while not self.stopped and (left := end - perf_counter_ns()) > 0:
                gevent.sleep(min(left / 1e9, 0.1))

    @contextmanager
    def swept(self) -> Iterator[None]:
        sweeper = gevent.spawn(self._sweep)
        try:
            yield
        finally:
            sweeper.kill(block=False)

    def _sweep(self) -> None:
        while True:
            gevent.sleep(SWEEP)
            self.tracker.expire(perf_counter_ns() - PATIENCE, "timeout")

    def stop(self) -> None:
        """Nothing is sent after this."""
        self.stopped = True

    def drain(self, seconds: float) -> int:
        """Wait for the answers still to come; what is left then is counted as errors at its age. How many those were."""
        until = perf_counter_ns() + round(seconds * 1e9)
        gevent.sleep(0)  # what was handed over last has to take off first
        while self.tracker.outstanding and perf_counter_ns() < until:
            gevent.sleep(0.01)
        left = self.tracker.expire(perf_counter_ns() + 1, "unfinished")
        self.tracker.recorder.unfinished += left
        gevent.sleep(0.05)  # their greenlets see the closed sockets and leave their line in the history
        return left
