"""The bench of an experiment: a server, an account, and handles that drive a client step by step."""

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
    """The server does not allow the experiment; the message is one line."""


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """The result of one experiment. `finding` is None if the defect did not appear; `reason` is one line about what was seen."""

    id: str
    finding: ClientFinding | None
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, id: str, reason: str, evidence: Mapping[str, Any], *,
        shows: bool, title: str, detail: str, source: str, number: str,
    ) -> ExperimentResult:  # fmt: skip
        """The result with a finding if the defect shows itself."""
        finding = ClientFinding(id=id, title=title, detail=detail, source=source, number=number)
        return cls(id, finding if shows else None, reason, evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentBench:
    """The server, account and clock of an experiment. `advance` moves the server's clock, and returns False if it cannot;
    `mark` is in the titles of all created items."""

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
    """The numbers of devices. Each handle has a device of its own, because a login ends the device's older session."""

    def handle(
        self,
        persona: Persona,
        *,
        loses: Callable[[ClientRequest], bool] | None = None,
        idempotency: Callable[[int], str] | None = None,
    ) -> ClientHandle:
        """A client that is logged in. `loses` decides for each later request whether its answer is lost."""
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
        """A client without a cache, for preparing and for reading the server's state."""
        return self.handle(make("android", "guide-intended"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHandle:
    """A client in virtual time, driven step by step."""

    clock: VirtualTime
    client: GuideClient
    advance: Callable[[float], bool]

    def do(self, effects: Iterable[Effect]) -> None:
        """Carry out effects and wait for all answers."""
        self.clock.do(self.client, effects)
        self.clock.settle()

    def show(self, *asks: Ask) -> list[int]:
        """Mount queries together and wait for their answers."""
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
        """Run one mutation to its end."""
        ticket, effects = self.client.mutate(Ask(operation, arg), self.clock.now)
        self.do(effects)
        return self.client.results.pop(ticket)

    def must(self, operation: str, **arg: Any) -> Any:
        """Run a preparing mutation; BenchError if the server refuses it."""
        settled = self.write(operation, **arg)
        if not settled.outcome.ok:
            raise BenchError(f"{operation} ended with {settled.status or settled.why} while preparing")
        return settled.outcome.data

    def read(self, ask: Ask) -> Any:
        """The server's current answer to a query; only for a client without a tag cache."""
        (ticket,) = self.show(ask)
        settled = self.client.results.pop(ticket)
        if not settled.outcome.ok:
            raise BenchError(f"{ask.operation} ended with {settled.status or settled.why}")
        return settled.outcome.data

    def raw(self, operation: str, bearer: str) -> ClientReply | None:
        """Send one request without the client, with the given token."""
        request = ClientRequest(operation=operation, headers={"authorization": f"Bearer {bearer}"})
        (arrival,) = self.clock.wire.exchange([request], self.clock.now)
        return arrival.reply

    def tokens(self) -> TokenPair:
        tokens = self.client.account.store.get()
        assert tokens is not None, "a logged-in client has tokens"
        return tokens

    def spoil_access_token(self) -> None:
        """Replace the access token by one that the server refuses, so that no clock has to be moved."""
        account = self.client.account
        worn = TokenPair("worn-out", self.tokens().refresh)
        account.auth = account.auth.set_tokens(worn, self.clock.now)

    def wait(self, seconds: float) -> None:
        """Let time pass for the client only."""
        self.clock.run(seconds)
        self.clock.settle()

    def expire(self, seconds: float) -> bool:
        """Let time pass for the client and the server. False, without an effect, if the server's clock cannot be moved."""
        if not self.advance(seconds):
            return False
        self.wait(seconds)
        return True


def first_answers(operation: str, number: int) -> Callable[[ClientRequest], bool]:
    """A `loses` that loses the first `number` answers of an operation."""
    left = [number]

    def loses(request: ClientRequest) -> bool:
        left[0] -= request.operation == operation
        return request.operation == operation and left[0] >= 0

    return loses
