"""From counters and history to verdicts, files and live views.

judging            counters, generator health and history -> verdicts
reconciliation     our count of requests against the server's journal
foreign_verdicts   what is said of a target with a document of its own
run_builder        the Run that a load run writes
run_outputs        where the result goes: JSON, history, samples, report
own_measures       checks and metrics of the user's own
samples            every call as a row, CSV or Parquet
history_file       the calls of a run on disk while it grows
terminal           progress line and final table
live               the tab in Locust's web UI, and the counters for Prometheus and OpenTelemetry
locust_statistics  Locust's own statistics
"""
