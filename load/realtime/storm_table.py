"""The table of storms for a terminal: a row for each storm, the findings, and all verdicts that are not PASS."""

from contracts.run import ReconnectResult, Run

HEAD = f"{'policy':17}{'fault':10}{'back':>6}{'gave up':>8}{'never':>6}{'p50 s':>7}{'p99 s':>7}{'peak':>5}{'missed':>7}{'synced':>7}"
"""80 columns; longer texts have a second line."""


def summary(run: Run) -> str:
    """The table as text; its last line is the verdict of the run."""
    lines = [HEAD, *map(_row, run.reconnects)]
    lines += [f"{f.id}: {f.title}: {f.number}" for f in run.findings]
    lines += [f"{v.grade.name} {v.check} {v.subject}: {v.reason}" for v in run.all_verdicts() if v.grade]
    return "\n".join([*lines, f"verdict: {run.grade.name}"])


def _row(r: ReconnectResult) -> str:
    histogram = r.recovery.unpack()
    q = [histogram.quantile(x) for x in (0.5, 0.99)]
    times = "".join(f"{'-':>7}" if x is None else f"{x / 1e9:7.2f}" for x in q)
    sockets = ", ".join(f"{count} clients have {sockets}" for sockets, count in r.sockets_per_client.items())
    return (
        f"{r.policy:17}{r.fault:10}{r.recovered:6}{r.given_up:8}{r.never_tried:6}{times}"
        f"{r.peak_connects_100ms:5}{r.events_missed:7}{r.events_recovered_by_sync:7}\n  {r.title}; sockets: {sockets}"
    )
