"""`UnansweredRequests`, the deadlines that the target let pass without an answer, counted for all processes of a run.

A target that holds one operation and answers all others would cost every check that uses it a whole deadline, hours in all.
"""

import mmap
import struct
from collections.abc import Iterable

from contracts.suite.contract_violation import Unchecked

OF_ONE = 2
"""The deadlines that one operation may cost; then no more requests are sent to it."""
OF_ALL = 4
"""The deadlines that all operations together may cost; then the run ends."""
PLACE = struct.Struct("qd")
"""A count, and when it was last raised, in seconds of the monotonic clock."""


class UnansweredRequests:
    """The counts of one target, which forked processes share. `names` are its operationIds; requests of none have a count of their own.

    Requests that wait at the same time cost one deadline together, and count as one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._places = {name: place for place, name in enumerate(("all", "", *names))}
        self._counts = mmap.mmap(-1, len(self._places) * PLACE.size)

    def count(self, operation: str, sent: float, now: float) -> None:
        """Count a request whose deadline is over. The times are of the monotonic clock, in seconds."""
        for name in ("all", operation):
            place = self._places.get(name, 1) * PLACE.size
            waited, last = PLACE.unpack_from(self._counts, place)
            if sent >= last:
                PLACE.pack_into(self._counts, place, waited + 1, now)

    def waited(self, operation: str = "all") -> int:
        return int(PLACE.unpack_from(self._counts, self._places.get(operation, 1) * PLACE.size)[0])

    def refuse(self, operation: str) -> None:
        """Raise Unchecked if requests of this operation have waited in vain often enough."""
        if self.waited(operation) >= OF_ONE:
            name = operation or "the target"
            raise Unchecked(f"{name} left {OF_ONE} requests without an answer, so no more are sent to it")

    def again(self) -> None:
        """Let each operation be tried again, as other conditions hold now. What all may cost stays."""
        self._counts[PLACE.size :] = bytes(len(self._counts) - PLACE.size)

    def names(self) -> list[str]:
        """The operations that let a deadline pass."""
        return [name for name in self._places if name != "all" and self.waited(name)]
