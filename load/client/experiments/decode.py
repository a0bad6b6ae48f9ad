"""CF-5: all three clients decode a base64url payload as standard base64 (S:879, S:1104, S:1216)."""

from __future__ import annotations

from contracts.run import ClientFinding
from load.client.clockwork import Clockwork
from load.client.exchange import Ask
from load.client.experiments.bench import Bench, Hand, Shown
from load.client.expiry import PLATFORMS, Platform, expired
from load.client.persona import make
from load.client.scripted import ScriptedServer, filled, token
from load.client.virtual_client import VirtualClient

NAMES = ("Ada", "Zoë", "José", "Søren", "Łukasz", "Мария", "山田", "Who?", "A~B", "<Bob>")
ALIGNMENTS = 12
"""Three alignments of the payload times four lengths of what stands before the name."""
READS = 10
START = 1_800_000_000.0


def decode(bench: Bench) -> Shown:
    """The share of fresh tokens that look expired when they carry a name, what that costs, and this server's own tokens."""
    shares = {platform: _share(platform) for platform in PLATFORMS}
    cost = {platform: _refreshes(bench, platform) for platform in ("ios", "android")}
    own = bench.plain().tokens().access
    blind = [
        p for p in PLATFORMS if expired(p, own, bench.now() - 60, base64url=make(p).profile.decodes_base64url)
    ]
    target = f"a token of this server looks expired to {', '.join(blind) or 'none of them'}"
    told = ", ".join(f"{platform} {share:.0%}" for platform, share in shares.items())
    seen = {"share": shares, "refreshes per read": cost, "blind to this server": blind}
    if not any(shares.values()):
        return Shown("CF-5", None, f"no fresh token looks expired ({told})", seen)
    finding = ClientFinding(
        id="CF-5",
        title="A fresh token can look expired",
        detail=f"Of fresh tokens whose payload holds one of {len(NAMES)} names as UTF-8, these look expired: {told}. Such a "
        f"user's iOS client then sends {cost['ios']:.1f} refreshes for each read. {target.capitalize()}. Decode "
        "base64url; until then a server has to keep its claims to letters and digits.",
        source="S:879, S:1104, S:1216",
        number=f"{max(shares.values()):.0%} of tokens with a name",
    )
    return Shown("CF-5", finding, f"{told}; {target}", seen)


def _share(platform: Platform) -> float:
    tokens = [
        token({"sub": "u" * length, "name": name, "exp": 2_000_000_000})
        for name in NAMES
        for length in range(ALIGNMENTS)
    ]
    decodes = make(platform).profile.decodes_base64url
    return sum(expired(platform, text, START, base64url=decodes) for text in tokens) / len(tokens)


def _refreshes(bench: Bench, platform: Platform) -> float:
    """Refreshes for each read of a client whose user has such a name; the server is in memory."""
    server = ScriptedServer(bench.spec, now=START, claims={"name": "ÿÿÿ"})
    (item,) = filled(server, ["one"])
    clock = Clockwork(server, now=START)
    hand = Hand(
        clock=clock,
        client=clock.join(VirtualClient(make(platform), spec=bench.spec, cell={})),
        advance=lambda seconds: False,
    )
    hand.do(hand.client.login("a@b.example", "x", clock.now))
    before = server.count("refreshTokens")
    for _ in range(READS):
        hand.show(Ask("getContentItem", {"id": item["id"]}))
    return (server.count("refreshTokens") - before) / READS
