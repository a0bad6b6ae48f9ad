"""`Clock`, the only source of time for token lifetimes, grace, rate limits, heartbeats and sync stamps.

Time is in integer microseconds since the Unix epoch. The source is an argument, so that tests can replace it; a clock can be frozen and
advanced, so that a test of hours of token life takes no time.

    >>> clock = Clock(source=lambda: 1_000_000)
    >>> clock.freeze(); clock.advance(2_500_000); clock.now()
    3500000
"""

import time
from collections.abc import Callable

SECOND = 1_000_000


def system_microseconds() -> int:
    return time.time_ns() // 1000


class Clock:
    __slots__ = ("_frozen_at", "_offset", "_source")

    def __init__(self, source: Callable[[], int] = system_microseconds) -> None:
        self._source = source
        self._offset = 0
        self._frozen_at: int | None = None

    def now(self) -> int:
        """Microseconds since the epoch."""
        return self._source() + self._offset if self._frozen_at is None else self._frozen_at

    def seconds(self) -> int:
        """Whole seconds since the epoch (RFC 7519 NumericDate)."""
        return self.now() // SECOND

    @property
    def state(self) -> tuple[int, int | None]:
        """(offset, frozen_at), for `restore`."""
        return self._offset, self._frozen_at

    def restore(self, state: tuple[int, int | None]) -> None:
        self._offset, self._frozen_at = state

    def freeze(self) -> None:
        if self._frozen_at is None:
            self._frozen_at = self.now()

    def thaw(self) -> None:
        """Continue from the frozen moment, without a jump."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._source()
            self._frozen_at = None

    def advance(self, microseconds: int) -> None:
        """Move the clock forward. Raises ValueError for a negative value: stamps already issued must stay in the past."""
        if microseconds < 0:
            raise ValueError("a clock only advances")
        if self._frozen_at is None:
            self._offset += microseconds
        else:
            self._frozen_at += microseconds

    def reset(self) -> None:
        self._offset, self._frozen_at = 0, None
