"""CF-5: all three clients decode a base64url payload as standard base64 (S:879, S:1104, S:1216)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from load.virtual_users.drivers.virtual_time import ServerAdapter, TimedReply
from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.behaviour.token_expiry import PLATFORMS, Platform, expired
from load.virtual_users.guide.exchange import Ask, ClientRequest
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.token_store import TokenPair

NAMES = ("Ada", "Zoë", "José", "Søren", "Łukasz", "Мария", "山田", "Who?", "A~B", "<Bob>")
ALIGNMENTS = 12
"""The lengths of the subject before the name: three alignments of the payload, four times each."""
READS = 10
LIFE = 900
"""Seconds that the named tokens live."""
START = 1_800_000_000.0


def decode(bench: ExperimentBench) -> ExperimentResult:
    """Measure the share of fresh tokens with a name that look expired, the cost, and whether this server's tokens do."""
    shares = {platform: _share(platform) for platform in PLATFORMS}
    cost = _refreshes(bench)
    own = bench.plain().tokens().access
    blind = [
        p for p in PLATFORMS if expired(p, own, bench.now() - 60, base64url=make(p).profile.decodes_base64url)
    ]
    target = f"a token of this server looks expired to {', '.join(blind) or 'none of them'}"
    detail = ", ".join(f"{platform} {share:.0%}" for platform, share in shares.items())
    seen = {"share": shares, "refreshes per read": cost, "blind to this server": blind}
    shows = any(shares.values())
    return ExperimentResult.of(
        "CF-5",
        f"{detail}; {target}" if shows else f"no fresh token looks expired ({detail})",
        seen,
        shows=shows,
        title="A fresh token can look expired",
        detail=f"Of fresh tokens whose payload holds one of {len(NAMES)} names as UTF-8, these look expired: {detail}. Such a "
        f"user's iOS client then sends {cost:.1f} refreshes for each read. {target.capitalize()}. Decode "
        "base64url; until then a server has to keep its claims to letters and digits.",
        source="S:879, S:1104, S:1216",
        number=f"{max(shares.values()):.0%} of tokens with a name",
    )


def _share(platform: Platform) -> float:
    tokens = [
        token({"sub": "u" * length, "name": name, "exp": 2_000_000_000})
        for name in NAMES
        for length in range(ALIGNMENTS)
    ]
    decodes = make(platform).profile.decodes_base64url
    return sum(expired(platform, text, START, base64url=decodes) for text in tokens) / len(tokens)


def _refreshes(bench: ExperimentBench) -> float:
    """The refreshes per read of an iOS client whose token looks expired."""
    named = replace(bench, wire=lambda persona: NamedTokens(bench.wire(persona)))
    handle = named.handle(make("ios"))
    sends = handle.client.transport.traffic.sends
    before = sends["refreshTokens"]
    for _ in range(READS):
        handle.show(Ask("getContentCategories"))
    return (sends["refreshTokens"] - before) / READS


class NamedTokens:
    """A server adapter whose access tokens carry a name for the client; the server sees its own tokens."""

    def __init__(self, wire: ServerAdapter) -> None:
        self.wire = wire
        self.own: dict[str, str] = {}
        """Authorization header with the client's token -> the one with the server's token."""

    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        sent = [
            replace(
                request, headers={name: self.own.get(value, value) for name, value in request.headers.items()}
            )
            for request in batch
        ]
        return [self._named(answer, now) for answer in self.wire.exchange(sent, now)]

    def _named(self, answer: TimedReply, now: float) -> TimedReply:
        pair = TokenPair.of(answer.reply.body) if answer.reply is not None else None
        if answer.reply is None or pair is None:
            return answer
        access = token({"jti": len(self.own), "name": "ÿÿÿ", "exp": int(now) + LIFE})
        self.own[f"Bearer {access}"] = f"Bearer {pair.access}"
        body = {**answer.reply.body, "tokens": {**answer.reply.body["tokens"], "accessToken": access}}
        return replace(answer, reply=replace(answer.reply, body=body))


def token(claims: dict[str, Any]) -> str:
    """A token with the form of a JWT and an invalid signature; its payload is UTF-8, as most libraries write it."""
    parts = ({"alg": "none"}, claims)
    encoded = [json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in parts]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*encoded, b"signature"))
