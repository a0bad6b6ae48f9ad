"""The clients of a storm with their sessions: tokens, refetched screens, and the results of their syncs."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import gevent
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool as Greenlets

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.reconnect_policies import REPAIRED, make
from load.realtime.realtime_client import RealtimeClient
from load.realtime.storm.client_tokens import ClientTokens, IssuedTokens
from load.realtime.storm.storm_api import ApiError, StormApi
from load.realtime.storm.storm_record import ObservedClient
from load.realtime.websocket import Endpoint

SYNCS_AT_ONCE = 64
LOGINS_AT_ONCE = 32
EXPIRY_MARGIN = 1.0
"""Seconds by which the clock is moved beyond the expiry of a token (R8)."""
SCREENS = ("getContentItems", "getContentCategories")
"""The operations that a client reads again when it reconnects."""


class StormError(RuntimeError):
    """The storm could not be run. `ours`: the target is not at fault."""

    def __init__(self, message: str, *, ours: bool = False) -> None:
        super().__init__(message)
        self.ours = ours


Advance = Callable[[float], bool]
"""Moves the target's clock by some seconds; False if it cannot be moved."""


class StormClients:
    """The clients of a storm and their sessions: `count` clients with one policy, which connect to the proxy at `address`."""

    def __init__(
        self, policy: str, timing: Timing, count: int, random: Random, api: StormApi, address: tuple[str, int]
    ) -> None:
        self.policy = policy
        self.api = api
        self.address = address
        self.ahead = 0.0
        """Seconds by which the clocks of the target and the clients have been moved."""
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
        """Log in: with a session for each client (`apart`) if tokens matter, else with one for all, which costs the target less."""
        sessions = [IssuedTokens(self.api.token, "", float("inf"))] * len(self.all)
        if apart:
            sessions = Greenlets(LOGINS_AT_ONCE).map(lambda _: self.api.session(), self.all)
        for client, pair in zip(self.all, sessions, strict=True):
            self._tokens[client] = ClientTokens(
                self.api, pair, lambda: time.perf_counter() + self.ahead, renews=self.policy == REPAIRED
            )

    def expire(self, advance: Advance) -> None:
        """Let every token expire, by moving the clocks of the target and the clients."""
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
        """Read a screen again, which needs the same new token as the socket; its data is ignored."""
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
