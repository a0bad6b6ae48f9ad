"""CF-14: one lost answer to a refresh logs the user out (S:728-733)."""

from contracts.run import ClientFinding
from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.exchange import Ask, ClientRequest
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.token_store import TokenPair


def lost_refresh(bench: ExperimentBench) -> ExperimentResult:
    """The access token is no good any more, the refresh token is, and the answer to the refresh is lost once."""
    still = {profile: _still(bench, profile) for profile in ("guide-exact", "guide-intended")}
    told = f"logged in after one lost refresh: as written {still['guide-exact']}, as meant {still['guide-intended']}"
    if still["guide-exact"]:
        return ExperimentResult("CF-14", None, told, still)
    finding = ClientFinding(
        id="CF-14",
        title="One lost packet at expiry ends the session",
        detail="A refresh whose answer is lost clears the tokens and logs the user out, although the refresh token is still "
        f"good ({told}). Calls are tried four times and the refresh once. End the session on 401 only.",
        source="S:728-733",
        number="1 lost answer, 1 logout",
    )
    return ExperimentResult("CF-14", finding, told, still)


def _still(bench: ExperimentBench, profile: str) -> bool:
    left = [1]

    def loses(request: ClientRequest) -> bool:
        left[0] -= request.operation == "refreshTokens"
        return request.operation == "refreshTokens" and left[0] >= 0

    handle = bench.handle(make("web", profile), loses=loses)
    account = handle.client.account
    # An access token that the server refuses, so that no clock has to be moved.
    worn = TokenPair("worn-out", handle.tokens().refresh)
    account.auth = account.auth.set_tokens(worn, handle.clock.now)
    handle.show(Ask("getContentCategories", {"includeEmpty": True}))
    return account.auth.authenticated
