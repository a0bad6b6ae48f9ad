"""A sleep with a precision of microseconds, by a kernel timer on Linux.

gevent's event loop waits in whole milliseconds and rounds up, so that every arrival would be sent about half a millisecond late,
and its latency be too long by that: 2 % of a 20 ms answer. On other systems the loop's own timer is used.
"""

import ctypes
import os
import sys
from time import perf_counter_ns
from typing import Any

import gevent

CLOCK_MONOTONIC = 1  # the clock of perf_counter_ns on Linux
NONBLOCK, CLOEXEC, ABSTIME = 0o4000, 0o2000000, 1
SECOND = 1_000_000_000


class _Spec(ctypes.Structure):
    """`struct itimerspec`: an interval, which stays 0, and the time to fire at."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class KernelTimer:
    """A timerfd: a file descriptor that becomes readable at a moment, within microseconds, in any event loop.

    On other systems than Linux there is none, and `fileno` is -1."""

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
        """Set it to a time of perf_counter_ns; one that has passed fires at once."""
        self._spec.value_s, self._spec.value_ns = divmod(moment, SECOND)
        self._libc.timerfd_settime(self._fd, ABSTIME, self._at, None)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


READ = 1
CALM = 2_000_000
"""The shortest wait in ns that ends with a busy wait."""
WATCHED = 150_000
"""The length of the busy wait in ns: a sleeping core needs up to that to wake up (100 us at the median of a virtual machine)."""


class PreciseSleep:
    """A sleep until a moment, never shorter, for one greenlet at a time.

    Up to 500 arrivals per second, the last 150 us are a busy wait, which costs 3 % of a core at 200/s.
    """

    def __init__(self) -> None:
        self._timer = KernelTimer()
        if self._timer.fileno() >= 0:
            self._watcher = gevent.get_hub().loop.io(self._timer.fileno(), READ)

    def until(self, moment: int) -> None:
        """Sleep until a moment. If it has passed, the other greenlets still run once, so that a late process does not starve
        them."""
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
