"""The clients of a storm with their sessions: tokens, screens that are shown again, and what sync gave back to each."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import gevent
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool as Greenlets

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.reconnect_policies import make
from load.realtime.realtime_client import RealtimeClient
from load.realtime.storm.client_tokens import ClientTokens, IssuedTokens
from load.realtime.storm.storm_api import ApiError, StormApi
from load.realtime.storm.storm_record import ObservedClient
from load.realtime.websocket import Endpoint

SYNCS_AT_ONCE = 64
LOGINS_AT_ONCE = 32
EXPIRY_MARGIN = 1.0
"""Seconds beyond the end of a token; it is refused from that very second on (R8)."""
RENEWS = "guide-fixed"
"""The policy that looks at its token before it connects; the guide's takes what the store holds (S:1303)."""
SCREENS = ("getContentItems", "getContentCategories")
"""What a client that is back shows again, at the moment of its connect."""


class StormError(RuntimeError):
    """The storm could not be made, so nothing is known; says whose fault it is. `ours`: not the target's."""

    def __init__(self, message: str, *, ours: bool = False) -> None:
        super().__init__(message)
        self.ours = ours


Advance = Callable[[float], bool]
"""Move the target's clock by so many seconds; False where it cannot be moved."""


class StormClients:
    """The clients of a storm and their sessions. `count` clients of one policy, which connect at `address`, where the proxy
    listens."""

    def __init__(
        self, policy: str, timing: Timing, count: int, random: Random, api: StormApi, address: tuple[str, int]
    ) -> None:
        self.policy = policy
        self.api = api
        self.address = address
        self.ahead = 0.0
        """Seconds by which the target's clock, and so the clients' too, has been moved."""
        self.pending_syncs = 0
        self.stamps: dict[RealtimeClient, str] = {}
        self._syncs = BoundedSemaphore(SYNCS_AT_ONCE)
        self._synced: dict[RealtimeClient, dict[str, int]] = {}
        self._sync_failures: dict[RealtimeClient, list[str]] = {}
        self._tokens: dict[RealtimeClient, ClientTokens] = {}
        self.all = [self._client(timing, Random(random.getrandbits(64))) for _ in range(count)]

    def _client(self, timing: Timing, random: Random) -> RealtimeClient:
        client = RealtimeClient(
            make(self.policy, timing, random), lambda: self._dial(client), self._wants_sync
        )
        return client

    def log_in(self, *, apart: bool) -> None:
        """A session for each client (`apart`) where tokens matter; else all share one, which costs the target less."""
        sessions = [IssuedTokens(self.api.token, "", float("inf"))] * len(self.all)
        if apart:
            sessions = Greenlets(LOGINS_AT_ONCE).map(lambda _: self.api.session(), self.all)
        for client, pair in zip(self.all, sessions, strict=True):
            self._tokens[client] = ClientTokens(
                self.api, pair, lambda: time.perf_counter() + self.ahead, renews=self.policy == RENEWS
            )

    def expire(self, advance: Advance) -> None:
        """End every token: the target's clock and the clients' jump beyond it."""
        life = max(tokens.pair.life for tokens in self._tokens.values())
        seconds = life + EXPIRY_MARGIN
        if life == float("inf") or not advance(seconds):
            raise StormError("the target's clock cannot be moved, so no token ends", ours=True)
        self.ahead += seconds
        self.api.again()

    def _dial(self, client: RealtimeClient) -> Endpoint:
        tokens = self._tokens[client]
        if tokens.over and tokens.renews:
            for operation in SCREENS:
                gevent.spawn(self._show, tokens, operation)
        try:
            token = tokens.token()
        except ApiError as error:
            raise OSError(str(error)) from None
        return replace(self.api.channel.endpoint(token), address=self.address)

    def _show(self, tokens: ClientTokens, operation: str) -> None:
        """A screen that is shown again needs the same fresh token as the socket; what it shows is not looked at."""
        with contextlib.suppress(ApiError), self._syncs:
            self.api.read(operation, tokens.token())

    def _wants_sync(self, client: RealtimeClient, since: str | None) -> None:
        self.pending_syncs += 1
        gevent.spawn(self._sync, client, since)

    def _sync(self, client: RealtimeClient, since: str | None) -> None:
        try:
            with self._syncs:
                synced = self.api.sync(since or self.stamps[client], self._tokens[client].token())
            client.ledger.syncs.append(time.perf_counter())
            self.stamps[client] = synced.stamp
            self._synced.setdefault(client, {}).update(synced.versions)
        except ApiError as error:
            self._sync_failures.setdefault(client, []).append(str(error))
        finally:
            self.pending_syncs -= 1

    def observed(self) -> tuple[ObservedClient, ...]:
        return tuple(
            ObservedClient(
                ledger=client.ledger,
                timers=dict(client.timers),
                sockets=dict(client.sockets),
                dead=frozenset(client.dead),
                synced=self._synced.get(client, {}),
                sync_failures=tuple(self._sync_failures.get(client, ())),
                refreshes=len(self._tokens[client].refreshes),
            )
            for client in self.all
        )


def live(client: RealtimeClient) -> frozenset[int]:
    """The sockets of a client that are open and not dead."""
    return frozenset(s for s, is_open in client.sockets.items() if is_open and s not in client.dead)
