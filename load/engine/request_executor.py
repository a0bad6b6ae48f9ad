"""The executor of requests: it renders and sends a request, judges its answer, updates the data pool, and records it.

Each request has four times of one clock: due, sent, first byte, last byte. A request that is repeated after a 401 counts as one;
its latency ends with the second answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from time import perf_counter_ns
from typing import Any, NamedTuple

from gevent import GreenletExit

from contracts.history import Call, Outcome, encode
from contracts.model.unpromised import UnpromisedError, is_promised
from contracts.network.http_fields import unlike_json
from contracts.spec import Operation, Spec
from load.engine.in_flight import (
    LACKS,
    TOKEN_ENDED,
    InFlight,
    PreparedRequest,
    Report,
    RequestTracker,
    outcome,
    problem,
    redacted,
)
from load.engine.recorder import NO_ANSWER_IN_TIME, LoadRecorder
from load.engine.token_refresh import TokenRefresh
from load.http.connection import ANSWER, ExchangeError, HttpConnection, HttpReply, Pool
from load.http.request_bytes import render, token
from load.http.wire_dialect import decoded, in_their_words, translated
from load.journeys import DecodedAnswer, Journey, Unlearnable
from load.journeys.data_pool import DataPool, Draft, LoginSession
from load.journeys.journey import item_facts, nothing
from load.journeys.sessions import renew, token_label

POSTPONED, AGAIN = frozenset({429, 503}), 1.0
"""Statuses of a refresh that is tried again, and after how many seconds without a Retry-After."""
UNTOUCHED = frozenset({401, 403, 413, 415, 429, 503})
"""Statuses of refusals after which the item is unchanged and may be used again."""


class Upkeep(NamedTuple):
    """The result of an upkeep request: the error or empty, the status or 0 without an answer, the reason if not one byte came."""

    wrong: str
    status: int
    silence: str = ""
    retry_after: float = 0
    """The seconds of the answer's Retry-After."""


class RequestExecutor(RequestTracker):
    """The executor of one process."""

    def __init__(
        self, *, spec: Spec, pool: Pool, data_pool: DataPool, recorder: LoadRecorder, report: Report
    ) -> None:
        super().__init__(spec, recorder, report)
        self.pool = pool
        self.data_pool = data_pool
        self.renewal = TokenRefresh(self._refresh)

    # One arrival

    def ready(self, journey: Journey, draft: Draft) -> PreparedRequest:
        """Render a request before it is due, so that only the sending is left for that moment."""
        operation = self.spec[journey.operation]
        return PreparedRequest(self._render(operation, draft), token(operation, draft))

    def deliver(
        self,
        journey: Journey,
        draft: Draft,
        due: int,
        *,
        ready: PreparedRequest | None = None,
    ) -> None:
        """Send a due request and count it. No behaviour of the target raises an exception."""
        operation = self.spec[journey.operation]
        pending = InFlight(operation, due, perf_counter_ns(), HttpConnection(), ready=ready)
        self.outstanding[pending] = None
        self.recorder.sent(operation.id, due=due - self.start, sent=pending.sent - self.start)
        try:
            reply = self.ask(operation, draft, pending, expects=journey.expects)
        except ExchangeError as error:
            self._unanswered(journey, draft, pending, error)
            return
        except GreenletExit:
            self._unanswered(journey, draft, pending, self.interrupted(pending))
            raise
        finally:
            self.outstanding.pop(pending, None)
        answer = decoded(self.dialect, operation, reply)
        wrong = self._understand(journey, draft, reply, answer)
        ended = self.renewal.why_ended(draft.session) if reply.status == 401 and wrong else ""
        if ended:
            self.fail(pending, TOKEN_ENDED, f"{wrong}: {ended}", reply.last)
        else:
            self.answered(pending, reply, wrong, expected=answer.status == journey.expects)
        self._settle(journey, draft, pending, reply, answer.status, wrong)

    def ask(self, operation: Operation, draft: Draft, pending: InFlight, *, expects: int) -> HttpReply:
        """Send with a valid token: an expired one is refreshed first, and a 401 leads to one refresh and one repeat."""
        session = draft.session if operation.security[:1] == ("accessToken",) else None
        if session is None:
            return self._exchange(operation, draft, pending)
        self.renewal.before(session)
        used = session.access
        reply = self._exchange(operation, draft, pending)
        if reply.status != 401 or expects == 401:
            return reply
        self.renewal.now(session, used)
        if session.access == used:
            return reply
        self.recorder.upkeep += 1
        return self._exchange(operation, draft, pending)

    def _exchange(self, operation: Operation, draft: Draft, pending: InFlight) -> HttpReply:
        """Send one request and count it by status, for the comparison with the server's count."""
        try:
            ready, pending.ready = pending.ready, None
            good = ready is not None and ready.token == token(operation, draft)
            request = ready.request if ready and good else self._render(operation, draft)
            reply = self.exchange(self.pool, request, pending)
        except (ExchangeError, GreenletExit) as error:
            if getattr(error, "sent", True):
                self.recorder.wire[f"{operation.id} lost"] += 1
            raise
        self.recorder.wire[f"{operation.id} {reply.status}"] += 1
        return reply

    def _render(self, operation: Operation, draft: Draft) -> bytes:
        if self.dialect is not None:
            draft = translated(self.dialect, operation, draft)
        return render(self.pool.target, operation, draft)

    def _understand(self, journey: Journey, draft: Draft, reply: HttpReply, answer: DecodedAnswer) -> str:
        """Update the data pool from an answer and settle the draft. The result is the error in a redacted line, or empty."""
        status, value, pool = answer.status, answer.value, draft.pool or self.data_pool
        operation = self.spec[journey.operation]
        if status != journey.expects and status not in journey.also:
            (pool.give_back if status in UNTOUCHED else pool.write_off)(draft)
            _note_problem(draft, value)
            _note_item(draft, status, value)
            wanted, said = in_their_words(self.dialect, operation, journey.expects, reply)
            text = f"{operation.label}: {reply.status}{unlike_json(reply.headers, reply.status)} instead of {wanted}{problem(said)}"
            return redacted(text, _secrets(draft))
        if value is ... and journey.learn is not nothing and (self.dialect is None or status < 400):
            # A refusal may be a text (Go's http.Error), and leaves the item as it is.
            pool.write_off(draft)
            return f"{operation.label}: {reply.status} with a body that is not JSON"
        wrong = self.schema_sample.complaint(operation, reply.status, reply.headers, reply.body)
        try:
            journey.learn(pool, draft, answer if self.dialect is None else self._promised(operation, answer))
        except Unlearnable as error:
            wrong = wrong or str(error)
        except UnpromisedError:
            draft.settle()  # the document does not promise the members that tell the item's state
        except LACKS as error:
            wrong = wrong or self.lacking(error, operation, reply)
        if wrong:
            pool.write_off(draft)
            return redacted(f"{operation.label}: {status}: {wrong}", _secrets(draft))
        return ""

    def _promised(self, operation: Operation, answer: DecodedAnswer) -> DecodedAnswer:
        if self.dialect is None or answer.status < 400:
            return answer
        told = {} if answer.value is ... else answer.value
        return answer._replace(value=self.dialect.without_unpromised_cause(operation.id, answer.status, told))

    # Counting

    def _unanswered(self, journey: Journey, draft: Draft, pending: InFlight, error: ExchangeError) -> None:
        pool = draft.pool or self.data_pool
        if error.sent:
            pool.write_off(draft, silent=f"error:{error.kind}" in NO_ANSWER_IN_TIME)
        else:
            pool.give_back(draft)
        now = perf_counter_ns()
        self.fail(pending, error.kind, f"{pending.operation.label}: {error}", now)
        fate = Outcome.INFO if error.sent else Outcome.FAIL
        self._remember(draft, journey, pending, None if error.sent else now, None, None, fate)

    def _settle(
        self, journey: Journey, draft: Draft, pending: InFlight, reply: HttpReply, status: int, wrong: str
    ) -> None:
        fate = outcome(status, understood=not wrong or "version" in draft.facts)
        self._remember(draft, journey, pending, reply.last, reply.first, status, fate)

    def _remember(
        self, draft: Draft, journey: Journey, pending: InFlight,
        done: int | None, first: int | None, status: int | None, fate: Outcome,
    ) -> None:  # fmt: skip
        facts = draft.facts
        if self.dialect is not None:
            facts = draft.facts = {name: fact for name, fact in facts.items() if is_promised(fact)}
        if draft.session is not None:
            facts["session"] = draft.session.name
        if journey.name != journey.operation:
            facts["journey"] = journey.name
        client = facts.pop("client", "") or facts.get("session") or self.data_pool.name
        call = Call(
            client=client, operation=pending.operation.id, due=pending.due, sent=pending.sent, done=done,
            outcome=fate, first_byte=first, status=status, facts=facts,
        )  # fmt: skip
        self.history.append(encode(call))

    # Requests that are not planned arrivals

    def upkeep(self, journey: Journey, draft: Draft, *, seconds: float = ANSWER) -> Upkeep:
        """Send an upkeep request, which is in the history but not in the statistics. ExchangeError if it was not sent."""
        operation = self.spec[journey.operation]
        now = perf_counter_ns()
        pending = InFlight(operation, now, now, HttpConnection(), seconds=seconds)
        self.recorder.upkeep += 1
        self.outstanding[pending] = None
        try:
            reply = self.ask(operation, draft, pending, expects=journey.expects)
        except ExchangeError as error:
            self.data_pool.write_off(draft, silent=error.kind == "timeout")
            self._remember(draft, journey, pending, None, None, None, Outcome.INFO)
            if not error.sent:
                raise
            silent = error.kind == "timeout" and not error.begun
            return Upkeep(f"{operation.label}: {error}", 0, silence=error.detail if silent else "")
        except GreenletExit:
            pending.connection.close()
            self._remember(draft, journey, pending, None, None, None, Outcome.INFO)
            raise
        finally:
            pending.over = True
            self.outstanding.pop(pending, None)
        answer = decoded(self.dialect, operation, reply)
        wrong = self._understand(journey, draft, reply, answer)
        self._settle(journey, draft, pending, reply, answer.status, wrong)
        wait = reply.headers.get("retry-after", "")
        return Upkeep(wrong, answer.status, retry_after=float(wait) if wait.isdecimal() else 0)

    def _refresh(self, session: LoginSession) -> float:
        draft = Draft(
            headers=(("Content-Type", "application/json"),),
            session=session,
            facts={"session": session.name, "presented": token_label(session)},
        )

        def learn(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
            renew(session, answer)
            draft.facts["issued"] = token_label(session)

        self.recorder.refreshes += 1
        journey = Journey(name="refreshTokens", expects=200, build=lambda pool: draft, learn=learn)
        try:
            done = self.upkeep(journey, draft)
        except ExchangeError:
            return inf
        if not done.wrong:
            return 0
        return max(done.retry_after, AGAIN) if done.status in POSTPONED else inf

    # Arrivals that are not sent

    def starve(self, journey: Journey, due: int, reason: str) -> None:
        """Count an arrival without an item or session: as an error if the target's failures used them up, else as dropped."""
        if not self.data_pool.lost.total():
            self.recorder.drop(journey.operation, reason)
            return
        now = perf_counter_ns()
        operation = self.spec[journey.operation]
        kind, why = ("starved", "never came") if self.data_pool.lost[True] else ("used-up", "came wrong")
        example = f"{operation.label}: {kind}: not sent, {reason}: answers that {why} used them up"
        self.recorder.starved += 1
        self.fail(InFlight(operation, due, now, HttpConnection()), kind, example, now)


def _secrets(draft: Draft) -> tuple[str, ...]:
    """The secrets in a request, which its answer may repeat."""
    session, body = draft.session, draft.body
    tokens = (session.access, session.refresh) if session is not None else ()
    return (*tokens, str(body["password"])) if isinstance(body, dict) and "password" in body else tokens


def _note_item(draft: Draft, status: int, value: Any) -> None:
    """Note the version that an unexpected success wrote, because the checkers need it to find lost updates."""
    item = value.get("data") if isinstance(value, dict) else None
    if 200 <= status < 300 and isinstance(item, dict) and {"id", "version"} <= item.keys():
        draft.facts |= item_facts(value)


def _note_problem(draft: Draft, value: Any) -> None:
    if isinstance(value, Mapping) and isinstance(value.get("code"), str):
        draft.facts["code"] = value["code"]
        details = value.get("details")
        if isinstance(details, Mapping) and isinstance(details.get("currentVersion"), int):
            draft.facts["current"] = details["currentVersion"]
