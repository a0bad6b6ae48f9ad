"""Locust's own statistics: what its table, its charts and its CSV files show.

Locust counts each request twice, under its name and in all, behind an event that plug-ins may listen to; that takes longer than
all that we record ourselves. So while nobody but Locust listens, requests are added up here and handed over twice a second, as
workers hand theirs to a master (`StatsEntry.extend`). Failures, and all requests where a plug-in listens, go by the event.
"""

from __future__ import annotations

import time
from typing import Any

import gevent
from locust import stats as locust

from load.engine.in_flight import StatisticsRow

EVERY = 0.5
"""Seconds that a request may wait."""


def rounded(ms: float) -> float:
    """Under which latency Locust counts one. Its own rounding makes 200 ms of everything from 195 to 205; with less than this an
    overloaded target's would be as many as there are requests."""
    return round(ms, 1 if ms < 1_000 else -1 if ms < 10_000 else -2)


class LocustStatistics:
    """A `load.engine.in_flight.Report`. `environment` has a runner, whose listener is the one of Locust's own."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._history = bool(getattr(environment.parsed_options, "stats_history_enabled", False))
        """Whether each row's last 10 seconds are asked for (`--csv-full-history`): for that Locust keeps 20 copies of all that the
        row has counted, and everywhere else it shows them of all rows together only."""
        self._sums: dict[tuple[str, str], Any] = {}
        """Row of Locust's table, by name and method, to what is added up for it."""

    def __call__(self, what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
        event = self._environment.events.request
        if wrong or len(event._handlers) != 1:
            event.fire(
                request_type=what.method, name=what.label, response_time=ms, response_length=length,
                exception=wrong or None, context={},
            )  # fmt: skip
            return
        row = what.label, what.method
        entry = self._sums.get(row)
        if entry is None:
            if not self._sums:
                gevent.spawn_later(EVERY, self.flush)
            entry = self._sums[row] = self._entry(*row)
        entry.num_requests += 1
        entry.total_response_time += ms
        entry.total_content_length += length
        if ms > entry.max_response_time:
            entry.max_response_time = ms
        if ms < entry.min_response_time:
            entry.min_response_time = ms
        entry.response_times[locust.bucket_response_time(ms)] += 1

    def flush(self) -> None:
        """Hand over what was added up."""
        sums, self._sums = self._sums, {}
        stats, now = self._environment.stats, time.time()
        for row, entry in sums.items():
            entry.last_request_timestamp = now
            entry.num_reqs_per_sec[int(now)] = entry.num_requests
            shown = stats.get(*row)
            shown.use_response_times_cache = self._history
            shown.extend(entry)
            stats.total.extend(entry)

    def _entry(self, name: str, method: str) -> Any:
        entry: Any = locust.StatsEntry(self._environment.stats, name, method)
        entry.min_response_time = float("inf")
        return entry
