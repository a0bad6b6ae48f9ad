"""The guide's fallback when the server answers 5xx: the last good answer, offline data, or a lesser one (S:523-601).

A fallback that serves something makes the call a success of a lesser kind; it must never be counted as an answer.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Strategy = Literal["cache", "offline", "degraded", "none"]


@dataclass(slots=True)
class Fallback:
    """What the guide's client shows when the server answers 5xx. `writes` and `leaves`: the guide reads a store that it never
    fills, and enters a mode that it never leaves."""

    strategy: Strategy = "cache"
    writes: bool = False
    leaves: bool = False
    offline: bool = False
    served: int = 0
    _store: dict[str, Any] = field(default_factory=dict, repr=False)

    def succeeded(self, endpoint: str, data: Any) -> None:
        if self.writes:
            self._store[endpoint] = data
        if self.leaves:
            self.offline = False

    def serve(self, endpoint: str) -> Any | None:
        """Something to show in place of an answer, or None."""
        found: Any | None = None
        if self.strategy == "degraded":
            found = {}  # `createDegradedResponse` always makes one (S:591)
        elif self.strategy == "cache":
            found = self._store.get(endpoint)
        elif self.strategy == "offline":
            self.offline = True
            found = self._store.get(endpoint)
        self.served += found is not None
        return found
