"""Look once in a turn of the event loop what other processes have done, however many requests are answered in it.

A request that is read in a turn has begun to come before it: the loop was told so. So whatever its client can have been told by
another process is older than the turn's first look. (Of requests that come behind each other in one piece that is true of the
first only; for the others the caller looks again.) A look is a transaction of SQLite's: a quarter of the time in which a GET is handled.
"""

import asyncio
from collections.abc import Callable


class PerTurnRefresh:
    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._done = False

    def __call__(self) -> None:
        if self._done:
            return
        self._look()
        try:
            turns = asyncio.get_running_loop()
        except RuntimeError:  # who answers without a loop has no turns
            return
        self._done = True
        turns.call_soon(self._forget)  # that comes before anything that the next turn reads

    def _forget(self) -> None:
        self._done = False
