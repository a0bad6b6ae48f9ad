"""The counters of a run as Prometheus metric families. Latency counts from the due time.

>>> from contracts.spec import load
>>> print(exposition(load(), LoadRecorder({})).splitlines()[0])
# HELP tchat_requests_total Requests that ended, by status; error:<kind> where no answer came.
"""

from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from contracts.spec import Spec
from load.engine.recorder import LoadRecorder, OperationTally
from load.results.live.live_rows import budget, tallied

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Histogram bounds in seconds. The bucket at an operation's threshold is exact, the others within 0.1 %."""


def families(spec: Spec, recorder: LoadRecorder) -> Iterator[Metric]:
    """The metric families in the order of the exposition."""
    known = tallied(spec, recorder)
    requests = CounterMetricFamily(
        "tchat_requests", "Requests that ended, by status; error:<kind> where no answer came.", labels=("operation", "status"),
    )  # fmt: skip
    over = CounterMetricFamily(
        "tchat_over_objective", "Answers that took longer than the objective allows.", labels=("operation",)
    )
    errors = CounterMetricFamily("tchat_errors", "Wrong answers and lost ones.", labels=("operation",))
    left = GaugeMetricFamily(
        "tchat_error_budget_left", "Share of the allowed violations that is left.", labels=("operation",)
    )
    latency = HistogramMetricFamily(
        "tchat_latency_seconds",
        "From the due time to the last byte, answered requests.",
        labels=("operation",),
    )
    for op, tally in known:
        for status, count in sorted(tally.statuses.items()):
            requests.add_metric((op.id, status), count)
        over.add_metric((op.id,), tally.over)
        errors.add_metric((op.id,), tally.errors)
        left.add_metric((op.id,), budget(op, tally))
        latency.add_metric((op.id,), _buckets(tally), tally.latency.sum / 1e9)
    yield from (requests, over, errors, left, latency)
    for name, value in (
        ("planned", recorder.planned),
        ("sent", recorder.requests),
        ("late", recorder.late),
        ("dropped", recorder.dropped.total()),
    ):
        yield CounterMetricFamily(
            f"tchat_generator_{name}", f"Arrivals {name} by the load generator.", value=value
        )
    lag = recorder.lag.quantile(0.99)
    if lag is not None:
        yield GaugeMetricFamily(
            "tchat_generator_loop_lag_p99_seconds",
            "How late the generator's event loop was.",
            value=lag / 1e9,
        )


def _buckets(tally: OperationTally) -> list[tuple[str, float]]:
    bounds = sorted({*BUCKETS, tally.threshold / 1e9})
    below = tally.latency.below(bound * 1e9 for bound in bounds)
    exact = tally.answered - tally.over
    found: list[tuple[str, float]] = [
        (f"{bound:g}", exact if bound * 1e9 == tally.threshold else count)
        for bound, count in zip(bounds, below, strict=True)
    ]
    return [*found, ("+Inf", tally.answered)]


class CountedMetrics:
    """A collector of prometheus_client."""

    def __init__(self, spec: Spec, recorder: LoadRecorder) -> None:
        self._spec, self._recorder = spec, recorder

    def collect(self) -> Iterator[Metric]:
        return families(self._spec, self._recorder)


def exposition(spec: Spec, recorder: LoadRecorder) -> str:
    """The metrics in Prometheus text format 0.0.4."""
    return generate_latest(CountedMetrics(spec, recorder)).decode()
