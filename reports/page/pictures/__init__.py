"""The SVG pictures of a run, one in each file.

Of load: error_budgets, heat_maps, latency_spectrum, latency_strips, load_timeline. Beside a baseline: baseline_drift.
Of concurrent histories: history_lanes. Of reconnecting clients: open_sockets, recovery.
"""
