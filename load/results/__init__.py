"""The results of a load run: verdicts, files and live views.

judging            verdicts from counters, generator health and history
reconciliation     the comparison of our count of requests with the server's
foreign_verdicts   additional verdicts on a target with a document of its own
run_builder        the Run of a load run
run_outputs        the result files: JSON, history, samples, report
own_measures       checks and metrics of the user's own
samples            every call as a row of CSV or Parquet
history_file       the history of a run on disk
terminal           the progress line and the final table
live               a tab in Locust's web UI, and metrics for Prometheus and OpenTelemetry
locust_statistics  Locust's own statistics
"""
