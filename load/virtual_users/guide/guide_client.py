"""The guide's whole client as a state machine: cache, transport, account and monitor, without I/O.

    client = GuideClient(make("web", "guide-exact"), spec=load())
    effects = client.login("demo@tchat.com", password, now)

`mount`, `mutate` and similar methods are actions of the user or events of the socket; `replied` and `fired` report the results
of effects. `drivers.virtual_time` carries effects out in virtual time.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count

from contracts.spec import Spec
from load.virtual_users.guide import endpoint
from load.virtual_users.guide.account import ClientAccount
from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL, Metric, Monitor
from load.virtual_users.guide.cache import optimistic
from load.virtual_users.guide.cache.cache_tags import Tag, TagTable
from load.virtual_users.guide.cache.optimistic import Patched
from load.virtual_users.guide.cache.query_cache import (
    CacheEffect,
    CacheRules,
    Drop,
    Fetch,
    QueryCache,
    QueryOutcome,
)
from load.virtual_users.guide.cache.warming import WARM
from load.virtual_users.guide.exchange import (
    ArmTimer,
    Ask,
    CancelTimer,
    ClientReply,
    ClientRequest,
    Effect,
    NotifyUser,
    SendRequest,
    Timer,
)
from load.virtual_users.guide.persona import Persona, lifetimes
from load.virtual_users.guide.token_store import TokenStore
from load.virtual_users.guide.transport import Ended, Settled, Transport


class GuideClient:
    """The guide's client. `results` has the end of each mutation by ticket, and also of each read if the client has no tag
    cache."""

    def __init__(
        self,
        persona: Persona,
        *,
        spec: Spec,
        device: str = "device-1",
        store: TokenStore | None = None,
        idempotency: Callable[[int], str] | None = None,
    ) -> None:
        numbers = count(1)
        self.persona, self.spec, self._numbers = persona, spec, numbers
        self.account = ClientAccount(persona, store or TokenStore(), device)
        self.transport = Transport(spec, self.account, numbers, idempotency)
        self.cache = QueryCache(TagTable(spec), CacheRules(keep=lifetimes(spec, persona)), numbers)
        self.monitor = Monitor(persona.profile)
        self.results: dict[int, Settled] = {}
        self.patches: dict[int, Patched] = {}
        self._plain: dict[int, str] = {}
        self._started: dict[int, tuple[float, ClientRequest]] = {}

    def start(self) -> list[Effect]:
        """The page or application opens, which starts the monitor's interval (S:1831)."""
        return [ArmTimer(("flush",), INTERVAL)] if self.persona.monitored else []

    def login(self, email: str, password: str, now: float) -> list[Effect]:
        return self._direct("login", self.account.login_request(email, password), now)

    def logout(self, now: float) -> list[Effect]:
        request = self.account.logout_request()
        if request is None:
            return self._signed_out(reset=True)
        return self._direct("logout", request, now)

    def mount(self, ask: Ask, now: float) -> tuple[int, list[Effect]]:
        """A screen shows a query. The number is for `unmount`; a client without a tag cache sends a request each time."""
        self._touch(now)
        if self.persona.cached == "tags":
            number, effects = self.cache.subscribe(ask, now)
            return number, self._carry(effects, now)
        ticket = next(self._numbers)
        return ticket, self._follow(self.transport.call(ticket, ask, now), now)

    def unmount(self, number: int, now: float) -> list[Effect]:
        return self._carry(self.cache.unsubscribe(number), now)

    def mutate(self, ask: Ask, now: float) -> tuple[int, list[Effect]]:
        """A mutation hook is called. The ticket is its key in `results`."""
        self._touch(now)
        if self.persona.cached != "tags":
            ticket = next(self._numbers)
            return ticket, self._follow(self.transport.call(ticket, ask, now), now)
        ticket, effects = self.cache.begin(ask)
        stamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if ask.operation == "createContentItem":
            shown = self.persona.profile.patches_shown_lists
            self.patches[ticket] = optimistic.create(
                self.cache, ask.arg, stamp, round(now * 1000), shown=shown
            )
        elif ask.operation == "updateContentItem":
            self.patches[ticket] = optimistic.update(self.cache, ask.arg, stamp)
        return ticket, self._carry(effects, now)

    def focus(self, now: float) -> list[Effect]:
        return self._carry(self.cache.focus(), now)

    def reconnect(self, now: float) -> list[Effect]:
        return self._carry(self.cache.reconnect(), now)

    def content_updated(self, content: str, now: float) -> list[Effect]:
        """An event reports a changed item (`handleContentUpdate`, S:1424-1429)."""
        tags = (Tag("Content", content), Tag("Content", "LIST"))
        return self._carry(self.cache.invalidate(tags, "content_updated"), now)

    def sync_required(self, stamp: str, now: float) -> list[Effect]:
        """An event asks for a sync (`handleSyncRequired`, S:1448-1454)."""
        ask = Ask("syncContent", {"lastSyncTimestamp": stamp, "includeDeleted": True})
        return self._initiate(ask, now, released=self.persona.profile.releases_sync)

    def renew(self, now: float) -> list[Effect]:
        """Refresh the token for a socket rather than for a call."""
        return self._follow(self.transport.renew(now), now)

    def record(self, metric: Metric, now: float) -> list[Effect]:
        """Record a measurement of the application: a click, a render, a web vital."""
        return self._flush(now) if self.persona.monitored and self.monitor.record(metric) else []

    def replied(self, number: int, reply: ClientReply | None, now: float) -> list[Effect]:
        """The reply to a SendRequest, or None for a network error. Unknown numbers were abandoned."""
        started, request = self._started.pop(number, (now, None))
        measured = self._measure(request, reply, now - started, now) if request is not None else []
        purpose = self._plain.pop(number, "")
        if purpose:
            return [*measured, *self._direct_ended(purpose, number, reply, now)]
        if not self.transport.owns(number):
            return measured
        return [*measured, *self._follow(self.transport.replied(number, reply, now), now)]

    def fired(self, timer: Timer, now: float) -> list[Effect]:
        match timer:
            case ("expire", key):
                return self._carry(self.cache.expired(key), now)
            case ("retry", ticket):
                return self._follow(self.transport.fired(int(ticket)), now)
            case ("flush",):
                return [ArmTimer(timer, INTERVAL), *self._flush(now)]
        raise AssertionError(f"no such timer: {timer}")

    def _direct(
        self, purpose: str, request: ClientRequest, now: float, number: int | None = None
    ) -> list[Effect]:
        """A plain fetch without cache and retries, as the auth service and the monitor send it."""
        number = next(self._numbers) if number is None else number
        self._plain[number] = purpose
        self.transport.traffic.sends[request.operation] += 1
        return self._noted([SendRequest(number, request)], now)

    def _direct_ended(self, purpose: str, number: int, reply: ClientReply | None, now: float) -> list[Effect]:
        if purpose == "login":
            return self._logged_in(reply, now)
        if purpose == "logout":
            reset = reply is not None or self.persona.profile.resets_on_failed_logout
            return self._signed_out(reset=reset)
        if purpose == "metrics":
            self.monitor.flushed(number, reply.status if reply else None, now)
        return []  # the reply to `dead-logout` is ignored (S:1176-1179)

    def _logged_in(self, reply: ClientReply | None, now: float) -> list[Effect]:
        if not self.account.logged_in(reply, now):
            return [NotifyUser("login-failed")]
        effects: list[Effect] = [NotifyUser("logged-in")]
        for ask in WARM:
            if self.persona.cached == "tags":
                effects += self._initiate(ask, now, released=self.persona.profile.releases_warmed)
            else:
                effects += self.mount(ask, now)[1]
        return effects

    def _initiate(self, ask: Ask, now: float, *, released: bool) -> list[Effect]:
        """`dispatch(initiate(arg))`, which subscribes; unless `released`, nothing ever unsubscribes."""
        effects = self.cache.prefetch(ask, now) if released else self.cache.subscribe(ask, now)[1]
        return self._carry(effects, now)

    def _signed_out(self, *, reset: bool) -> list[Effect]:
        self.account.forget()
        self.transport.http_cache.clear()
        dropped = self._carry(self.cache.reset(), 0.0) if reset else []
        return [*dropped, NotifyUser("logged-out")]

    def _touch(self, now: float) -> None:
        """The user is active; the guide's code stores the time and never reads it."""
        if self.persona.profile.ends_idle_session and self.account.auth.idle(now):
            self.account.forget()
        if self.account.auth.authenticated:
            self.account.auth = self.account.auth.active(now)

    def _carry(self, effects: Iterable[CacheEffect], now: float) -> list[Effect]:
        """The cache's effects, with fetches turned into calls."""
        found: list[Effect] = []
        for effect in effects:
            match effect:
                case Fetch(ticket, ask):
                    found += self._follow(self.transport.call(ticket, ask, now), now)
                case Drop(ticket):
                    found += self.transport.abandon(ticket)
                case ArmTimer() | CancelTimer():
                    found.append(effect)
        return found

    def _follow(self, steps: Iterable[Effect | Settled | Ended], now: float) -> list[Effect]:
        """The transport's effects, with ended calls reported to the cache."""
        found: list[Effect] = []
        for step in steps:
            match step:
                case Settled():
                    found += self._settled(step, now)
                case Ended(dead_logout):
                    found += self._dead(dead_logout, now)
                case _:
                    found += self._noted([step], now)
        return found

    def _dead(self, tells: bool, now: float) -> list[Effect]:
        request = self.account.logout_request() if tells else None
        sent = self._direct("dead-logout", request, now) if request is not None else []
        self.account.forget()
        return [*sent, NotifyUser("logged-out")]

    def _settled(self, settled: Settled, now: float) -> list[Effect]:
        mutation = endpoint.is_mutation(self.spec, settled.ask.operation)
        if mutation or self.persona.cached != "tags":
            self.results[settled.ticket] = settled
        if self.persona.cached != "tags":
            return []
        effects = self._carry(self.cache.settled(settled.ticket, settled.outcome, now), now)
        patched = self.patches.pop(settled.ticket, None)
        if patched is not None:
            self._reconcile(patched, settled.ask, settled.outcome)
        return effects

    def _reconcile(self, patched: Patched, ask: Ask, outcome: QueryOutcome) -> None:
        if not outcome.ok:
            patched.undo()
        elif ask.operation == "createContentItem":
            optimistic.created(self.cache, outcome.data, shown=self.persona.profile.patches_shown_lists)

    def _noted(self, effects: list[Effect], now: float) -> list[Effect]:
        for effect in effects:
            if isinstance(effect, SendRequest):
                self._started[effect.number] = (now, effect.request)
        return effects

    def _measure(
        self, request: ClientRequest, reply: ClientReply | None, seconds: float, now: float
    ) -> list[Effect]:
        own = request.operation == "ingestMetrics" and self.persona.profile.leaves_flush_unmeasured
        if not self.persona.monitored or own:
            return []
        path = self.persona.prefix + endpoint.path(self.spec, request)
        method = self.spec[request.operation].method
        found: list[Effect] = []
        for metric in self.monitor.measured(method, path, reply.status if reply else None, seconds, now):
            found += self.record(metric, now)
        return found

    def _flush(self, now: float) -> list[Effect]:
        number = next(self._numbers)
        metrics = self.monitor.take(number)
        if not metrics:
            return []
        user = self.account.auth.user
        session = {
            "sessionId": f"{self.account.device}-{self.monitor.sessions}",
            **({"userId": user} if user else {}),
            "userAgent": "Mozilla/5.0 (tchat virtual client)",
            "platform": self.persona.platform,
            "viewport": {"width": 1280, "height": 800},
            # S:1855-1858
            "connection": {"effectiveType": "unknown", "downlink": 0, "rtt": 0, "saveData": False},
        }
        request = ClientRequest(
            operation="ingestMetrics",
            headers=self.account.bearer() or {"authorization": "Bearer undefined"},  # S:1810
            body={"metrics": [metric.wire() for metric in metrics], "session": session},
        )
        return self._direct("metrics", request, now, number)
