"""The adapter of a real server for virtual time: it sends a batch of requests over HTTP, in parallel.

The delay of an answer is its real duration, which is added to virtual time. A request without an answer is a network error to
the client, as in a browser. If the target has a control interface, its clock is moved with the client's, so that a session of
an hour takes no hour.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import perf_counter, time
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from gevent.pool import Pool as Greenlets

from contracts.command.exit_code import ExitCode
from contracts.dialect import Dialect, dialect_of, fitted
from contracts.json_text import JsonError, value_of
from contracts.model.unpromised import without_unpromised
from contracts.network import unreachable
from contracts.network.first_answer import doubt
from contracts.schema import is_unlisted_304
from contracts.spec import Operation, Spec
from load.engine.schema_sample import SchemaSample
from load.http.connection import FIRST_ANSWER, LONGEST_ANSWER, ExchangeError, Pool
from load.http.connection import HttpReply as Answer
from load.http.target import Target
from load.http.wire_dialect import decoded
from load.virtual_users.drivers.virtual_time import ServerAdapter, TimedReply
from load.virtual_users.guide import endpoint
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from load.virtual_users.guide.persona import Persona

ABREAST = 6
"""The number of connections that a browser opens to one HTTP/1.1 host."""


class UnreachableError(RuntimeError):
    """The target does not answer; or its answer does not end (FAIL); or it is another API (UNKNOWN). The message is one line."""

    def __init__(self, line: str, code: ExitCode = ExitCode.UNREACHABLE) -> None:
        super().__init__(line)
        self.code = code


class HttpServerAdapter:
    """A real server over HTTP, with a check of the shape of sampled answers."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.spec, self.target, self.pool = spec, target, Pool(target)
        self.dialect = dialect_of(spec)
        self.waited = 0.0
        self.flaws: list[str] = []
        """Sampled answers that break the document."""
        self._schema_sample = SchemaSample(spec, longest=LONGEST_ANSWER)

    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        """Send a batch. UnreachableError if requests without an answer have taken PATIENCE seconds in total."""
        found = list(Greenlets(ABREAST).map(self._one, batch))
        if self.waited > PATIENCE:
            reason = f"the target left requests without an answer for {self.waited:.0f} s in all"
            raise UnreachableError(f"{self.target.url}: {reason}", ExitCode.FAIL)
        return found

    def reach(self) -> None:
        """Check that the target answers and can be this API; UnreachableError if not."""
        place, asked = self.spec["login"], ClientRequest(operation="login", body={})
        try:
            answer = self.pool.exchange(
                encoded(self.spec, self.dialect, self.target, asked), seconds=FIRST_ANSWER
            )
        except ExchangeError as error:
            if error.begun:
                raise UnreachableError(f"{self.target.url}: {error.detail}", ExitCode.FAIL) from None
            raise UnreachableError(unreachable.line(self.target.url, error.detail)) from None
        unsure = doubt(answer.status, f"{place.method} {self.target.prefix}{place.path}", email="")
        if unsure and answer.status not in (401, 403, 429):
            raise UnreachableError(unsure, ExitCode.UNKNOWN)

    def close(self) -> None:
        self.pool.close()

    def _one(self, request: ClientRequest) -> TimedReply:
        if request.operation not in self.spec.operations:
            return TimedReply(0.0, UNKNOWN_HERE)
        began = perf_counter()
        try:
            answer = self.pool.exchange(encoded(self.spec, self.dialect, self.target, request))
        except ExchangeError as error:
            took = perf_counter() - began
            self.waited += took if error.kind == "timeout" else 0
            return TimedReply(took, None)
        took = perf_counter() - began
        operation = self.spec[request.operation]
        own = is_unlisted_304(operation, answer.status, request.headers)
        flaw = (
            ""
            if own
            else self._schema_sample.complaint(operation, answer.status, answer.headers, answer.body)
        )
        self.flaws += [f"{operation.label}: {flaw}"] if flaw else []
        return TimedReply(took, understood(self.dialect, operation, answer)[0])


PATIENCE = 15.0
"""Seconds without an answer, summed over all requests, after which no session can be played."""
CONTROL = 2.0
"""Seconds for the control interface to answer; a target without one may not answer at all."""


class LossyServerAdapter:
    """A server adapter that loses some answers: the server has acted and the client cannot know."""

    def __init__(self, wire: ServerAdapter, loses: Callable[[ClientRequest], bool]) -> None:
        self.wire, self.loses = wire, loses

    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        arrivals = self.wire.exchange(batch, now)
        pairs = zip(batch, arrivals, strict=True)
        return [
            replace(arrival, reply=None) if self.loses(request) else arrival for request, arrival in pairs
        ]


class TargetClock:
    """The clock of the target, moved by its control interface if it has one."""

    def __init__(self, target: Target) -> None:
        self.target = replace(target, prefix="/_control")
        self.pool = Pool(self.target)
        self.there = False
        self._ahead = 0.0
        self._ask("GET", "/state", None)

    def now(self) -> float:
        """The target's time in seconds since 1970; without a control interface, our own."""
        return time() + self._ahead

    def advance(self, seconds: float) -> bool:
        """Whether the target's clock was moved."""
        return self.there and self._ask("POST", "/clock", {"advanceMs": round(seconds * 1000)})

    def close(self) -> None:
        self.pool.close()

    def _ask(self, method: str, path: str, body: Any) -> bool:
        """Send a request to the control interface and note the target's clock, `now` in the answer. False if there is no such interface."""
        try:
            answer = self.pool.exchange(_bytes(self.target, method, path, {}, body), seconds=CONTROL)
            self._ahead = datetime.fromisoformat(_json(answer.body)["now"]).timestamp() - time()
        except (ExchangeError, KeyError, TypeError, ValueError):
            return False
        self.there = answer.status == 200
        return self.there


def aimed(spec: Spec, target: Target, persona: Persona) -> Target:
    """The target with the persona's own path prefix, if the document has that prefix and the URL names no other path."""
    own = target.prefix == spec.prefixes[0] and persona.prefix in spec.prefixes
    return replace(target, prefix=persona.prefix) if own else target


def encoded(spec: Spec, dialect: Dialect | None, target: Target, request: ClientRequest) -> bytes:
    """One HTTP/1.1 request; UnpromisedError if the document has no such operation."""
    pairs = tuple(request.query.items())
    if dialect is not None:
        pairs, headers, body = fitted(
            dialect, request.operation, pairs, request.headers.items(), request.body
        )
        request = replace(request, headers=dict(headers), body=body)
    query = urlencode([(name, _text(value)) for name, value in pairs], quote_via=quote)
    path = endpoint.path(spec, request) + (f"?{query}" if query else "")
    return _bytes(target, spec[request.operation].method, path, request.headers, request.body)


def understood(dialect: Dialect | None, operation: Operation, answer: Answer) -> tuple[ClientReply, Any]:
    """(the answer as the guide's client reads it, its body including unpromised members)."""
    found = decoded(dialect, operation, answer)
    value = None if found.value is ... else found.value
    body, headers = value, found.headers
    if dialect is not None:
        body, headers = without_unpromised(value), without_unpromised(headers)
    return ClientReply(status=found.status, body=body, headers=headers), value


UNKNOWN_HERE = ClientReply(status=404, body={"code": "NOT_FOUND"})
"""The answer to an operation that the target's document lacks; no request is sent."""


def _bytes(target: Target, method: str, path: str, headers: Mapping[str, str], body: Any) -> bytes:
    content = b"" if body is None else msgspec.json.encode(body)
    lines = {"host": target.authority, **headers}
    if body is not None:
        lines["content-type"] = "application/json"
    if method != "GET":
        lines["content-length"] = str(len(content))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target.prefix}{path} HTTP/1.1\r\n{head}\r\n".encode() + content


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _json(body: bytes) -> Any:
    try:
        return value_of(body)
    except JsonError:
        return None
