"""One client's tokens: refreshed once for each expiry, however many of its parts need a fresh one at that moment.

    tokens = ClientTokens(api, pair, clock, renews=True)
    tokens.token()          blocks while somebody refreshes; ApiError where that fails

`renews` False is the guide's socket service: it takes what the store holds (S:1303) and never looks at its age.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gevent.event import Event


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """A pair of tokens with its life. `life` is how long the access token lives, seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    life: float


class Refresher(Protocol):
    def refresh(self, token: str) -> IssuedTokens:
        """ApiError where no pair comes."""


class ClientTokens:
    def __init__(
        self, api: Refresher, pair: IssuedTokens, clock: Callable[[], float], *, renews: bool
    ) -> None:
        self.api, self.clock, self.renews = api, clock, renews
        self.pair = pair
        self.ends = clock() + pair.life
        self.refreshes: list[float] = []
        self._running: Event | None = None

    @property
    def over(self) -> bool:
        return self.clock() >= self.ends

    def token(self) -> str:
        """The access token to use now."""
        if self.renews and self.over:
            self._renew()
        return self.pair.access

    def _renew(self) -> None:
        """The first who comes does it, all others wait for that one; who waited in vain tries for itself."""
        if self._running is not None:
            self._running.wait()
            return
        done = self._running = Event()
        try:
            self.refreshes.append(self.clock())
            self.pair = self.api.refresh(self.pair.refresh)
            self.ends = self.clock() + self.pair.life
        finally:
            self._running = None
            done.set()
