"""CF-7: measurements are lost on any HTTP status (S:1806-1828)."""

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL, Metric
from load.virtual_users.guide.persona import make

CLICKS = 100


def metrics(bench: ExperimentBench) -> ExperimentResult:
    """Let a logged-out user click; the flush is sent with `Bearer undefined` and refused."""
    lost, held = {}, {}
    for profile in ("guide-exact", "guide-intended"):
        handle = bench.handle(make("web", profile))
        handle.wait(INTERVAL)
        handle.do(handle.client.logout(handle.clock.now))
        monitor = handle.client.monitor
        before = monitor.lost
        waiting = len(monitor.buffer)
        for _ in range(CLICKS):
            handle.do(handle.client.record(Metric("user_interaction", 1, handle.clock.now), handle.clock.now))
        handle.wait(INTERVAL)
        lost[profile] = monitor.lost - before
        held[profile] = len(monitor.buffer)
    detail = f"{CLICKS} clicks of a logged-out user and {waiting} calls: {lost['guide-exact']} lost, {held['guide-exact']} kept"
    seen = {"lost": lost, "kept": held}
    return ExperimentResult.of(
        "CF-7",
        detail,
        seen,
        shows=bool(lost["guide-exact"]),
        title="Measurements are lost on any HTTP error",
        detail=f"{detail}, because the flush was answered and nobody looks at the status; the same is true of 413, 429, 500 "
        f"and 503. A client that looks keeps {held['guide-intended']}. Put them back unless the answer is a 2xx.",
        source="S:1806-1828",
        number=f"{lost['guide-exact']} of {lost['guide-exact'] + held['guide-exact']} lost at one refused flush",
    )
