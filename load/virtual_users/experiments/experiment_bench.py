"""The bench of an experiment: a server, an account, and handles that play a client step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from contracts.run import ClientFinding
from contracts.spec import Spec
from load.virtual_users.drivers.server_adapter import LossyServerAdapter
from load.virtual_users.drivers.virtual_time import ServerAdapter, VirtualTime
from load.virtual_users.guide.exchange import Ask, ClientReply, ClientRequest, Effect
from load.virtual_users.guide.guide_client import GuideClient
from load.virtual_users.guide.persona import Persona, make
from load.virtual_users.guide.token_store import TokenPair
from load.virtual_users.guide.transport import Settled


class BenchError(RuntimeError):
    """The server does not let the experiment be made. One line."""


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """What one experiment showed. `finding` is None where the defect did not show itself; `reason` says in one line what was
    seen."""

    id: str
    finding: ClientFinding | None
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentBench:
    """The server, account and clock that an experiment is made with. `advance` moves the server's clock if it can, and says
    whether; `mark` makes what is created recognisable."""

    spec: Spec
    wire: Callable[[Persona], ServerAdapter]
    email: str
    password: str = field(repr=False)
    now: Callable[[], float]
    advance: Callable[[float], bool] = lambda seconds: False
    mark: str = "probe"
    left_out: frozenset[str] = frozenset()
    """Operations that the target's document does not have."""
    devices: Iterator[int] = field(default_factory=lambda: count(1))
    """A login ends the session that the same device had, so each hand has a device of its own."""

    def handle(
        self,
        persona: Persona,
        *,
        loses: Callable[[ClientRequest], bool] | None = None,
        idempotency: Callable[[int], str] | None = None,
    ) -> ClientHandle:
        """A client that is logged in; `loses` is asked for each of its requests from then on."""
        wire = self.wire(persona)
        clock = VirtualTime(wire, now=self.now())
        client = GuideClient(
            persona,
            spec=self.spec,
            device=f"{self.mark}-{next(self.devices)}",
            idempotency=idempotency,
        )
        handle = ClientHandle(clock=clock, client=clock.join(client), advance=self.advance)
        handle.do(client.login(self.email, self.password, clock.now))
        if not client.account.auth.authenticated:
            raise BenchError(f"could not log in: {client.account.auth.error}")
        if loses is not None:
            clock.wire = LossyServerAdapter(wire, loses)
        return handle

    def plain(self) -> ClientHandle:
        """One without any cache, to look and to prepare."""
        return self.handle(make("android", "guide-intended"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHandle:
    clock: VirtualTime
    client: GuideClient
    advance: Callable[[float], bool]

    def do(self, effects: Iterable[Effect]) -> None:
        """Carry out and wait until all answers are there."""
        self.clock.do(self.client, effects)
        self.clock.settle()

    def show(self, *asks: Ask) -> list[int]:
        """Mount queries in one go and wait for them."""
        numbers = []
        effects: list[Effect] = []
        for ask in asks:
            number, more = self.client.mount(ask, self.clock.now)
            numbers.append(number)
            effects += more
        self.do(effects)
        return numbers

    def hide(self, *numbers: int) -> None:
        for number in numbers:
            self.do(self.client.unmount(number, self.clock.now))

    def write(self, operation: str, **arg: Any) -> Settled:
        """One mutation, to its end."""
        ticket, effects = self.client.mutate(Ask(operation, arg), self.clock.now)
        self.do(effects)
        return self.client.results.pop(ticket)

    def must(self, operation: str, **arg: Any) -> Any:
        """A mutation that prepares; BenchError if the server refuses it."""
        settled = self.write(operation, **arg)
        if not settled.outcome.ok:
            raise BenchError(f"{operation} ended with {settled.status or settled.why} while preparing")
        return settled.outcome.data

    def read(self, ask: Ask) -> Any:
        """What the server says now; only for a client without a tag cache."""
        (ticket,) = self.show(ask)
        settled = self.client.results.pop(ticket)
        if not settled.outcome.ok:
            raise BenchError(f"{ask.operation} ended with {settled.status or settled.why}")
        return settled.outcome.data

    def raw(self, operation: str, bearer: str) -> ClientReply | None:
        """One request past the client, with a token of the caller's choice."""
        request = ClientRequest(operation=operation, headers={"authorization": f"Bearer {bearer}"})
        (arrival,) = self.clock.wire.exchange([request], self.clock.now)
        return arrival.reply

    def tokens(self) -> TokenPair:
        tokens = self.client.account.store.get()
        assert tokens is not None, "a logged-in hand has tokens"
        return tokens

    def wait(self, seconds: float) -> None:
        """Let time pass for the client alone."""
        self.clock.run(seconds)
        self.clock.settle()

    def expire(self, seconds: float) -> bool:
        """Let time pass for the client and for the server; False, and nothing happens, if its clock cannot be moved."""
        if not self.advance(seconds):
            return False
        self.wait(seconds)
        return True
