"""CF-5: all three clients decode a base64url payload as standard base64 (S:879, S:1104, S:1216)."""

from __future__ import annotations

from contracts.run import ClientFinding
from load.virtual_users.drivers.scripted_server import ScriptedServer, filled, token
from load.virtual_users.drivers.virtual_time import VirtualTime
from load.virtual_users.experiments.experiment_bench import ClientHandle, ExperimentBench, ExperimentResult
from load.virtual_users.guide.behaviour.token_expiry import PLATFORMS, Platform, expired
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.guide_client import GuideClient
from load.virtual_users.guide.persona import make

NAMES = ("Ada", "Zoë", "José", "Søren", "Łukasz", "Мария", "山田", "Who?", "A~B", "<Bob>")
ALIGNMENTS = 12
"""Three alignments of the payload times four lengths of what stands before the name."""
READS = 10
START = 1_800_000_000.0


def decode(bench: ExperimentBench) -> ExperimentResult:
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
        return ExperimentResult("CF-5", None, f"no fresh token looks expired ({told})", seen)
    finding = ClientFinding(
        id="CF-5",
        title="A fresh token can look expired",
        detail=f"Of fresh tokens whose payload holds one of {len(NAMES)} names as UTF-8, these look expired: {told}. Such a "
        f"user's iOS client then sends {cost['ios']:.1f} refreshes for each read. {target.capitalize()}. Decode "
        "base64url; until then a server has to keep its claims to letters and digits.",
        source="S:879, S:1104, S:1216",
        number=f"{max(shares.values()):.0%} of tokens with a name",
    )
    return ExperimentResult("CF-5", finding, f"{told}; {target}", seen)


def _share(platform: Platform) -> float:
    tokens = [
        token({"sub": "u" * length, "name": name, "exp": 2_000_000_000})
        for name in NAMES
        for length in range(ALIGNMENTS)
    ]
    decodes = make(platform).profile.decodes_base64url
    return sum(expired(platform, text, START, base64url=decodes) for text in tokens) / len(tokens)


def _refreshes(bench: ExperimentBench, platform: Platform) -> float:
    """Refreshes for each read of a client whose user has such a name; the server is in memory."""
    server = ScriptedServer(bench.spec, now=START, claims={"name": "ÿÿÿ"})
    (item,) = filled(server, ["one"])
    clock = VirtualTime(server, now=START)
    handle = ClientHandle(
        clock=clock,
        client=clock.join(GuideClient(make(platform), spec=bench.spec, cell={})),
        advance=lambda seconds: False,
    )
    handle.do(handle.client.login("a@b.example", "x", clock.now))
    before = server.count("refreshTokens")
    for _ in range(READS):
        handle.show(Ask("getContentItem", {"id": item["id"]}))
    return (server.count("refreshTokens") - before) / READS
