"""Requests under way in one load process, what was counted of them, and the calls of the history.

Whoever sends (the executor of an arrival, a user's session) enters each request here and ends it here, exactly once: an answer
counts at its latency, a failure at its age, and what is given up from outside is not counted again when it ends after all.
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
from load.http.connection import ExchangeError, HttpConnection, HttpReply, Pool
from load.realtime.channel import CHANNELS

LONGEST = 200
NOBODY = frozenset({"refused", "unreachable", "reset", "closed"})
"""How a request ends where nobody is there to answer it; silence alone may still be an answer that takes its time."""
TOKEN_ENDED = "token"
"""How a request ends that is answered 401 to a ready token: whether that has ended or is refused wrongly, nobody knows."""

LACKS = (KeyError, TypeError, IndexError, ValueError, AttributeError)
"""What looking into a decoded answer raises where it does not have what its operation promises."""


class StatisticsRow(Protocol):
    """What has a row in the statistics: an operation, or something that a socket does."""

    @property
    def method(self) -> str: ...
    @property
    def label(self) -> str: ...


Report = Callable[[StatisticsRow, float, int, str], None]
"""(what, latency in ms, bytes of the body, what is wrong or nothing): Locust's own statistics."""


class PreparedRequest(NamedTuple):
    """A request as bytes, made before it is due; good as long as `token` is the one to send it with."""

    request: bytes
    token: str


@dataclass(slots=True, eq=False)
class InFlight:
    """One request on its way. `over` is set by whoever counts it; what comes later is not counted again."""

    operation: Operation
    due: int
    sent: int
    connection: HttpConnection
    over: bool = False
    ready: PreparedRequest | None = None
    seconds: float | None = None
    """How long its answer is waited for, where nobody sweeps."""


class RequestTracker:
    """The requests of one process that are under way, and what was counted of those that ended. `start` is the clock at the
    beginning of the run."""

    def __init__(self, spec: Spec, recorder: LoadRecorder, report: Report) -> None:
        self.spec = spec
        self.dialect = dialect_of(spec)
        """Of a target with a document of its own; None where nothing is translated."""
        self.recorder = recorder
        self.report = report
        self.schema_sample = SchemaSample(spec)
        self.outstanding: dict[InFlight, None] = {}
        self.history: list[bytes] = []
        self.stalls = GeneratorStalls()
        self.start = 0
        self.last_answer = 0
        """The clock at the last answer of any kind."""
        self.refusals: Counter[str] = Counter()
        """Since then: requests that found nobody, by kind."""

    @property
    def canonical(self) -> Spec:
        """The document that the guide's clients are written for."""
        return self.spec if self.dialect is None else self.dialect.ours

    def their_status(self, operation: str, status: int) -> int:
        return status if self.dialect is None else self.dialect.their_status(operation, status)

    def exchange(self, pool: Pool, request: bytes, pending: InFlight) -> HttpReply:
        """One request of `pending` on the wire, over a connection that whoever gives it up can find."""
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
        """Count an answer. `wrong` is one redacted line; `expected` says whether its status was a right one."""
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
        """Count a request that ends without an answer at its age."""
        if pending.over:
            return
        pending.over = True
        if kind in NOBODY:
            self.refusals[kind] += 1
        due, done = pending.due - self.start, now - self.start
        self.recorder.failed(pending.operation.id, due=due, done=done, kind=f"error:{kind}", example=example)
        self.report(pending.operation, (now - pending.due) / 1e6, 0, example)

    def interrupted(self, pending: InFlight) -> ExchangeError:
        """End a request whose greenlet is killed, as Locust kills its users at a stop. Nobody knows what became of it, so it is
        no failure, and its call in the history may have happened."""
        if not pending.over:
            pending.over = True
            self.recorder.abandoned += 1
        pending.connection.close()
        return ExchangeError("abandoned", sent=True)

    def expire(self, before: int, kind: str) -> int:
        """Give up every request sent before this time; how many those were. Their greenlets end by themselves."""
        now = perf_counter_ns()
        old = [pending for pending in self.outstanding if pending.sent < before and not pending.over]
        for pending in old:
            label, age = pending.operation.label, (now - pending.due) / 1e9
            self.fail(pending, kind, f"{label}: no answer after {age:.1f} s", now)
            pending.connection.abort(kind)
        return len(old)

    def write(self, call: Call) -> None:
        self.history.append(encode(call))


def thresholds(spec: Spec) -> dict[str, int]:
    """Above what an answer is a violation, ns: of every operation, and of what sockets do."""
    objectives = {operation.id: operation.objective.threshold_ms * 1e6 for operation in spec.endpoints}
    return {name: round(ns) for name, ns in (objectives | {c.id: c.limit * 1e9 for c in CHANNELS}).items()}


def outcome(status: int, *, understood: bool) -> Outcome:
    """A refusal changed nothing. `understood`: it shows the version that it made; without, nobody can say what it did."""
    if 400 <= status < 500 or status == 503:
        return FAIL
    return OK if understood else INFO


def problem(value: Any) -> str:
    """The code and the message of a problem document, in brackets, or nothing."""
    if not isinstance(value, Mapping):
        return ""
    told = " ".join(str(value[key]) for key in ("code", "message") if key in value)
    return f" ({told})" if told else ""


def lacking(error: Exception) -> str:
    """What is wrong with an answer that does not have what somebody looked for in it (one of LACKS)."""
    return f"the answer lacks what the operation promises ({type(error).__name__}: {error})"


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without tokens and without these values, cut to `LONGEST` characters."""
    return redaction.redacted(text, secrets, longest=LONGEST)
