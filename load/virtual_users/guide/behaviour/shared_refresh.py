"""Token refreshes and who waits for each: single-flight, or each caller for itself.

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
    """The token refreshes of one client and who waits for each. `started` counts refreshes, `latest` is the number of the last
    one."""

    shared: bool
    started: int = 0
    latest: int = 0
    _waiting: dict[int, list[int]] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return bool(self._waiting)

    def wants(self, waiter: int) -> bool:
        """True if the caller has to start refresh number `latest`; otherwise it waits for one that is running."""
        if self.shared and self._waiting:
            self._waiting[self.latest].append(waiter)
            return False
        self.started += 1
        self.latest += 1
        self._waiting[self.latest] = [waiter]
        return True

    def ended(self, number: int) -> list[int]:
        """Everybody who waited for this one, in the order in which they came."""
        return self._waiting.pop(number, [])
