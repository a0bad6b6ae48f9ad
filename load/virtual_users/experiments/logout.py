"""CF-4: logging out on iOS leaves the session open on the server (S:1004-1016)."""

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.behaviour.token_expiry import PLATFORMS, Platform
from load.virtual_users.guide.persona import make


def logout(bench: ExperimentBench) -> ExperimentResult:
    """Use the tokens of each platform after its logout."""
    after = {platform: _after(bench, platform) for platform in PLATFORMS}
    detail = "; ".join(f"{p}: access {a}, refresh {r}" for p, (a, r) in after.items())
    seen: dict[str, object] = {platform: {"verify": a, "refresh": r} for platform, (a, r) in after.items()}
    access, refresh = after["ios"]
    shows = 200 in (access, refresh)
    return ExperimentResult.of(
        "CF-4",
        detail if shows else f"after logout no token is good any more ({detail})",
        seen,
        shows=shows,
        title="Logout on iOS leaves the session open",
        detail=f"Statuses that the tokens get after logout: {detail}. A client with the refresh token stays logged in for "
        "its whole life. Call /auth/logout before the tokens are cleared.",
        source="S:1004-1016",
        number=f"refresh token still answered {refresh}",
    )


def _after(bench: ExperimentBench, platform: Platform) -> tuple[int, int]:
    handle = bench.handle(make(platform))
    tokens = handle.tokens()
    handle.do(handle.client.logout(handle.clock.now))
    verify = handle.raw("verifyToken", tokens.access)
    refresh = handle.raw("refreshTokens", tokens.refresh)
    return (verify.status if verify else 0, refresh.status if refresh else 0)
