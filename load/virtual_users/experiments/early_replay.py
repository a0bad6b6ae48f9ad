"""CF-16: whoever waits for a refresh that somebody else has begun replays with the old token (S:710-722)."""

from contracts.run import ClientFinding
from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.token_store import TokenPair

CALLS = 5


def early_replay(bench: ExperimentBench) -> ExperimentResult:
    """The access token is no good any more, and so many calls meet 401 together."""
    recovered = {profile: _recovered(bench, profile) for profile in ("guide-exact", "guide-intended")}
    exact, meant = recovered.values()
    told = f"of {CALLS} calls that meet 401 together {exact} recover, as meant {meant}"
    if exact == CALLS:
        return ExperimentResult("CF-16", None, told, recovered)
    finding = ClientFinding(
        id="CF-16",
        title="Whoever waits for a refresh replays with the old token",
        detail=f"{told}: the shared promise resolves with the answer of the refresh, and only its first caller then stores the "
        "pair; all others have read the old token from the store by then, meet 401 again, and give up. Store the pair inside "
        "the shared promise.",
        source="S:710-722",
        number=f"{CALLS - exact} of {CALLS} calls fail at an expiry",
    )
    return ExperimentResult("CF-16", finding, told, recovered)


def _recovered(bench: ExperimentBench, profile: str) -> int:
    handle = bench.handle(make("web", profile))
    account = handle.client.account
    # An access token that the server refuses, so that no clock has to be moved.
    account.auth = account.auth.set_tokens(TokenPair("worn-out", handle.tokens().refresh), handle.clock.now)
    asks = [Ask("getContentItems", {"page": 1, "limit": size}) for size in range(1, CALLS + 1)]
    handle.show(*asks)
    entries = handle.client.cache.entries
    return sum(entries[ask.key].data is not None for ask in asks)
