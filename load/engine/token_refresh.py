"""The token refresh of the load's sessions: one per session and expiry, even if many requests find the token expired (S:747-762).

A session is refreshed in the background shortly before its access token expires. A request with an expired token, or with a 401,
waits for that refresh and is then sent again.
"""

from collections.abc import Callable
from math import inf
from time import perf_counter_ns

import gevent
from gevent.event import Event

from load.journeys.data_pool import LoginSession

SECOND = 1_000_000_000
AHEAD = 30 * SECOND
SHARE = 10
"""A token is refreshed 30 s before it expires, or a tenth of its lifetime if that is shorter."""


class TokenRefresh:
    """The refreshes of one process's sessions. `refresh` sends one, stores the new pair in the session, and returns the seconds after
    which it may be tried again: 0 if it succeeded, infinity if it failed."""

    def __init__(self, refresh: Callable[[LoginSession], float]) -> None:
        self._refresh = refresh
        self._running: dict[str, Event] = {}
        self._barred: dict[str, float] = {}
        """Session -> the time until which it is not refreshed again."""

    def why_ended(self, session: LoginSession | None) -> str:
        """Why a session's token may have ended, so that a 401 may be right; empty if it should be good."""
        if session is None:
            return ""
        if not session.refresh:
            return f"{session.name} was a ready token"
        return "its refresh was refused for now" if self._postponed(session) else ""

    def _postponed(self, session: LoginSession) -> bool:
        return 0 < self._barred.get(session.name, 0) < inf

    def before(self, session: LoginSession) -> None:
        """Refresh an expiring token before a request. It returns at once unless the token has expired already."""
        left = session.expires - perf_counter_ns()
        if left > AHEAD or not session.refresh or perf_counter_ns() < self._barred.get(session.name, 0):
            return
        if left <= 0:
            self.now(session, session.access)
        elif left <= session.life // SHARE and session.name not in self._running:
            gevent.spawn(self.now, session, session.access)

    def now(self, session: LoginSession, stale: str) -> None:
        """Replace the session's access token if it is still `stale`; the first caller refreshes it, all others wait."""
        if session.access != stale or not session.refresh:
            return
        running = self._running.get(session.name)
        if running is not None:
            running.wait()
            return
        if self._postponed(session) and perf_counter_ns() < self._barred[session.name]:
            return
        done = self._running[session.name] = Event()
        try:
            wait = self._refresh(session)
            self._barred[session.name] = perf_counter_ns() + wait * SECOND if wait else 0
        finally:
            del self._running[session.name]
            done.set()
