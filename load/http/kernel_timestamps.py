"""When bytes came: by the kernel, which stamps each packet as it comes in, and not by when this process got round to reading it.

A process reads late while it works off other answers (200 that came at once after a stall of the target: the last is read 50 ms
after it came) or while the machine is somebody else's. None of that is the target's. Linux tells the stamp of the last packet of
what is read (socket(7), SO_TIMESTAMPNS); elsewhere, and under TLS, the time of reading has to do.
"""

import socket
import struct
import sys
from collections.abc import Iterable
from time import perf_counter_ns, time_ns
from typing import Any

SO_TIMESTAMPNS = 35
"""asm-generic/socket.h; the kind of the message that brings the stamp, too. Python has no name for it."""
_TIMESPEC = struct.Struct("@ll")
SPACE = socket.CMSG_SPACE(_TIMESPEC.size)
STEP = 1_000_000
"""By more than this between two readings, ns, nothing but setting it moves the clock that stamps are told by."""


def ask(connection: Any) -> bool:
    """Whether stamps will come with what is read by `recvmsg` from now on. `connection`: a TCP socket, not of TLS."""
    if sys.platform != "linux":
        return False
    try:
        connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True


class KernelTimestamps:
    """Turns stamps, which are times of day, into times of perf_counter_ns."""

    def __init__(self) -> None:
        self._between = time_ns() - perf_counter_ns()

    def at(self, told: Iterable[tuple[int, int, bytes]], now: int, day: int, *, earliest: int) -> int:
        """When the bytes came, as a time of perf_counter_ns. `told`: the messages of recvmsg; `now` and `day`: perf_counter_ns
        and time_ns as they are now; `earliest`: what cannot have come before that. Where the time of day was set meanwhile, or
        there is no stamp, it is now.

        >>> stamp = [(socket.SOL_SOCKET, SO_TIMESTAMPNS, _TIMESPEC.pack(7, 400))]
        >>> receipts = KernelTimestamps(); receipts._between = 6_999_999_000
        >>> receipts.at(stamp, 2000, 7_000_001_000, earliest=0)
        1400
        >>> receipts.at(stamp, 2000, 7_000_001_000, earliest=1500)
        1500
        >>> receipts.at(stamp, 3000, 9_000_001_000, earliest=0)
        3000
        """
        between, self._between = self._between, day - now
        if abs(self._between - between) > STEP:
            return now
        for level, kind, data in told:
            if kind == SO_TIMESTAMPNS and level == socket.SOL_SOCKET and len(data) == _TIMESPEC.size:
                seconds, rest = _TIMESPEC.unpack(data)
                came: int = seconds * 1_000_000_000 + rest - self._between
                return min(max(came, earliest), now)
        return now
