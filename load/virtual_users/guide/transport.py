"""The transport of the guide's client: circuit breaker, token, retries, refresh and replay, fallback.

The guide shows these parts but not how they are combined. Here the breaker is outermost, so that one call with its three
retries is one failure; then come the retries, then the refresh. The breaker counts a call without an answer or with a 5xx
as a failure; a 4xx resets it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from contracts.spec import Spec
from load.virtual_users.guide import endpoint
from load.virtual_users.guide.account import ClientAccount
from load.virtual_users.guide.behaviour.circuit_breaker import Breaker
from load.virtual_users.guide.behaviour.fallback import Fallback
from load.virtual_users.guide.cache.http_cache import HttpCache
from load.virtual_users.guide.cache.query_cache import QueryOutcome
from load.virtual_users.guide.exchange import (
    ArmTimer,
    Ask,
    CancelTimer,
    ClientReply,
    ClientRequest,
    Effect,
    SendRequest,
)

RETRIES = (1.0, 2.0, 4.0)
"""Seconds before each further send after a network error, whatever the method (S:498-521)."""

NOBODY = 0
"""The ticket of a refresh that no call waits for; calls are numbered from 1."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a call. `why` is `answered`, `network`, `circuit-open`, `signed-out` or `fallback`."""

    ticket: int
    ask: Ask
    outcome: QueryOutcome
    status: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the session. `dead_logout`: the client calls logout with its expired token."""

    dead_logout: bool


@dataclass(slots=True)
class ClientCall:
    """A call under way. `replayed`: it was answered 401 and waits for, or was sent again with, a new token."""

    ticket: int
    ask: Ask
    request: ClientRequest
    key: str
    retries: int = 0
    replayed: bool = False


@dataclass(slots=True)
class Traffic:
    """The counts of a client's sends by operation, and of the reasons for sending again or not at all."""

    sends: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    replays: int = 0
    short_circuited: int = 0
    fallbacks: int = 0


class Transport:
    """The sender of one client's calls. `idempotency` makes the Idempotency-Key of a ticket; None, as in the guide, sends none
    (R31)."""

    def __init__(
        self,
        spec: Spec,
        account: ClientAccount,
        numbers: count[int],
        idempotency: Callable[[int], str] | None = None,
    ) -> None:
        profile = account.persona.profile
        self.spec, self.account, self.numbers = spec, account, numbers
        self.breaker = Breaker()
        self.fallback = Fallback(writes=profile.writes_fallback, leaves=profile.leaves_offline_mode)
        self.http_cache = HttpCache()
        self.traffic = Traffic()
        self._idempotency = idempotency
        self._calls: dict[int, ClientCall] = {}
        self._sends: dict[int, int] = {}
        self._refreshing: dict[int, int] = {}

    def call(self, ticket: int, ask: Ask, now: float) -> list[Effect | Settled | Ended]:
        operation = self.spec[ask.operation]
        if self.breaker.open(operation.label, now):
            self.traffic.short_circuited += 1
            return [Settled(ticket, ask, QueryOutcome(False), None, "circuit-open")]
        request = endpoint.request(self.spec, ask)
        if self._idempotency is not None and any(
            h.name == "Idempotency-Key" for h in operation.state_headers
        ):
            request = replace(request, headers={"idempotency-key": self._idempotency(ticket)})
        call = self._calls[ticket] = ClientCall(
            ticket, ask, request, f"{request.operation} {request.path} {request.query}"
        )
        if self.account.persona.checks_first and self.account.looks_expired(now):
            return self._renew(ticket, now)
        return self._send(call)

    def renew(self, now: float) -> list[Effect | Settled | Ended]:
        """Start a refresh that no call waits for, unless one is running."""
        return [] if self.account.refreshes.running else self._renew(NOBODY, now)

    def owns(self, number: int) -> bool:
        return number in self._sends or number in self._refreshing

    def replied(self, number: int, reply: ClientReply | None, now: float) -> list[Effect | Settled | Ended]:
        """The reply, or None for a network error, to a send of this transport."""
        if number in self._refreshing:
            return self._refreshed(self._refreshing.pop(number), reply, now)
        call = self._calls.get(self._sends.pop(number))
        if call is None:
            return []
        if reply is None:
            return self._lost(call, now)
        if self.account.persona.cached == "http":
            reply = self.http_cache.answer(call.key, reply)
        if reply.status == 401 and self.account.persona.replays_401 and not call.replayed:
            call.replayed = True
            return self._renew(call.ticket, now)
        return [self._ended(call, reply, now)]

    def fired(self, ticket: int) -> list[Effect | Settled | Ended]:
        """The wait before a retry is over."""
        call = self._calls.get(ticket)
        if call is None:
            return []
        self.traffic.retries += 1
        return self._send(call)

    def abandon(self, ticket: int) -> list[Effect]:
        """Forget a call whose caller no longer needs the answer."""
        self._calls.pop(ticket, None)
        return [CancelTimer(("retry", str(ticket)))]

    def _send(
        self, call: ClientCall, bearer: Mapping[str, str] | None = None
    ) -> list[Effect | Settled | Ended]:
        number = next(self.numbers)
        self._sends[number] = call.ticket
        self.traffic.sends[call.request.operation] += 1
        headers = {**call.request.headers, **(self.account.bearer() if bearer is None else bearer)}
        if self.account.persona.cached == "http" and self.spec[call.request.operation].method == "GET":
            headers |= self.http_cache.condition(call.key)
        return [SendRequest(number, replace(call.request, headers=headers))]

    def _lost(self, call: ClientCall, now: float) -> list[Effect | Settled | Ended]:
        if call.retries < len(RETRIES):
            call.retries += 1
            return [ArmTimer(("retry", str(call.ticket)), RETRIES[call.retries - 1])]
        self.breaker.failed(self.spec[call.request.operation].label, now)
        return [self._settled(call, QueryOutcome(False), None, "network")]

    def _ended(self, call: ClientCall, reply: ClientReply, now: float) -> Settled:
        operation = self.spec[call.request.operation]
        if reply.status >= 500:
            self.breaker.failed(operation.label, now)
            # The guide's fallbacks are for reads; a write has none.
            shown = self.fallback.serve(call.key) if operation.method == "GET" else None
            if shown is not None:
                self.traffic.fallbacks += 1
                return self._settled(call, QueryOutcome(True, shown), reply.status, "fallback")
            return self._settled(call, QueryOutcome(False), reply.status, "answered")
        self.breaker.succeeded(operation.label)
        data = endpoint.result(operation.id, reply) if reply.ok else None
        if reply.ok and operation.method == "GET":
            self.fallback.succeeded(call.key, data)
        return self._settled(call, QueryOutcome(reply.ok, data), reply.status, "answered")

    def _settled(self, call: ClientCall, outcome: QueryOutcome, status: int | None, why: str) -> Settled:
        self._calls.pop(call.ticket, None)
        return Settled(call.ticket, call.ask, outcome, status, why)

    def _renew(self, ticket: int, now: float) -> list[Effect | Settled | Ended]:
        if not self.account.refreshes.wants(ticket):
            return []
        pending = self.account.refreshes.latest
        request = self.account.refresh_request()
        if request is None:
            return self._refreshed(pending, None, now)
        number = next(self.numbers)
        self._refreshing[number] = pending
        self.traffic.sends[request.operation] += 1
        return [SendRequest(number, request)]

    def _refreshed(
        self, pending: int, reply: ClientReply | None, now: float
    ) -> list[Effect | Settled | Ended]:
        tickets = self.account.refreshes.ended(pending)
        waiting = [self._calls[ticket] for ticket in tickets if ticket in self._calls]
        before = None if self.account.persona.profile.waits_for_stored_tokens else self.account.bearer()
        if self.account.refreshed(reply, now):
            self.traffic.replays += sum(call.replayed for call in waiting)
            # The call that began the refresh continues with the stored pair; the others may continue before it is stored.
            return [
                effect
                for call in waiting
                for effect in self._send(call, None if call.ticket == tickets[0] else before)
            ]
        ended: list[Effect | Settled | Ended] = []
        if not self.account.survives(reply):
            spared = self.account.persona.profile.spares_dead_logout
            ended.append(Ended(self.account.persona.platform == "android" and not spared))
        return [*ended, *(self._settled(call, QueryOutcome(False), 401, "signed-out") for call in waiting)]
