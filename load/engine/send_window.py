"""The time in which a process sends: requests that are too old are given up, and at the end the last answers are waited for.

Who sends, and when, is somebody else's business; this one looks after what is on its way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns

import gevent

from load.engine.in_flight import RequestTracker

PATIENCE = 10_000_000_000
"""How long an answer is waited for, ns; after that the request is an error at its age."""
SWEEP = 0.25
SILENT, REFUSALS = 3_000_000_000, 5
"""A target that has answered nothing for so long, ns, and refused or cut at least so many requests meanwhile, is gone."""


class SendWindow:
    def __init__(self, tracker: RequestTracker) -> None:
        self.tracker = tracker
        self.stopped = False
        self.silent = ""
        """When the target stopped answering, in words, where that ended the sending."""

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
            now = perf_counter_ns()
            self.tracker.expire(now - PATIENCE, "timeout")
            self._end_if_gone(now)

    def _end_if_gone(self, now: int) -> None:
        """Nobody learns anything from thousands of refused connections."""
        tracker = self.tracker
        since = max(tracker.last_answer, tracker.start)
        if self.silent or tracker.refusals.total() < REFUSALS or now - since < SILENT:
            return
        kinds = ", ".join(f"{kind} × {count}" for kind, count in tracker.refusals.most_common())
        at = (since - tracker.start) / 1e9
        self.silent = f"the target stopped answering {at:.1f} s after the start: since then {kinds}"
        self.stop()

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
