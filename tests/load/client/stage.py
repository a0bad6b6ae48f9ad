"""A client and a scripted server, ready to be played with in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.spec import load
from load.client.cache import CacheRules
from load.client.clockwork import Clockwork, Wire
from load.client.driver import Losing
from load.client.exchange import Request
from load.client.experiments.bench import Bench, Hand
from load.client.persona import make
from load.client.profile import PROFILES
from load.client.scripted import ScriptedServer, Weather, filled
from load.client.session import Cell
from load.client.virtual_client import VirtualClient

SPEC = load()
START = 1_800_000_000.0


class Stage:
    """`weather` may be replaced while the play goes on."""

    def __init__(self, **server: Any) -> None:
        self.weather: Callable[[Request, float], Weather] = lambda request, now: Weather()
        self.server = ScriptedServer(SPEC, now=START, weather=lambda r, n: self.weather(r, n), **server)
        self.items = filled(self.server, ["one", "two", "three", "four"])
        self.clock = Clockwork(self.server, now=START)

    def enter(
        self,
        platform: Any = "web",
        profile: str = "guide-exact",
        *,
        cell: Cell | None = None,
        rules: CacheRules | None = None,
        login: bool = True,
        **more: Any,
    ) -> Hand:
        persona = make(platform, profile)
        client = VirtualClient(persona, spec=SPEC, cell={} if cell is None else cell, rules=rules, **more)
        hand = Hand(clock=self.clock, client=self.clock.join(client), advance=lambda seconds: False)
        if login:
            hand.do(client.login("a@b.example", "x", self.clock.now))
        return hand

    def lose(self, operation: str, times: int, *, acts: bool = True) -> None:
        """The answers (or with `acts` False the requests) of the next so many sends are lost."""
        left = [times]

        def weather(request: Request, now: float) -> Weather:
            hit = request.operation == operation and left[0] > 0
            left[0] -= hit
            return Weather(answers=not hit, acts=acts or not hit)

        self.weather = weather

    def refuse(self, operation: str, status: int) -> None:
        self.weather = lambda request, now: Weather(status=status if request.operation == operation else None)

    def sent(self, operation: str) -> list[float]:
        """When each request of this operation left, seconds from the start."""
        return [
            round(logged.at - START, 3) for logged in self.server.log if logged.request.operation == operation
        ]


def bench(server: Wire, **more: Any) -> Bench:
    return Bench(
        spec=SPEC, wire=lambda persona: server, email="a@b.example", password="x", now=lambda: START, **more
    )


__all__ = ["PROFILES", "SPEC", "START", "Losing", "Stage", "bench"]
