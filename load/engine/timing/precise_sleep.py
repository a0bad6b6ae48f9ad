"""Waking up on time: by a kernel timer where there is one.

gevent's event loop waits in whole milliseconds and rounds up, so that every arrival would be sent about half a
millisecond late, and its latency be reported so much too long: 2 % of a 20 ms answer. Elsewhere than on Linux the loop's own
timer has to do.
"""

import ctypes
import os
import sys
from time import perf_counter_ns
from typing import Any

import gevent

# A kernel timer with nanoseconds, as a file descriptor for whichever event loop there is.
# Event loops wait in whole milliseconds. A timerfd is one more file descriptor to them and fires within microseconds.
# Elsewhere than on Linux there is none, and `fileno` is -1.
CLOCK_MONOTONIC = 1  # the clock of perf_counter_ns on Linux
NONBLOCK, CLOEXEC, ABSTIME = 0o4000, 0o2000000, 1
SECOND = 1_000_000_000


class _Spec(ctypes.Structure):
    """struct itimerspec: no interval, and the time of day to fire at."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class KernelTimer:
    """Readable from the moment it was set to; one moment at a time."""

    def __init__(self) -> None:
        self._libc: Any = None
        self._fd = -1
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, NONBLOCK | CLOEXEC)
            self._spec = _Spec()
            self._at = ctypes.byref(self._spec)

    def fileno(self) -> int:
        return self._fd

    def set(self, moment: int) -> None:
        """To a time of perf_counter_ns, in ns; one that has passed fires at once. That it fired before is forgotten."""
        self._spec.value_s, self._spec.value_ns = divmod(moment, SECOND)
        self._libc.timerfd_settime(self._fd, ABSTIME, self._at, None)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


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
        while perf_counter_ns() < moment:
            pass

    def close(self) -> None:
        if self._timer.fileno() >= 0:
            self._watcher.close()
            self._timer.close()
