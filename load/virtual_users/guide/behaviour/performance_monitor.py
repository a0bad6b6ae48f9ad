"""The guide's performance monitor: a buffer of measurements, flushed each 30 s or at 1,000 (S:1559-1861).

What its code does is kept: the status of a flush is not read, so that any HTTP answer counts as flushed; only a
network error puts back what is younger than 300 s, in front of what came meanwhile; a buffer of 1,000 or more after
that makes every further measurement a flush; the flush is measured like any other call.
"""

from collections.abc import Iterable
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
    """One measurement of the performance monitor. `at` in seconds of the client's clock, `value` in milliseconds."""

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
    """The guide's performance monitor. `sent` counts measurements that went out, `accepted` those that a 2xx took, `lost` those
    that nobody has any more."""

    profile: Profile
    buffer: list[Metric] = field(default_factory=list)
    flushes: int = 0
    sent: int = 0
    accepted: int = 0
    lost: int = 0
    sessions: int = 0
    _flying: dict[int, list[Metric]] = field(default_factory=dict)

    def record(self, metric: Metric) -> bool:
        """Whether the buffer is to be flushed now (S:1794)."""
        self.buffer.append(metric)
        return len(self.buffer) >= LIMIT

    def measured(
        self, method: str, path: str, status: int | None, seconds: float, now: float
    ) -> list[Metric]:
        """What the patched fetch records of one call (S:1638-1691); `status` None is a network error."""
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
        """The whole buffer for flush `number`; empty means that there is nothing to send."""
        taken, self.buffer = self.buffer, []
        if taken:
            self._flying[number] = taken
            self.flushes += 1
            self.sent += len(taken)
            self.sessions += 1 if self.sessions == 0 or not self.profile.keeps_metrics_session else 0
        return taken

    def flushed(self, number: int, status: int | None, now: float) -> None:
        """Note how a flush ended."""
        taken = self._flying.pop(number, [])
        refused = status is not None and not 200 <= status < 300
        if status is not None and not refused:
            self.accepted += len(taken)
        elif refused and not self.profile.requeues_refused_metrics:
            self.lost += len(taken)
        else:
            self._put_back(taken, now)

    def _put_back(self, taken: Iterable[Metric], now: float) -> None:
        metrics = list(taken)
        young = [metric for metric in metrics if now - metric.at < YOUNG]
        self.lost += len(metrics) - len(young)
        self.buffer[:0] = young
