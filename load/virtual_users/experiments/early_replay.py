"""CF-16: a call that waits for another call's refresh is sent again with the old token (S:710-722)."""

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.persona import make

CALLS = 5


def early_replay(bench: ExperimentBench) -> ExperimentResult:
    """Send several calls together with an invalid access token, so that all of them get a 401."""
    recovered = {profile: _recovered(bench, profile) for profile in ("guide-exact", "guide-intended")}
    exact, meant = recovered.values()
    detail = f"of {CALLS} calls that meet 401 together {exact} recover, as meant {meant}"
    return ExperimentResult.of(
        "CF-16",
        detail,
        recovered,
        shows=exact < CALLS,
        title="Whoever waits for a refresh replays with the old token",
        detail=f"{detail}: the shared promise resolves with the answer of the refresh, and only its first caller then stores the "
        "pair; all others have read the old token from the store by then, meet 401 again, and give up. Store the pair inside "
        "the shared promise.",
        source="S:710-722",
        number=f"{CALLS - exact} of {CALLS} calls fail at an expiry",
    )


def _recovered(bench: ExperimentBench, profile: str) -> int:
    handle = bench.handle(make("web", profile))
    handle.spoil_access_token()
    asks = [Ask("getContentItems", {"page": 1, "limit": size}) for size in range(1, CALLS + 1)]
    handle.show(*asks)
    entries = handle.client.cache.entries
    return sum(entries[ask.key].data is not None for ask in asks)
