"""One process's way to the target: where the API stands there, the connection, and the recorder that sees every exchange."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from contracts.command.loopback import stays_here
from contracts.dialect import dialect_of
from contracts.spec import Spec
from contracts.suite.client.http_exchange import SAFE, Exchange, HttpAnswer, HttpRequest
from contracts.suite.client.request_builder import build
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import Unchecked
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import Recorder
from contracts.suite.world.suite_settings import Settings

SESSIONS = frozenset({"login", "refreshTokens", "logout"})
"""What is sent to a target that may not be written to, beside reads and the authorization code flow."""
WRITES_REFUSED = (
    "the target may not be written to (--read-only, or not a loopback address and no --i-own-this-target)"
)
ATTEMPTS = 10
"""Times that one request is sent while it is refused for the rate."""
LONGEST_WAIT = 60
LONGEST = 1800.0
"""Seconds that are waited for once, and in all."""
UNSAID = 1.0
"""Seconds that are waited for where the target does not say how many."""


class TargetClient:
    """The way of one process to the target. `host` is scheme and authority of the target, `embedded` whether this process has
    started it."""

    def __init__(self, settings: Settings, spec: Spec, host: str, *, embedded: bool) -> None:
        self.settings = settings
        self.spec = spec
        self.host = host
        self.base = f"{host}{settings.prefix}"
        self.channel_base = self.base
        """What stands before the path of the realtime channel."""
        self.embedded = embedded
        # Granian judges a handshake itself, before the application is asked.
        self.direct = embedded and "granian" not in settings.embedded
        """Nobody stands between, so what belongs to one connection only (RFC 9110, 7.6.1) is the server's own."""
        self.local = embedded or stays_here(urlsplit(host).hostname or "")
        mounts = spec.prefixes if settings.prefix in spec.prefixes else ()
        self._bases = tuple(dict.fromkeys((settings.prefix, *mounts)))
        self.dialect = dialect_of(spec)
        """Of a target that keeps a document of its own; None where that is ours."""
        self.recorder = Recorder(spec, AnswerJudge(spec, self._bases, direct=embedded))
        for account in settings.accounts.values():
            self.recorder.secrets.learn_password(account.password)
        self.connection = self.new_connection()
        self._refused_for_good = False

    def begin(self) -> None:
        """In a process that was forked off: a connection and a recorder of its own."""
        self.connection.close()
        self.connection = self.new_connection()
        self.recorder = Recorder(self.spec, self.recorder.judge, self.recorder.secrets)

    def new_connection(self, host: str = "") -> Connection:
        """One of its own, for a thread or for volume."""
        settings = self.settings
        return Connection(
            host or self.host, timeout=settings.timeout, delay=settings.delay, permit=self._permit
        )

    def _permit(self, request: HttpRequest) -> None:
        """Unchecked for what may write where the target may not be written to, whichever check would send it."""
        if self.settings.writes or request.method in SAFE:
            return
        operation, _ = self.recorder.routed(request)
        granting = {f"{base}{end.path}" for base in self._bases for end in self.spec.oauth.values()}
        if request.path not in granting and (operation is None or operation.id not in SESSIONS):
            raise Unchecked(WRITES_REFUSED)

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Any = None,
        body: Any = ...,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        prefix: str | None = None,
        connection: Connection | None = None,
    ) -> HttpAnswer:
        """One documented operation; see `contracts.suite.client.request_builder.build` for the parts."""
        base = self.base if prefix is None else f"{self.host}{prefix}"
        request = self.build(operation_id, base, path, query, body, headers, token)
        return self.send(request, operation_id, connection)

    def build(
        self,
        operation_id: str,
        base: str,
        path: Mapping[str, str] | None,
        query: Any,
        body: Any,
        headers: Mapping[str, str] | None,
        token: str | None,
    ) -> HttpRequest:
        """In the target's words; UnpromisedError where its document does not promise this request."""
        if self.dialect is not None:
            operation = self.dialect.operation(operation_id)
            self.dialect.refuse_unpromised(operation_id, query, body, headers)
            body = self.dialect.body(operation_id, body)
        else:
            operation = self.spec[operation_id]
        return build(operation, base, path, query, body, headers, token)

    def send(
        self, request: HttpRequest, operation: str = "", connection: Connection | None = None
    ) -> HttpAnswer:
        used = connection or self.connection
        exchange = self.patient(used.send(request, operation), lambda: used.send(request, operation))
        self.recorder.record(exchange)
        if self.dialect is None:
            return HttpAnswer(exchange)
        routed = None if operation else self.recorder.routed(exchange.request)[0]
        judge = self.recorder.judge
        return HttpAnswer(exchange, self.dialect, routed.id if routed else operation, judge.refusable)

    def patient(self, exchange: Exchange, again: Callable[[], Exchange]) -> Exchange:
        """The answer once the target has no more objection to the rate: 429 is waited for and counted; Unchecked where that never ends,
        and then one that does not say how long is not asked again. A login's 429 is a law of its own."""
        for _ in range(ATTEMPTS):
            wait = _asked_to_wait(exchange)
            if wait is None:
                return exchange
            hopeless = self._refused_for_good and wait == UNSAID
            if hopeless or wait > LONGEST_WAIT or self.recorder.waited + wait > LONGEST:
                break
            self.recorder.limited(exchange, wait)
            time.sleep(wait)
            exchange = again()
        self._refused_for_good = _asked_to_wait(exchange) is not None
        if not self._refused_for_good:
            return exchange
        self.recorder.limited(exchange, 0)
        raise Unchecked(
            "the target goes on to refuse requests for their rate (429), however long the suite waits"
        )


def _asked_to_wait(exchange: Exchange) -> float | None:
    if exchange.status != 429 or exchange.request.path.endswith("/auth/login"):
        return None
    told = exchange.field("retry-after")
    return float(told) if told.isdecimal() else UNSAID
