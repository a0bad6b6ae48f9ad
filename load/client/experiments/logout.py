"""CF-4: logging out on iOS leaves the session open on the server (S:1004-1016)."""

from __future__ import annotations

from contracts.run import ClientFinding
from load.client.experiments.bench import Bench, Shown
from load.client.expiry import PLATFORMS, Platform
from load.client.persona import make


def logout(bench: Bench) -> Shown:
    """What the tokens of each platform are still good for after its logout."""
    after = {platform: _after(bench, platform) for platform in PLATFORMS}
    told = "; ".join(f"{p}: access {a}, refresh {r}" for p, (a, r) in after.items())
    seen: dict[str, object] = {platform: {"verify": a, "refresh": r} for platform, (a, r) in after.items()}
    access, refresh = after["ios"]
    if refresh != 200 and access != 200:
        return Shown("CF-4", None, f"after logout no token is good any more ({told})", seen)
    finding = ClientFinding(
        id="CF-4",
        title="Logout on iOS leaves the session open",
        detail=f"Statuses that the tokens get after logout: {told}. Whoever has the refresh token stays logged in for "
        "its whole life. Call /auth/logout before the tokens are cleared.",
        source="S:1004-1016",
        number=f"refresh token still answered {refresh}",
    )
    return Shown("CF-4", finding, told, seen)


def _after(bench: Bench, platform: Platform) -> tuple[int, int]:
    hand = bench.hand(make(platform))
    tokens = hand.tokens()
    hand.do(hand.client.logout(hand.clock.now))
    verify = hand.raw("verifyToken", tokens.access)
    refresh = hand.raw("refreshTokens", tokens.refresh)
    return (verify.status if verify else 0, refresh.status if refresh else 0)
