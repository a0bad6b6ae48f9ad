"""A kernel timer with nanoseconds, as a file descriptor for whichever event loop there is.

Event loops wait in whole milliseconds. A timerfd is one more file descriptor to them and fires within microseconds. Elsewhere
than on Linux there is none, and `fileno` is -1.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

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

    def fileno(self) -> int:
        return self._fd

    def set(self, moment: int) -> None:
        """To a time of perf_counter_ns, in ns; one that has passed fires at once."""
        spec = _Spec(0, 0, moment // SECOND, moment % SECOND)
        self._libc.timerfd_settime(self._fd, ABSTIME, ctypes.byref(spec), None)

    def read(self) -> None:
        """It has fired, and is quiet until it is set again."""
        os.read(self._fd, 8)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
