"""Locust's own statistics: what its table, its charts and its CSV files show."""

from typing import Any

from load.engine.in_flight import StatisticsRow


def rounded(ms: float) -> float:
    """Under which latency Locust counts one. Its own rounding makes 200 ms of everything from 195 to 205; with less than this an
    overloaded target's would be as many as there are requests."""
    return round(ms, 1 if ms < 1_000 else -1 if ms < 10_000 else -2)


class LocustStatistics:
    """A `load.engine.in_flight.Report`: each request is Locust's event, to which its statistics and all plug-ins listen."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._history = bool(getattr(environment.parsed_options, "stats_history_enabled", False))
        """Whether each row's last 10 seconds are asked for (`--csv-full-history`): for that Locust keeps 20 copies of all that the
        row has counted, and everywhere else it shows them of all rows together only."""

    def __call__(self, what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
        name, method = what.label, what.method
        self._environment.events.request.fire(
            request_type=method, name=name, response_time=ms, response_length=length,
            exception=wrong or None, context={},
        )  # fmt: skip
        self._environment.stats.get(name, method).use_response_times_cache = self._history
