"""The iOS client's URLCache for answers with `private, no-cache` and an entity tag (RFC 9111, 4.3; RFC 9110, 13.1.2).

Every use sends a request; a 304 saves the body but not the round trip.
"""

from dataclasses import dataclass, field
from typing import Any

from load.virtual_users.guide.exchange import ClientReply


@dataclass(slots=True)
class HttpCache:
    """The cached bodies by key; `saved` counts answers with 304."""

    saved: int = 0
    _kept: dict[str, tuple[str, Any]] = field(default_factory=dict, repr=False)

    def condition(self, key: str) -> dict[str, str]:
        """The conditional headers of a request."""
        return {"if-none-match": self._kept[key][0]} if key in self._kept else {}

    def answer(self, key: str, reply: ClientReply) -> ClientReply:
        """The reply that the application sees: a 304 becomes the cached 200."""
        if reply.status == 304 and key in self._kept:
            self.saved += 1
            return ClientReply(status=200, body=self._kept[key][1], headers=reply.headers)
        if reply.status == 200 and "etag" in reply.headers:
            self._kept[key] = (reply.headers["etag"], reply.body)
        return reply

    def clear(self) -> None:
        """Forget all answers at logout (`removeAllCachedResponses`, S:1015)."""
        self._kept.clear()
