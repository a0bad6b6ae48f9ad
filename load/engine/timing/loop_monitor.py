"""The monitor of the load generator itself: the lag of its event loop, and its CPU use.

A greenlet that should wake every 10 ms and wakes late shows how long every other greenlet had to wait. Such a delay is part of all
latencies measured meanwhile, so a saturated generator would measure itself.
"""

import time
from time import perf_counter_ns

import gevent

from load.engine.recorder import LoadRecorder
from load.engine.timing.generator_stalls import GeneratorStalls

BEAT = 10_000_000


class LoopMonitor:
    """The monitor of one process."""

    def __init__(self, recorder: LoadRecorder, stalls: GeneratorStalls | None = None) -> None:
        self._recorder = recorder
        self._pauses = stalls or GeneratorStalls()
        self._greenlet: gevent.Greenlet[[], None] | None = None
        self._began = 0
        self._burnt = 0.0

    def start(self) -> None:
        self._began = perf_counter_ns()
        self._burnt = time.process_time()
        self._greenlet = gevent.spawn(self._beat)

    def _beat(self) -> None:
        while True:
            expected = self._pauses.expected = perf_counter_ns() + BEAT
            gevent.sleep(BEAT / 1e9)
            now = perf_counter_ns()
            self._pauses.beat(expected, now)
            self._recorder.lag.record(max(0, now - expected))

    def stop(self) -> float:
        """Stop, and return the share of one core that all threads of this process have used since the start."""
        if self._greenlet is not None:
            self._greenlet.kill(block=False)
            self._greenlet = None
        self._pauses.expected = 0
        wall = (perf_counter_ns() - self._began) / 1e9
        return (time.process_time() - self._burnt) / wall if wall > 0 else 0.0
