"""Waking up on time: by a kernel timer where there is one.

gevent's event loop waits in whole milliseconds and rounds up, so that every arrival would be sent about half a
millisecond late, and its latency be reported so much too long: 2 % of a 20 ms answer. Elsewhere than on Linux the loop's own
timer has to do.
"""

from __future__ import annotations

from time import perf_counter_ns

import gevent

from load.engine.timing.kernel_timer import SECOND, KernelTimer

READ = 1
CALM = 2_000_000
"""Nobody is due sooner than this: then the last moments are spent looking at the clock, ns."""
WATCHED = 150_000
"""How long; a sleeping core needs up to so long to wake up (100 us at the median of a virtual machine)."""


class PreciseSleep:
    """`until` returns when the clock has reached a moment, never before it. One greenlet at a time may wait.

    In a calm plan (up to 500/s) the last 150 us are watched instead of slept: at 200/s that is 3 % of a core.
    """

    def __init__(self) -> None:
        self._timer = KernelTimer()
        if self._timer.fileno() >= 0:
            self._watcher = gevent.get_hub().loop.io(self._timer.fileno(), READ)

    def until(self, moment: int) -> None:
        """A moment that has passed still lets the other greenlets run once: being behind must not starve them."""
        left = moment - perf_counter_ns()
        if left <= 0:
            gevent.sleep(0)
            return
        wake = moment - WATCHED if left > CALM else moment
        if self._timer.fileno() < 0:
            while (left := wake - perf_counter_ns()) > 0:
                gevent.sleep(left / SECOND)
        else:
            self._timer.set(wake)
            gevent.get_hub().wait(self._watcher)
            self._timer.read()
        while perf_counter_ns() < moment:
            pass

    def close(self) -> None:
        if self._timer.fileno() >= 0:
            self._watcher.close()
            self._timer.close()
