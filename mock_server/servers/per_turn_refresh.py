"""`PerTurnRefresh`, which notices commits of other processes once in a turn of the event loop, however many requests it answers.

A request that is read in a turn began to arrive before the turn. Everything that its client can know from another process is therefore older
than the first refresh of the turn. (For pipelined requests this is true only of the first; the caller refreshes again for the others.) A
refresh is a transaction of SQLite, a quarter of the time of a GET.
"""

import asyncio
from collections.abc import Callable


class PerTurnRefresh:
    """A callable that calls `refresh` at most once in a turn of the event loop."""

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._refresh = refresh
        self._done = False

    def __call__(self) -> None:
        if self._done:
            return
        self._refresh()
        try:
            turns = asyncio.get_running_loop()
        except RuntimeError:  # there is no event loop, so no turn
            return
        self._done = True
        turns.call_soon(self._forget)  # runs before anything that the next turn reads

    def _forget(self) -> None:
        self._done = False
