"""What a person at a terminal sees of the storms: a row each, the findings, and every verdict that is not PASS."""

from __future__ import annotations

from contracts.run import ReconnectResult, Run

HEAD = (
    f"{'policy':18}{'fault':24}{'back':>6}{'gave up':>8}{'never':>6}{'p50 s':>8}{'p99 s':>8}"
    f"{'peak':>6}{'missed':>8}{'synced':>8}  sockets per client"
)


def summary(run: Run) -> str:
    """Lines of text; the last one is the verdict of the whole."""
    lines = [HEAD, *map(_row, run.reconnects)]
    lines += [f"{f.id}: {f.title}: {f.number}" for f in run.findings]
    lines += [f"{v.grade.name} {v.check} {v.subject}: {v.reason}" for v in run.all_verdicts() if v.grade]
    return "\n".join([*lines, f"verdict: {run.grade.name}"])


def _row(r: ReconnectResult) -> str:
    histogram = r.recovery.unpack()
    q = [histogram.quantile(x) for x in (0.5, 0.99)]
    times = "".join(f"{'-':>8}" if x is None else f"{x / 1e9:8.3f}" for x in q)
    sockets = ", ".join(f"{k}: {v}" for k, v in r.sockets_per_client.items())
    return (
        f"{r.policy:18}{r.title:24}{r.recovered:6}{r.given_up:8}{r.never_tried:6}{times}"
        f"{r.peak_connects_100ms:6}{r.events_missed:8}{r.events_recovered_by_sync:8}  {sockets}"
    )
