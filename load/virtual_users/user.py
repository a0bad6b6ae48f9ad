"""One virtual user: a client of the guide over HTTP, items of its own, and sockets if its role is connected.

Tasks drive it step by step (user_tasks.py); each method blocks until the calls that it started have ended.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from load.realtime.policies import reconnect_policies as policies
from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import Start, Submitted, heartbeat
from load.realtime.websocket import Endpoint
from load.virtual_users.drivers.real_time import RealTime
from load.virtual_users.guide.exchange import Ask, Effect
from load.virtual_users.guide.guide_client import GuideClient
from load.virtual_users.guide.persona import make
from load.virtual_users.http_session import HttpSession
from load.virtual_users.realtime_session import RealtimeSession
from load.virtual_users.roles import ROLES, UserRole
from load.virtual_users.user_pool import UserPool

PATIENCE = 60.0
"""The most seconds of a step: four unanswered sends and the waits between them."""
REMEMBERED = 8
"""The number of last answers that a client without a cache still shows."""


@dataclass(slots=True)
class OwnedItem:
    """An item that this user created and that no other user writes."""

    id: str
    version: int


class SimulatedUser:
    """One virtual user, driven by tasks."""

    def __init__(self, user_pool: UserPool, role: UserRole, number: int) -> None:
        population = user_pool.population
        turn = number // len(population.policies) if role.connected else number
        self.user_pool, self.role = user_pool, role
        self.persona = make(role.platform, population.profiles[turn % len(population.profiles)])
        self.policy = population.policies[number % len(population.policies)] if role.connected else ""
        self.name = f"p{user_pool.index}.{role.scenario}{number}"
        self.random = Random(f"{user_pool.seed} {self.name}")
        self.client = GuideClient(
            self.persona, spec=user_pool.tracker.canonical, device=f"{user_pool.mark}-{self.name}"
        )
        self.http_session = HttpSession(
            user_pool.tracker, user_pool.pool(self.persona), self.name, alone=not self.persona.shares_refresh, wrote=user_pool.wrote
        )  # fmt: skip
        self.live = RealTime(self.client, self.http_session.send, notify=self._count_notice)
        self.own: deque[OwnedItem] = deque()
        self.steps = 0
        self.realtime_session: RealtimeSession | None = None
        self.stamp = ""
        """The stamp of the newest change that this user has received."""
        self._shown: list[int] = []
        self._remembered: dict[str, Any] = {}
        self._notices: Counter[str] = Counter()

    @property
    def now(self) -> float:
        return self.live.clock()

    def do(self, effects: Iterable[Effect]) -> None:
        self.live.do(effects)

    def pause(self) -> float:
        """Seconds until the next step."""
        return self.random.expovariate(1 / self.user_pool.population.think)

    def step(self, user_task: Callable[[SimulatedUser], None]) -> None:
        """Run one task, or try to sign in if the user is not signed in."""
        if self.client.account.auth.authenticated:
            user_task(self)
            self.steps += 1
            self.client.results.clear()
        else:
            self.sign_in()

    # Sessions

    def sign_in(self) -> bool:
        """Log in, and connect if the role is connected. False if the target refused the login."""
        self.do(self.client.login(self.user_pool.account.email, self.user_pool.account.password, self.now))
        auth = self.client.account
        self.live.wait(lambda: not auth.auth.loading, PATIENCE)
        if auth.auth.authenticated and self.role.connected:
            self._connect()
        return auth.auth.authenticated

    def sign_out(self) -> None:
        self._disconnect()
        self._hide()
        self._remembered.clear()
        notices = self._notices["logged-out"]
        self.do(self.client.logout(self.now))
        self.live.wait(lambda: self._notices["logged-out"] > notices, PATIENCE)

    def leave(self) -> None:
        """Leave for good, and add this user's totals to the pool once."""
        if not self.live.ended:
            self._disconnect()
            self.user_pool.left(self)
            self.live.end()
            self.http_session.close()

    # Steps

    def show(self, *asks: Ask) -> None:
        """Open another screen: mount its queries, and unmount those of the screen before."""
        before, self._shown = self._shown, []
        effects: list[Effect] = []
        for ask in asks:
            number, more = self.client.mount(ask, self.now)
            self._shown.append(number)
            effects += more
        for number in before:
            effects += self.client.unmount(number, self.now)
        self.do(effects)
        self.live.wait(lambda: self._settled(asks), PATIENCE)
        if self.persona.cached != "tags":
            self._remember(asks)

    def write(self, operation: str, **arg: Any) -> Any:
        """Run a mutation to its end. The result is the hook's data, or None if it failed."""
        ticket, effects = self.client.mutate(Ask(operation, arg), self.now)
        self.do(effects)
        self.live.wait(lambda: ticket in self.client.results, PATIENCE)
        settled = self.client.results.get(ticket)
        return settled.outcome.data if settled is not None and settled.outcome.ok else None

    def keep(self, item: OwnedItem, done: Any) -> None:
        """Keep an item at the version that a write returned; one whose answer was lost is not used any more."""
        if isinstance(done, Mapping) and isinstance(done.get("version"), int):
            self.own.append(OwnedItem(item.id, done["version"]))

    def speak(self) -> None:
        """Send a message through the service's `send`; while offline it waits in the queue."""
        if self.realtime_session is not None:
            self.realtime_session.feed(Submitted(heartbeat(self.now)))

    def data(self, ask: Ask) -> Any:
        """The user's data of a query; None if it was never answered or is forgotten."""
        if self.persona.cached != "tags":
            return self._remembered.get(ask.key)
        entry = self.client.cache.entries.get(ask.key)
        return entry.data if entry is not None else None

    def rows(self, ask: Ask) -> list[Any]:
        """The rows of a list, without optimistic rows whose creation is still under way."""
        page = self.data(ask)
        rows = page.get("data", []) if isinstance(page, Mapping) else []
        return [row for row in rows if not str(row.get("id", "")).startswith("temp-")]

    def totals(self) -> Counter[str]:
        """The totals of this user, which can be added to those of others."""
        client = self.client
        tally, traffic, monitor = client.cache.tally, client.transport.traffic, client.monitor
        return Counter(
            {
                "people": 1,
                "steps": self.steps,
                "requests": self.http_session.requests,
                "mounts": tally.mounts,
                "served": tally.served,
                "joined": tally.joined,
                "retries": traffic.retries,
                "replays": traffic.replays,
                "broken": traffic.short_circuited,
                "fallbacks": traffic.fallbacks,
                "revalidated": client.transport.http_cache.saved,
                "refreshes": self.http_session.presented.total(),
                "expiries": len(self.http_session.presented),
                "flushes": monitor.flushes,
                "measurements lost": monitor.lost,
                **{f"fetched by {cause}": count for cause, count in tally.fetches.items()},
                **{f"told {what}": count for what, count in self._notices.items()},
            }
        )

    def _count_notice(self, what: str) -> None:
        self._notices[what] += 1

    def _settled(self, asks: Iterable[Ask]) -> bool:
        if self.persona.cached != "tags":
            return all(number in self.client.results for number in self._shown)
        entries = self.client.cache.entries
        return not any(ask.key in entries and entries[ask.key].pending for ask in asks)

    def _remember(self, asks: Iterable[Ask]) -> None:
        for ask, number in zip(asks, self._shown, strict=True):
            settled = self.client.results.get(number)
            if settled is not None and settled.outcome.ok:
                self._remembered.pop(ask.key, None)
                self._remembered[ask.key] = settled.outcome.data
        while len(self._remembered) > REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))

    def _hide(self) -> None:
        before, self._shown = self._shown, []
        for number in before:
            self.do(self.client.unmount(number, self.now))

    # Sockets

    def _connect(self) -> None:
        if self.realtime_session is None:
            self.realtime_session = RealtimeSession(
                policies.make(self.policy, Timing(), self.random), self._dial, lambda _, since: self._sync(since),
                name=f"{self.name}.{self.steps}", tracker=self.user_pool.tracker,
                tally=self.user_pool.lines.setdefault(self.policy, Counter()),
                subscriptions={"content_updated": self._updated}, acknowledged=self.user_pool.acknowledged,
            )  # fmt: skip
            self.realtime_session.feed(Start())

    def _disconnect(self) -> None:
        realtime_session, self.realtime_session = self.realtime_session, None
        if realtime_session is not None:
            realtime_session.leave()

    def _dial(self) -> Endpoint:
        account = self.client.account
        if self.policy == policies.REPAIRED and account.looks_expired(self.now):
            self.do(self.client.renew(self.now))
            self.live.wait(lambda: not account.refreshes.running, PATIENCE)
        tokens = account.store.get()
        return self.user_pool.channel(self.persona).endpoint(
            tokens.access if tokens is not None else "undefined"
        )

    def _updated(self, data: Mapping[str, Any]) -> None:
        """`handleContentUpdate` (S:1424-1440)."""
        self.stamp = max(self.stamp, str(data.get("updatedAt", "")))
        self.do(self.client.content_updated(str(data.get("contentId", "")), self.now))

    def _sync(self, since: str | None) -> None:
        stamp = since or self.stamp
        if stamp:
            self.do(self.client.sync_required(stamp, self.now))


def new_user(user_pool: UserPool, role: str) -> SimulatedUser:
    """A new user of this role, added to the pool."""
    user = SimulatedUser(user_pool, ROLES[role], user_pool.number(role))
    user_pool.users.append(user)
    return user
