"""The send window: the time in which a process sends. It gives up requests that are too old, and waits for the last answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns

import gevent

from load.engine.in_flight import RequestTracker

PATIENCE = 10_000_000_000
"""The timeout of an answer in ns; after it the request is an error with its age as latency."""
SWEEP = 0.25
SILENT, REFUSALS = 3_000_000_000, 5
"""The target is gone after this time in ns without an answer and this many refused or cut requests."""


class SendWindow:
    """The time in which one process sends."""

    def __init__(self, tracker: RequestTracker) -> None:
        self.tracker = tracker
        self.stopped = False
        self.silent = ""
        """When the target stopped answering, in words, if that ended the sending."""

    def keep(self, seconds: float) -> None:
        """Wait until some seconds after the start, or until `stop`, while others send."""
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
        """Stop if the target is gone, because thousands of refused connections tell nothing more."""
        tracker = self.tracker
        since = max(tracker.last_answer, tracker.start)
        if self.silent or tracker.refusals.total() < REFUSALS or now - since < SILENT:
            return
        kinds = ", ".join(f"{kind} × {count}" for kind, count in tracker.refusals.most_common())
        at = (since - tracker.start) / 1e9
        self.silent = f"the target stopped answering {at:.1f} s after the start: since then {kinds}"
        self.stop()

    def stop(self) -> None:
        """Send nothing any more."""
        self.stopped = True

    def drain(self, seconds: float) -> int:
        """Wait for outstanding answers, and count the rest as errors. The result is the number of those."""
        until = perf_counter_ns() + round(seconds * 1e9)
        gevent.sleep(0)  # so that the last request is sent
        while self.tracker.outstanding and perf_counter_ns() < until:
            gevent.sleep(0.01)
        left = self.tracker.expire(perf_counter_ns() + 1, "unfinished")
        self.tracker.recorder.unfinished += left
        gevent.sleep(
            0.05
        )  # so that their greenlets see the closed sockets and write their calls to the history
        return left
