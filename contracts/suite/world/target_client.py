"""The client through which one process sends all its requests to the target, with the recorder of all exchanges."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from contracts.command.loopback import stays_here
from contracts.dialect import dialect_of
from contracts.dialect.document_needs import promises
from contracts.dialect.fitted_request import refuse_unpromised
from contracts.dialect.values.list_cursors import ListCursor, list_cursor
from contracts.dialect.values.value_forms import absent_in_their_form
from contracts.spec import Operation, Spec
from contracts.suite.client.http_exchange import SAFE, Exchange, HttpAnswer, HttpRequest, refused_on_the_way
from contracts.suite.client.request_builder import build
from contracts.suite.client.transport import Connection
from contracts.suite.client.unanswered_requests import UnansweredRequests
from contracts.suite.contract_violation import Unchecked
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import Recorder
from contracts.suite.world.suite_settings import Settings

SESSIONS = frozenset({"login", "refreshTokens", "logout"})
"""The operations that are sent to a read-only target, besides reads and the authorization code flow."""
WRITES_REFUSED = (
    "the target may not be written to (--read-only, or not a loopback address and no --i-own-this-target)"
)
ATTEMPTS = 10
"""The most attempts of one request that is answered 429."""
LONGEST_WAIT = 60
LONGEST = 1800.0
"""The most seconds of one wait, and of all."""
UNSAID = (1.0, 2.0, 4.0, 8.0, *[16.0] * (ATTEMPTS - 4))
"""The seconds of the waits without Retry-After: over a minute in all, which is the window of most limits."""
LEAST_PACE, MOST_PACE, EASING = 0.005, 0.25, 0.999
"""The pause in seconds before each request after the first refusal for the rate, the longest, and its factor with each request. The refusals
within `TOGETHER` seconds double it once, because those of a burst have one cause."""
TOGETHER = 1.0
THROTTLED = "LOGIN_THROTTLED"
"""The code of a login's 429 after failed ones, which checks judge."""


class TargetClient:
    """The client of one process for the target. `host` is scheme and authority; `embedded` says that this process has started it."""

    def __init__(self, settings: Settings, spec: Spec, host: str, *, embedded: bool) -> None:
        self.settings = settings
        self.spec = spec
        self.host = host
        self.base = f"{host}{settings.prefix}"
        self.channel_base = self.base
        """The URL before the path of the realtime channel."""
        self.embedded = embedded
        # Granian answers a bad handshake itself, without the application.
        self.direct = embedded and "granian" not in settings.embedded
        """Whether there is no intermediary, so that fields of one connection (RFC 9110, 7.6.1) come from the server."""
        self.local = embedded or stays_here(urlsplit(host).hostname or "")
        mounts = spec.prefixes if settings.prefix in spec.prefixes else ()
        self._bases = tuple(dict.fromkeys((settings.prefix, *mounts)))
        self.dialect = dialect_of(spec)
        """The dialect of a target with another document; None if it is ours."""
        self.recorder = Recorder(spec, AnswerJudge(spec, self._bases, direct=embedded))
        for account in settings.accounts.values():
            self.recorder.secrets.learn_password(account.password)
        self.unanswered = UnansweredRequests(spec.operations)
        self.connection = self.new_connection()
        self._cursors: dict[str, ListCursor | None] = {}
        self.granting: set[str] = set()
        """Paths of pages of the authorization code flow that the document does not have."""
        self._throttles = promises(spec, "login throttle")
        self._refused_for_good = False
        self._slowed = -TOGETHER
        self.pace = 0.0
        """Seconds of a pause before each request, because of a limit of the rate that does not say when to ask again."""

    def begin(self) -> None:
        """Make a new connection and recorder, in a process that was just forked."""
        self.connection.close()
        self.connection = self.new_connection()
        self.recorder = Recorder(self.spec, self.recorder.judge, self.recorder.secrets)

    def new_connection(self, host: str = "") -> Connection:
        """A separate connection, for a thread or for `overlapped`."""
        settings = self.settings
        return Connection(
            host or self.host, timeout=settings.timeout, permit=self._permit,
            waited=lambda request, sent: self.unanswered.count(self._named(request), sent, time.monotonic()),
        )  # fmt: skip

    def _named(self, request: HttpRequest) -> str:
        """The operation that a request is for, or another one at its path; empty if there is none."""
        operation = self.recorder.routed(request)[0] or next(self.recorder.operations_at(request), None)
        return operation.id if operation else ""

    def _permit(self, request: HttpRequest) -> None:
        """Raise Unchecked for a request that may write to a read-only target, or that would wait in vain; else keep the pace."""
        if self.unanswered.waited():
            self.unanswered.refuse(self._named(request))
        if pause := self.settings.delay + self.pace:
            time.sleep(pause)
            self.pace *= EASING
        if self.settings.writes or request.method in SAFE:
            return
        operation, _ = self.recorder.routed(request)
        granting = {
            f"{base if end.server is None else end.server}{end.path}"
            for base in self._bases
            for end in self.spec.oauth.values()
        }
        if request.path not in granting | self.granting and (
            operation is None or operation.id not in SESSIONS
        ):
            raise Unchecked(WRITES_REFUSED)

    def call(
        self,
        operation_id: str,
        *,
        prefix: str | None = None,
        connection: Connection | None = None,
        **parts: Any,
    ) -> HttpAnswer:
        """Call a documented operation; `contracts.suite.client.request_builder.build` explains the parts."""
        base = self.base if prefix is None else f"{self.host}{prefix}"
        return self.send(self.build(operation_id, base, **parts), operation_id, connection)

    def build(
        self,
        operation_id: str,
        base: str,
        *,
        query: Any = None,
        body: Any = ...,
        headers: Mapping[str, str] | None = None,
        **parts: Any,
    ) -> HttpRequest:
        """The request in the target's form. Raises UnpromisedError if its document does not promise this request."""
        if self.dialect is not None:
            operation = self.dialect.operation(operation_id)
            refuse_unpromised(self.dialect, operation_id, query, body, headers)
            queries, mine = self.dialect.queries, self.dialect.ours.operations.get(operation_id)
            query = queries.sent(queries.with_own_defaults(query, mine, operation), operation)
            body = self.dialect.body(operation_id, body)
            parts, query = self._absent(operation, parts, query)
        else:
            operation = self.spec[operation_id]
        return build(operation, base, query=query, body=body, headers=headers, **parts)

    def _absent(self, operation: Operation, parts: dict[str, Any], query: Any) -> tuple[dict[str, Any], Any]:
        """The path parameters and the query with absent ids in the form of the target's."""
        schemas = {(p.location, p.name): p.schema for p in operation.parameters}

        def formed(where: str, values: Any) -> Any:
            return {
                name: absent_in_their_form(value, self.spec, schemas.get((where, name)))
                for name, value in values.items()
            }

        if parts.get("path"):
            parts = {**parts, "path": formed("path", parts["path"])}
        return parts, formed("query", query) if isinstance(query, Mapping) else query

    def endpoint(self, role: str) -> str:
        """The URL of an endpoint of the authorization server."""
        end = self.spec.oauth[role]
        return f"{self.base if end.server is None else self.host + end.server}{end.path}"

    def cursor(self, operation_id: str) -> ListCursor | None:
        """How a list of the target is read on by a cursor; None if it has page numbers."""
        if self.dialect is None:
            return None
        if operation_id not in self._cursors:
            self._cursors[operation_id] = list_cursor(self.spec, self.spec.operations.get(operation_id))
        return self._cursors[operation_id]

    def spelled(self, path: str) -> str:
        """A path of our contract, perhaps with a query, as the target's document has it: the path of the same operation, and its own names and values
        in the query, without parameters of ours that it does not have."""
        if self.dialect is None:
            return self.spec.spelled(path)
        name, mark, query = path.partition("?")
        _, values, methods = self.dialect.ours.match("", name)
        known = [self.dialect.ours.match(method, name)[0] for method in methods]
        for ours in known:
            theirs = self.spec.operations.get(ours.id) if ours else None
            if ours and theirs:
                name = theirs.path.format(**values)
                query = self.dialect.queries.sent_text(query, ours, theirs)
                break
        return self.spec.spelled(f"{name}{mark if query else ''}{query}")

    def send(
        self, request: HttpRequest, operation: str = "", connection: Connection | None = None
    ) -> HttpAnswer:
        return self.answer(self.exchange(request, operation, connection), operation)

    def answer(self, exchange: Exchange, operation: str = "") -> HttpAnswer:
        """The answer in our form to a request for an operation, or for the one that its path and method name."""
        if self.dialect is None:
            return HttpAnswer(exchange)
        routed = None if operation else self.recorder.routed(exchange.request)[0]
        judge = self.recorder.judge
        return HttpAnswer(exchange, self.dialect, routed.id if routed else operation, judge.refusable)

    def exchange(
        self, request: HttpRequest, operation: str = "", connection: Connection | None = None
    ) -> Exchange:
        """The recorded exchange of a request, which is sent again after each 429."""
        used = connection or self.connection
        exchange = self.retry_after_429(used.send(request, operation), lambda: used.send(request, operation))
        self.recorder.record(exchange)
        if exchange.status == 429 and not self.direct and refused_on_the_way(exchange):
            raise Unchecked("failed logins are limited (429) by something that knows no code of this API")
        return exchange

    def retry_after_429(self, exchange: Exchange, again: Callable[[], Exchange]) -> Exchange:
        """The first exchange without a 429, after the waits that the target asks for, which are counted. Raises Unchecked if the limit
        never ends; later requests are then not repeated if Retry-After is missing. Failed logins are not repeated: checks judge their limit."""
        for unsaid in UNSAID:
            if not self._limited(exchange):
                return exchange
            told = exchange.field("retry-after")
            wait = float(told) if told.isdecimal() else unsaid
            hopeless = self._refused_for_good and not told.isdecimal()
            if hopeless or wait > LONGEST_WAIT or self.recorder.waited + wait > LONGEST:
                break
            if not told.isdecimal():
                self._slow_down()
            self.recorder.limited(exchange, wait)
            time.sleep(wait)
            exchange = again()
        self._refused_for_good = self._limited(exchange)
        if not self._refused_for_good:
            return exchange
        self.recorder.limited(exchange, 0)
        raise Unchecked(
            "the target goes on to refuse requests for their rate (429), however long the suite waits"
        )

    def wait_for_rate(self, exchange: Exchange) -> float:
        """The seconds that a refusal for the rate asks for; 0 if it is none, or does not say, or asks for too many."""
        told = exchange.field("retry-after")
        wait = float(told) if told.isdecimal() and self._limited(exchange) else 0.0
        return wait if wait <= LONGEST_WAIT else 0.0

    def _slow_down(self) -> None:
        """Double the pace, once for all refusals of one burst."""
        now = time.monotonic()
        if now - self._slowed > TOGETHER:
            self._slowed, self.pace = now, min(MOST_PACE, max(LEAST_PACE, 2 * self.pace))

    def _limited(self, exchange: Exchange) -> bool:
        """Whether a request is refused for its rate, and sent again after a wait. Where the document says how failed logins are limited, of
        logins those with the right password are."""
        request, login = exchange.request, self.spec.operations.get("login")
        at_login = login is not None and request.path.removesuffix("/").endswith(login.path.removesuffix("/"))
        if exchange.status != 429 or not at_login or not self._throttles:
            return exchange.status == 429
        body = (request.body or b"").decode(errors="replace")
        right = any(
            a.email in body and json.dumps(a.password)[1:-1] in body for a in self.settings.accounts.values()
        )
        return right and HttpAnswer(exchange, self.dialect, "login").code != THROTTLED
