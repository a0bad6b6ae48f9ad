"""The arrival times of bytes, as the kernel stamps each packet, rather than the time at which this process reads them.

A process reads late while it handles other answers (of 200 answers at once, the last is read 50 ms after it came) or while other
processes run, and the target is not at fault for either. Linux tells the stamp of the last packet of the read bytes (socket(7),
SO_TIMESTAMPNS); on other systems, and with TLS, the time of reading is used.
"""

import socket
import struct
import sys
from collections.abc import Iterable
from time import perf_counter_ns, time_ns
from typing import Any

SO_TIMESTAMPNS = 35
"""The option of asm-generic/socket.h, and the type of the message with the stamp; Python has no name for it."""
_TIMESPEC = struct.Struct("@ll")
SPACE = socket.CMSG_SPACE(_TIMESPEC.size)
NEAR = 20_000
"""The change of the difference of two clocks in ns from which they are read again, because the process may have stood still between."""
STEP = 1_000_000
"""The change of the difference of two clocks in ns from which the time of day must have been set."""


def ask(connection: Any) -> bool:
    """Enable stamps for `recvmsg` on a TCP socket without TLS. False if they are not supported."""
    if sys.platform != "linux":
        return False
    try:
        connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True


def _difference() -> int:
    """The time of day minus perf_counter_ns, read again if the process stood still between the two."""
    while True:
        before, day = perf_counter_ns(), time_ns()
        if perf_counter_ns() - before < NEAR:
            return day - before


class KernelTimestamps:
    """The conversion of stamps, which are times of day, to times of perf_counter_ns."""

    def __init__(self) -> None:
        self._between = _difference()

    def at(self, messages: Iterable[tuple[int, int, bytes]], now: int, day: int, *, earliest: int) -> int:
        """The arrival time as a time of perf_counter_ns. `messages` are those of recvmsg, `now` and `day` the current
        perf_counter_ns and time_ns, `earliest` a lower bound. Without a stamp, or if the time of day was set, it is `now`.

        >>> stamp = [(socket.SOL_SOCKET, SO_TIMESTAMPNS, _TIMESPEC.pack(7, 400))]
        >>> receipts = KernelTimestamps(); receipts._between = 6_999_999_000
        >>> receipts.at(stamp, 2000, 7_000_001_000, earliest=0)
        1400
        >>> receipts.at(stamp, 2000, 7_000_001_000, earliest=1500)
        1500
        >>> receipts.at(stamp, 3000, 9_000_001_000, earliest=0)
        3000
        """
        before, between = self._between, day - now
        if abs(between - before) > NEAR:
            between = _difference()
        self._between = between
        if abs(between - before) > STEP:
            return now
        for level, kind, data in messages:
            if kind == SO_TIMESTAMPNS and level == socket.SOL_SOCKET and len(data) == _TIMESPEC.size:
                seconds, rest = _TIMESPEC.unpack(data)
                came: int = seconds * 1_000_000_000 + rest - self._between
                return min(max(came, earliest), now)
        return now
