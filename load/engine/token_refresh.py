"""Token life: one refresh per session per expiry, however many requests find the token old (S:747-762).

A session is refreshed in the background shortly before its access token ends. A request that finds it ended, or is
answered 401, waits for that one refresh and is then sent again. Who performs the refresh is passed in.
"""

from collections.abc import Callable
from time import perf_counter_ns

import gevent
from gevent.event import Event

from load.journeys.data_pool import LoginSession

SECOND = 1_000_000_000
AHEAD = 30 * SECOND
SHARE = 10
"""Refresh ahead of the end by 30 s, or by a tenth of a shorter life."""


class TokenRefresh:
    """The refreshes of one process's sessions, one for each expiry. `refresh` sends one refresh and puts the new pair into the
    session; it says whether that worked."""

    def __init__(self, refresh: Callable[[LoginSession], bool]) -> None:
        self._refresh = refresh
        self._running: dict[str, Event] = {}
        self._failed: set[str] = set()

    def before(self, session: LoginSession) -> None:
        """Call before a request: returns at once, unless the access token has ended already."""
        left = session.expires - perf_counter_ns()
        if left > AHEAD or not session.refresh or session.name in self._failed:
            return
        if left <= 0:
            self.now(session, session.access)
        elif left <= session.life // SHARE and session.name not in self._running:
            gevent.spawn(self.now, session, session.access)

    def now(self, session: LoginSession, stale: str) -> None:
        """Make sure that `stale` is no longer the session's access token; the first caller does it, all others wait."""
        if session.access != stale or not session.refresh:
            return
        running = self._running.get(session.name)
        if running is not None:
            running.wait()
            return
        done = self._running[session.name] = Event()
        try:
            if not self._refresh(session):
                self._failed.add(session.name)
        finally:
            del self._running[session.name]
            done.set()
