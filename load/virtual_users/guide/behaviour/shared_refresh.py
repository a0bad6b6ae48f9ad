"""Token refreshes and the calls that wait for each: one refresh for all callers, or one for each caller.

The web client keeps one promise per page (S:707-738): the first caller starts it, all others wait. The mobile
clients have no such promise (S:1072-1082, S:1189-1205).

>>> outstanding = Refreshes(shared=True)
>>> [outstanding.wants(waiter) for waiter in (7, 8, 9)], outstanding.started
([True, False, False], 1)
>>> outstanding.ended(outstanding.latest)
[7, 8, 9]
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Refreshes:
    """The token refreshes of one client and the tickets that wait for each. `started` counts them, `latest` is the last one's
    number."""

    shared: bool
    started: int = 0
    latest: int = 0
    _waiting: dict[int, list[int]] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return bool(self._waiting)

    def wants(self, waiter: int) -> bool:
        """Register a waiting ticket. True if its caller must start refresh number `latest`, False if one is running."""
        if self.shared and self._waiting:
            self._waiting[self.latest].append(waiter)
            return False
        self.started += 1
        self.latest += 1
        self._waiting[self.latest] = [waiter]
        return True

    def ended(self, number: int) -> list[int]:
        """The tickets that waited for this refresh, in order of arrival."""
        return self._waiting.pop(number, [])
