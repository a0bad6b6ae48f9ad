"""One client's tokens, refreshed once for each expiry, even if several greenlets need a new token at that moment.

    tokens = ClientTokens(api, pair, clock, renews=True)
    tokens.token()          blocks during a refresh; ApiError if the refresh fails

`renews=False` is the guide's socket service, which uses the stored token (S:1303) without checking its expiry.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gevent.event import Event


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """A pair of tokens; `life` is the lifetime of the access token in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    life: float


class Refresher(Protocol):
    """The API as a source of new tokens."""

    def refresh(self, token: str) -> IssuedTokens:
        """A new pair; ApiError if none comes."""


class ClientTokens:
    """The current tokens of one client."""

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
        """Refresh the pair, or wait for the refresh that is under way."""
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
