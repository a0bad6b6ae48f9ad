"""The live views of a running load.

live_pages       tabs in Locust's web UI, and the /metrics port
live_rows        the rows of the tabs' tables
metric_families  the counters as Prometheus metrics
otel_metrics     the counters as OpenTelemetry metrics (Locust's --otel)
"""
