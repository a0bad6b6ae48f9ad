"""CF-14: one lost answer to a refresh logs the user out (S:728-733)."""

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult, first_answers
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.persona import make


def lost_refresh(bench: ExperimentBench) -> ExperimentResult:
    """Lose the answer to a refresh once, with an invalid access token and a valid refresh token."""
    still = {profile: _still(bench, profile) for profile in ("guide-exact", "guide-intended")}
    detail = f"logged in after one lost refresh: as written {still['guide-exact']}, as meant {still['guide-intended']}"
    return ExperimentResult.of(
        "CF-14",
        detail,
        still,
        shows=not still["guide-exact"],
        title="One lost packet at expiry ends the session",
        detail="A refresh whose answer is lost clears the tokens and logs the user out, although the refresh token is still "
        f"good ({detail}). Calls are tried four times and the refresh once. End the session on 401 only.",
        source="S:728-733",
        number="1 lost answer, 1 logout",
    )


def _still(bench: ExperimentBench, profile: str) -> bool:
    handle = bench.handle(make("web", profile), loses=first_answers("refreshTokens", 1))
    handle.spoil_access_token()
    handle.show(Ask("getContentCategories", {"includeEmpty": True}))
    return handle.client.account.auth.authenticated
