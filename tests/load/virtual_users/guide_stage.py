"""A client and a scripted server, ready to be played with in virtual time."""

from collections.abc import Callable
from typing import Any

from contracts.spec import load
from load.virtual_users.drivers.server_adapter import LossyServerAdapter
from load.virtual_users.drivers.virtual_time import ServerAdapter, VirtualTime
from load.virtual_users.experiments.experiment_bench import ClientHandle, ExperimentBench
from load.virtual_users.guide.exchange import ClientRequest
from load.virtual_users.guide.guide_client import GuideClient
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.guide.token_store import TokenStore
from tests.load.virtual_users.scripted_server import RequestFate, ScriptedServer, filled

SPEC = load()
START = 1_800_000_000.0


class Stage:
    """`fate` may be replaced while the play goes on."""

    def __init__(self, **server: Any) -> None:
        self.fate: Callable[[ClientRequest, float], RequestFate] = lambda request, now: RequestFate()
        self.server = ScriptedServer(SPEC, now=START, fate=lambda r, n: self.fate(r, n), **server)
        self.items = filled(self.server, ["one", "two", "three", "four"])
        self.clock = VirtualTime(self.server, now=START)

    def enter(
        self,
        platform: Any = "web",
        profile: str = "guide-exact",
        *,
        store: TokenStore | None = None,
        login: bool = True,
        **more: Any,
    ) -> ClientHandle:
        persona = make(platform, profile)
        client = GuideClient(persona, spec=SPEC, store=store, **more)
        handle = ClientHandle(clock=self.clock, client=self.clock.join(client), advance=lambda seconds: False)
        if login:
            handle.do(client.login("a@b.example", "x", self.clock.now))
        return handle

    def lose(self, operation: str, times: int, *, acts: bool = True) -> None:
        """The answers (or with `acts` False the requests) of the next so many sends are lost."""
        left = [times]

        def fate(request: ClientRequest, now: float) -> RequestFate:
            hit = request.operation == operation and left[0] > 0
            left[0] -= hit
            return RequestFate(answers=not hit, acts=acts or not hit)

        self.fate = fate

    def refuse(self, operation: str, status: int) -> None:
        self.fate = lambda request, now: RequestFate(
            status=status if request.operation == operation else None
        )

    def sent(self, operation: str) -> list[float]:
        """When each request of this operation left, seconds from the start."""
        return [
            round(logged.at - START, 3) for logged in self.server.log if logged.request.operation == operation
        ]


def bench(server: ServerAdapter, **more: Any) -> ExperimentBench:
    return ExperimentBench(
        spec=SPEC, wire=lambda persona: server, email="a@b.example", password="x", now=lambda: START, **more
    )


__all__ = ["PROFILES", "SPEC", "START", "LossyServerAdapter", "Stage", "bench"]
