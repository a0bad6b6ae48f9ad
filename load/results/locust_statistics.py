"""The bridge to Locust's own statistics, which its table, charts and CSV files show."""

from typing import Any

from load.engine.in_flight import StatisticsRow


def rounded(ms: float) -> float:
    """The latency in ms under which Locust counts a request. Locust's own rounding makes 200 of 195 to 205; finer rounding than
    this would store as many values as there are requests of an overloaded target."""
    return round(ms, 1 if ms < 1_000 else -1 if ms < 10_000 else -2)


class LocustStatistics:
    """A `load.engine.in_flight.Report` that fires Locust's request event, to which its statistics and plug-ins listen."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._history = bool(getattr(environment.parsed_options, "stats_history_enabled", False))
        """Whether the last 10 seconds of each row are needed (`--csv-full-history`), for which Locust keeps 20 copies of the row's
        counts; otherwise it shows them for all rows together only."""

    def __call__(self, what: StatisticsRow, ms: float, length: int, wrong: str) -> None:
        name, method = what.label, what.method
        self._environment.events.request.fire(
            request_type=method, name=name, response_time=ms, response_length=length,
            exception=wrong or None, context={},
        )  # fmt: skip
        self._environment.stats.get(name, method).use_response_times_cache = self._history
