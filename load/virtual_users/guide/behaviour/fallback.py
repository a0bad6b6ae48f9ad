"""The guide's fallback data when the server answers 5xx: the last good answer, offline data, or a degraded answer (S:523-601).

A call that ends with fallback data is a success to the application, and must never be counted as an answer of the server.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Strategy = Literal["cache", "offline", "degraded", "none"]


@dataclass(slots=True)
class Fallback:
    """The fallback of one client. `writes`: the store is filled, which the guide's code never does. `leaves`: offline mode ends
    with the next success, which it never does in the guide's code."""

    strategy: Strategy = "cache"
    writes: bool = False
    leaves: bool = False
    offline: bool = False
    _store: dict[str, Any] = field(default_factory=dict, repr=False)

    def succeeded(self, endpoint: str, data: Any) -> None:
        if self.writes:
            self._store[endpoint] = data
        if self.leaves:
            self.offline = False

    def serve(self, endpoint: str) -> Any | None:
        """The data in place of an answer, or None."""
        if self.strategy == "degraded":
            return {}  # `createDegradedResponse` always makes one (S:591)
        if self.strategy == "none":
            return None
        self.offline = self.offline or self.strategy == "offline"
        return self._store.get(endpoint)
