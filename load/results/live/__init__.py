"""What can be seen of a run while it runs.

live_pages       a tab in Locust's web UI, and the /metrics port
live_rows        the rows of its table
metric_families  the counters as Prometheus metrics
otel_metrics     the same through OpenTelemetry, where Locust's --otel is given
"""
