"""Watching the generator itself: how late its own heartbeat comes, and how much of a core it burns.

A greenlet that should wake every 10 ms and wakes late shows how long every other greenlet had to wait too: a
pause of the generator is in all latencies measured meanwhile. A generator that is saturated measures itself.
"""

import time
from time import perf_counter_ns

import gevent

from load.engine.recorder import LoadRecorder
from load.engine.timing.generator_stalls import GeneratorStalls

BEAT = 10_000_000


class LoopMonitor:
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
        """The share of one core that this process has used since the start, all its threads together."""
        if self._greenlet is not None:
            self._greenlet.kill(block=False)
            self._greenlet = None
        self._pauses.expected = 0
        wall = (perf_counter_ns() - self._began) / 1e9
        return (time.process_time() - self._burnt) / wall if wall > 0 else 0.0
