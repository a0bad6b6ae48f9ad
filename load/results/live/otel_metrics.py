"""The counters of a run as OpenTelemetry metrics: `locust --otel`, with the extra `otel`.

Locust sets up the SDK by its environment variables, and exports each request's duration, which we count from the due time. This
module adds what Locust does not have: objectives, error budgets, and the arrivals planned, sent, late and dropped.
"""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from contracts.spec import Spec
from load.engine.recorder import LoadRecorder
from load.results.live.metric_families import families
from load.runs.run_config import OptionError

KINDS = {"counter": "create_observable_counter", "gauge": "create_observable_gauge"}
"""Histograms are left to Locust, because an observable instrument cannot be one."""


def start(spec: Spec, counters: Callable[[], LoadRecorder | None]) -> None:
    """Export with the provider that Locust has set up; OptionError without the extra."""
    try:
        metrics = importlib.import_module("opentelemetry.metrics")
    except ImportError:
        raise OptionError("--otel needs the extra: pip install 'tchat-harness[otel]'") from None
    observe(metrics, metrics.get_meter("tchat"), spec, counters)


def observe(metrics: Any, meter: Any, spec: Spec, counters: Callable[[], LoadRecorder | None]) -> None:
    """Export the counters through a meter. `metrics` is the module opentelemetry.metrics, which exists only with the extra."""
    filled = LoadRecorder({})
    filled.lag.record(0)  # so that each family is there
    for family in families(spec, filled):
        if family.type not in KINDS:
            continue

        def values(_: Any, name: str = family.name) -> Iterator[Any]:
            recorder = counters()
            if recorder is not None:
                for found in families(spec, recorder):
                    if found.name == name:
                        yield from (metrics.Observation(one.value, one.labels) for one in found.samples)

        getattr(meter, KINDS[family.type])(
            family.name.replace("tchat_", "tchat.", 1), callbacks=[values], description=family.documentation
        )
