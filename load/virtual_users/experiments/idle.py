"""CF-13: the monitor measures its own flushes, so an idle page never stops sending (S:1635-1657, S:1799-1829)."""

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL
from load.virtual_users.guide.persona import make

SLEEPS = 20


def idle(bench: ExperimentBench) -> ExperimentResult:
    """Count the flushes of an idle page, after the login has been flushed."""
    flushes = {}
    for profile in ("guide-exact", "guide-intended"):
        handle = bench.handle(make("web", profile))
        handle.wait(INTERVAL)
        before = handle.client.monitor.flushes
        handle.wait(SLEEPS * INTERVAL)
        flushes[profile] = handle.client.monitor.flushes - before
    exact = flushes["guide-exact"]
    detail = (
        f"{exact} flushes in {SLEEPS} intervals without any activity, as meant {flushes['guide-intended']}"
    )
    return ExperimentResult.of(
        "CF-13",
        detail,
        flushes,
        shows=exact > flushes["guide-intended"],
        title="An idle page never stops sending measurements",
        detail=f"{detail}: each flush passes the patched fetch, which puts one measurement into the buffer just emptied. "
        "Send the flush with the original fetch.",
        source="S:1635-1657, S:1799-1829",
        number=f"{exact * 3600 / (SLEEPS * INTERVAL):.0f} requests per hour and idle page",
    )
