"""The requests in flight of one load process, and the calls of its history.

A sender (the executor of arrivals, a user's session) registers each request here and ends it exactly once: an answer counts with
its latency, a failure with its age, and a request that was given up is not counted again when it ends later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, NamedTuple, Protocol

from contracts.command import redaction
from contracts.dialect import dialect_of
from contracts.history import FAIL, INFO, OK, Call, Outcome, encode
from contracts.spec import Operation, Spec
from load.engine.recorder import LoadRecorder
from load.engine.schema_sample import SchemaSample
from load.engine.timing.generator_stalls import GeneratorStalls
from load.http.connection import NO_CONNECTION, ExchangeError, HttpConnection, HttpReply, Pool
from load.realtime.channel import CHANNELS

LONGEST = 200
NOBODY = frozenset({"refused", "unreachable", NO_CONNECTION, "reset", "closed"})
"""Kinds of failure that show that the target is gone; a timeout alone may be a slow answer."""
TOKEN_ENDED = "token"
"""The kind of failure of a 401 to a token that may have ended: a ready one, or one whose refresh the target has postponed."""

LACKS = (KeyError, TypeError, IndexError, ValueError, AttributeError)
"""Exceptions of reading a decoded answer that lacks documented members."""


class StatisticsRow(Protocol):
    """Anything with a row in the statistics: an operation of the document or of the channel."""

    @property
    def method(self) -> str: ...
    @property
    def label(self) -> str: ...


Report = Callable[[StatisticsRow, float, int, str], None]
"""(operation, latency in ms, bytes of the body, error or empty): the bridge to Locust's own statistics."""


class PreparedRequest(NamedTuple):
    """A request as bytes, rendered before it is due; it is usable as long as `token` is the current one."""

    request: bytes
    token: str


@dataclass(slots=True, eq=False)
class InFlight:
    """One request in flight. `over`: it has been counted, and is not counted again."""

    operation: Operation
    due: int
    sent: int
    connection: HttpConnection
    over: bool = False
    ready: PreparedRequest | None = None
    seconds: float | None = None
    """The timeout of its answer if no send window gives up old requests."""


class RequestTracker:
    """The requests in flight of one process. It passes ended ones to the recorder. `start` is the clock at the beginning of the
    run, in ns."""

    def __init__(self, spec: Spec, recorder: LoadRecorder, report: Report) -> None:
        self.spec = spec
        self.dialect = dialect_of(spec)
        """The dialect of a target with a document of its own; None if nothing is translated."""
        self.recorder = recorder
        self.report = report
        self.schema_sample = SchemaSample(spec)
        self.outstanding: dict[InFlight, None] = {}
        self.history: list[bytes] = []
        self.stalls = GeneratorStalls()
        self.start = 0
        self.last_answer = 0
        """The clock at the last answer."""
        self.refusals: Counter[str] = Counter()
        """Kind of failure -> requests since the last answer that found the target gone."""

    @property
    def canonical(self) -> Spec:
        """The document that the guide's clients are written for."""
        return self.spec if self.dialect is None else self.dialect.ours

    def their_status(self, operation: str, status: int) -> int:
        return status if self.dialect is None else self.dialect.their_status(operation, status)

    def exchange(self, pool: Pool, request: bytes, pending: InFlight) -> HttpReply:
        """Send one request, over a connection that is stored in `pending` so that it can be aborted."""
        connection = pool.idle()
        if connection is None:
            connection = pending.connection = HttpConnection()
            pool.open(connection)
        else:
            pending.connection = connection
        if pending.over:
            connection.close()
            raise ExchangeError("unfinished", sent=False)
        reply = connection.exchange(request, seconds=pending.seconds)
        pool.rest(connection)
        return reply

    def answered(self, pending: InFlight, reply: HttpReply, wrong: str, *, expected: bool) -> None:
        """Count an answer. `wrong` is one redacted line or empty; `expected`: its status was a right one."""
        if pending.over:
            return
        pending.over = True
        self.last_answer = reply.last
        self.refusals.clear()
        operation = pending.operation
        due, done = pending.due - self.start, reply.last - self.start
        if wrong:
            kind = "error:content" if expected else str(reply.status)
            self.recorder.failed(operation.id, due=due, done=done, kind=kind, example=wrong)
        else:
            sent = pending.sent - self.start
            slow = done - due > self.recorder.thresholds[operation.id]
            still = self.stalls.within(pending.sent, reply.last) if slow else 0
            self.recorder.answered(
                operation.id, due=due, sent=sent, done=done, status=reply.status, still=still
            )
        self.report(operation, (reply.last - pending.due) / 1e6, len(reply.body), wrong)

    def fail(self, pending: InFlight, kind: str, example: str, now: int) -> None:
        """Count a request without an answer, with its age as latency."""
        if pending.over:
            return
        pending.over = True
        if kind in NOBODY:
            self.refusals[kind] += 1
        due, done = pending.due - self.start, now - self.start
        self.recorder.failed(pending.operation.id, due=due, done=done, kind=f"error:{kind}", example=example)
        self.report(pending.operation, (now - pending.due) / 1e6, 0, example)

    def interrupted(self, pending: InFlight) -> ExchangeError:
        """End a request whose greenlet is killed, as Locust does with its users at a stop. Its result is unknown, so it is no
        failure, and its call in the history may have had an effect."""
        if not pending.over:
            pending.over = True
            self.recorder.abandoned += 1
        pending.connection.close()
        return ExchangeError("abandoned", sent=True)

    def expire(self, before: int, kind: str) -> int:
        """Give up all requests sent before a time, and return their number. Their greenlets end by themselves."""
        now = perf_counter_ns()
        old = [pending for pending in self.outstanding if pending.sent < before and not pending.over]
        for pending in old:
            label, age = pending.operation.label, (now - pending.due) / 1e9
            self.fail(pending, kind, f"{label}: {kind}: no answer after {age:.1f} s", now)
            pending.connection.abort(kind)
        return len(old)

    def write(self, call: Call) -> None:
        self.history.append(encode(call))

    def lacking(self, error: Exception, operation: Operation, reply: HttpReply) -> str:
        """The error text of an answer that could not be read (one of LACKS was raised): what the document says of it, if it does."""
        wrong = self.schema_sample.violation(operation, reply.status, reply.headers, reply.body)
        return wrong or f"the answer lacks what the operation promises ({type(error).__name__}: {error})"


def thresholds(spec: Spec) -> dict[str, int]:
    """Operation -> the latency in ns above which an answer violates the objective; includes the channel's operations."""
    objectives = {operation.id: operation.objective.threshold_ms * 1e6 for operation in spec.endpoints}
    return {name: round(ns) for name, ns in (objectives | {c.id: c.limit * 1e9 for c in CHANNELS}).items()}


def outcome(status: int, *, understood: bool) -> Outcome:
    """The outcome of a call by its status. A refusal changed nothing; a success that is not `understood` is uncertain."""
    if 400 <= status < 500 or status == 503:
        return FAIL
    return OK if understood else INFO


def problem(value: Any) -> str:
    """The code and the message of a problem document in brackets; empty without them."""
    if not isinstance(value, Mapping):
        return ""
    text = " ".join(str(value[key]) for key in ("code", "message") if key in value)
    return f" ({text})" if text else ""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without tokens and without these values, cut to `LONGEST` characters."""
    return redaction.redacted(text, secrets, longest=LONGEST)
