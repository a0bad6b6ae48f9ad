"""One person: a client of the guide on the wire, items of their own, and perhaps a line to the realtime channel.

A person is driven from outside, one step after another (habits.py); each method here blocks until what it started is settled.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from load.client.exchange import Ask, Effect
from load.client.live import Live
from load.client.persona import make
from load.client.virtual_client import VirtualClient
from load.people.carrier import Carrier
from load.people.line import Line
from load.people.roles import Role
from load.realtime import policy as policies
from load.realtime.protocol import Start, Submitted, heartbeat
from load.realtime.timing import Timing
from load.realtime.websocket import Endpoint

if TYPE_CHECKING:
    from load.people.crew import Crew

PATIENCE = 60.0
"""Seconds that a step may take: four sends that are each waited for in vain, and the waits between them."""
REMEMBERED = 8
"""Answers that a client without a cache of its own still shows."""
RENEWS = "guide-fixed"
"""The policy that looks at its token before it connects."""


@dataclass(slots=True)
class Owned:
    """An item that this person has made, and nobody else writes."""

    id: str
    version: int


class Person:
    def __init__(self, crew: Crew, role: Role, number: int) -> None:
        cast = crew.cast
        turn = number // len(cast.policies) if role.connected else number
        self.crew, self.role = crew, role
        self.persona = make(role.platform, cast.profiles[turn % len(cast.profiles)])
        self.policy = cast.policies[number % len(cast.policies)] if role.connected else ""
        self.name = f"p{crew.index}.{role.scenario}{number}"
        self.random = Random(f"{crew.seed} {self.name}")
        self.client = VirtualClient(self.persona, spec=crew.spec, cell={}, device=f"{crew.mark}-{self.name}")
        self.carrier = Carrier(
            crew.books, crew.pool(self.persona), self.name, alone=not self.persona.shares_refresh, wrote=crew.wrote
        )  # fmt: skip
        self.live = Live(self.client, self.carrier.carry, told=self._told)
        self.own: deque[Owned] = deque()
        self.steps = 0
        self.line: Line | None = None
        self.stamp = ""
        """Of the newest change that this person has heard of."""
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
        return self.random.expovariate(1 / self.crew.cast.think)

    def step(self, habit: Callable[[Person], None]) -> None:
        """One step, or the attempt to sign in for who is not."""
        if self.client.account.auth.authenticated:
            habit(self)
            self.steps += 1
            self.client.results.clear()
        else:
            self.sign_in()

    # Sessions

    def sign_in(self) -> bool:
        """Log in, and connect where the role does; False if the target did not let this person in."""
        self.do(self.client.login(self.crew.account.email, self.crew.account.password, self.now))
        auth = self.client.account
        self.live.wait(lambda: not auth.auth.loading, PATIENCE)
        if auth.auth.authenticated and self.role.connected:
            self._connect()
        return auth.auth.authenticated

    def sign_out(self) -> None:
        self._disconnect()
        self._hide()
        self._remembered.clear()
        told = self._notices["logged-out"]
        self.do(self.client.logout(self.now))
        self.live.wait(lambda: self._notices["logged-out"] > told, PATIENCE)

    def leave(self) -> None:
        """For good; what this person came to goes into the crew's tallies, once."""
        if not self.live.ended:
            self._disconnect()
            self.crew.left(self)
            self.live.end()
            self.carrier.close()

    # Steps

    def show(self, *asks: Ask) -> None:
        """Another screen: what it shows is mounted, and what the last one showed is not any more."""
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
        """A mutation to its end: the hook's data, None where it failed."""
        ticket, effects = self.client.mutate(Ask(operation, arg), self.now)
        self.do(effects)
        self.live.wait(lambda: ticket in self.client.results, PATIENCE)
        settled = self.client.results.get(ticket)
        return settled.outcome.data if settled is not None and settled.outcome.ok else None

    def keep(self, item: Owned, done: Any) -> None:
        """Go on with an item at the version that a write has shown; one whose answer was lost is left alone."""
        if isinstance(done, Mapping) and isinstance(done.get("version"), int):
            self.own.append(Owned(item.id, done["version"]))

    def speak(self) -> None:
        """A message through the service's own `send`; offline it waits in the queue."""
        if self.line is not None:
            self.line.feed(Submitted(heartbeat(self.now)))

    def data(self, ask: Ask) -> Any:
        """What this person has of a query; None for what was never answered or is forgotten."""
        if self.persona.cached != "tags":
            return self._remembered.get(ask.key)
        entry = self.client.cache.entries.get(ask.key)
        return entry.data if entry is not None else None

    def rows(self, ask: Ask) -> list[Any]:
        """Of a list; a row that was made up while its creation was on the way is not an item."""
        page = self.data(ask)
        rows = page.get("data", []) if isinstance(page, Mapping) else []
        return [row for row in rows if not str(row.get("id", "")).startswith("temp-")]

    def came_to(self) -> Counter[str]:
        """Numbers that can be added up."""
        client = self.client
        tally, traffic, monitor = client.cache.tally, client.transport.traffic, client.monitor
        return Counter(
            {
                "people": 1,
                "steps": self.steps,
                "requests": self.carrier.requests,
                "mounts": tally.mounts,
                "served": tally.served,
                "joined": tally.joined,
                "retries": traffic.retries,
                "replays": traffic.replays,
                "broken": traffic.short_circuited,
                "fallbacks": traffic.fallbacks,
                "revalidated": client.transport.http_cache.saved,
                "refreshes": self.carrier.presented.total(),
                "expiries": len(self.carrier.presented),
                "flushes": monitor.flushes,
                "measurements lost": monitor.lost,
                **{f"fetched by {cause}": count for cause, count in tally.fetches.items()},
                **{f"told {what}": count for what, count in self._notices.items()},
            }
        )

    def _told(self, what: str) -> None:
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

    # The line

    def _connect(self) -> None:
        if self.line is None:
            self.line = Line(
                policies.make(self.policy, Timing(), self.random), self._dial, lambda _, since: self._sync(since),
                name=f"{self.name}.{self.steps}", books=self.crew.books,
                tally=self.crew.lines.setdefault(self.policy, Counter()),
                subscriptions={"content_updated": self._updated}, acknowledged=self.crew.acknowledged,
            )  # fmt: skip
            self.line.feed(Start())

    def _disconnect(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            line.leave()

    def _dial(self) -> Endpoint:
        account = self.client.account
        if self.policy == RENEWS and account.looks_expired(self.now):
            self.do(self.client.renew(self.now))
            self.live.wait(lambda: not account.refreshes.running, PATIENCE)
        tokens = account.store.get()
        target = self.carrier.pool.target
        token = quote(tokens.access, safe="") if tokens is not None else "undefined"
        return Endpoint(
            address=(target.host, target.port),
            host=target.authority,
            path=f"{target.prefix}/ws?token={token}",
            tls_name=target.host if target.secure else None,
        )

    def _updated(self, data: Mapping[str, Any]) -> None:
        """`handleContentUpdate` (S:1424-1440)."""
        self.stamp = max(self.stamp, str(data.get("updatedAt", "")))
        self.do(self.client.content_updated(str(data.get("contentId", "")), self.now))

    def _sync(self, since: str | None) -> None:
        stamp = since or self.stamp
        if stamp:
            self.do(self.client.sync_required(stamp, self.now))
