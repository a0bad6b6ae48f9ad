"""The guide's performance monitor: a buffer of measurements that is flushed every 30 s or at 1,000 (S:1559-1861).

It keeps the behaviour of the guide's code: the status of a flush is ignored, so any HTTP answer counts as success; a network
error puts measurements younger than 300 s back to the front; if the buffer then holds 1,000 or more, every further
measurement starts a flush; the flush itself is measured like any other call.
"""

from dataclasses import dataclass, field
from typing import Any

from load.virtual_users.guide.profile import Profile

INTERVAL = 30.0
LIMIT = 1000
YOUNG = 300.0
BUDGET = 0.2
"""Seconds; a call that takes longer is a `constitutional_violation` (S:1660)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One measurement. `at` is in seconds of the client's clock, `value` in milliseconds."""

    name: str
    value: float
    at: float
    tags: tuple[tuple[str, str], ...] = ()

    def wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "timestamp": round(self.at * 1000),
            "tags": dict(self.tags),
        }


@dataclass(slots=True)
class Monitor:
    """The guide's performance monitor. It counts its flushes, and the measurements that were lost."""

    profile: Profile
    buffer: list[Metric] = field(default_factory=list)
    flushes: int = 0
    lost: int = 0
    sessions: int = 0
    _flying: dict[int, list[Metric]] = field(default_factory=dict)

    def record(self, metric: Metric) -> bool:
        """Add a measurement. True if the buffer must be flushed now (S:1794)."""
        self.buffer.append(metric)
        return len(self.buffer) >= LIMIT

    def measured(
        self, method: str, path: str, status: int | None, seconds: float, now: float
    ) -> list[Metric]:
        """The measurements of one call by the patched fetch (S:1638-1691); the status None is a network error."""
        where = (("url", path), ("method", method))
        took = seconds * 1000
        if status is None:
            return [Metric("api_request_error", took, now, (*where, ("error", "Failed to fetch")))]
        ok = "true" if 200 <= status < 300 else "false"
        found = [
            Metric("api_request_duration", took, now, (*where, ("status", str(status)), ("success", ok)))
        ]
        if seconds > BUDGET:
            tags = (
                ("type", "api_response_time"),
                where[0],
                ("requirement", "200ms"),
                ("actual", f"{took:.1f}ms"),
            )
            found.append(Metric("constitutional_violation", took, now, tags))
        return found

    def take(self, number: int) -> list[Metric]:
        """Empty the buffer for flush `number`. An empty result means that there is nothing to send."""
        taken, self.buffer = self.buffer, []
        if taken:
            self._flying[number] = taken
            self.flushes += 1
            self.sessions += 1 if self.sessions == 0 or not self.profile.keeps_metrics_session else 0
        return taken

    def flushed(self, number: int, status: int | None, now: float) -> None:
        """Count the result of a flush, and put measurements back after one that failed; the status None is a network error."""
        taken = self._flying.pop(number, [])
        if status is not None and 200 <= status < 300:
            return
        if status is not None and not self.profile.requeues_refused_metrics:
            self.lost += len(taken)
        else:
            young = [metric for metric in taken if now - metric.at < YOUNG]
            self.lost += len(taken) - len(young)
            self.buffer[:0] = young
