"""The HTTP session of one user: its requests go over connections of its own, are counted and are written to the history.

These clients send valid requests only, so an answer is an error if it breaks openapi.yaml: an undocumented status, a 5xx, or
any 4xx except the 401 for an expired token, or for one of a session that this user has left meanwhile.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from gevent import GreenletExit

from contracts.history import Call, Outcome
from contracts.model.unpromised import UnpromisedError, is_promised
from contracts.network.http_fields import unlike_json
from contracts.schema import is_unlisted_304
from contracts.spec import Operation
from load.engine.in_flight import LACKS, InFlight, RequestTracker, outcome, problem, redacted
from load.http.connection import ExchangeError, HttpConnection, Pool
from load.http.connection import HttpReply as Answer
from load.journeys.journey import Facts
from load.virtual_users.drivers.server_adapter import UNKNOWN_HERE, encoded, understood
from load.virtual_users.guide.behaviour.token_expiry import expired
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from load.virtual_users.guide.token_store import TokenPair
from load.virtual_users.history_facts import reply_facts, request_facts

KEPT = 8
"""Old tokens whose labels are kept, because requests with them may still be under way."""


TOKEN_NUMBER = re.compile(r"\.r\d+$")


class TokenLabels:
    """Labels for the sessions and tokens of one user, so that the history tells them apart without holding secrets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._sessions = 0
        self._of: dict[str, str] = {}
        self._retired: deque[str] = deque()
        self._issued: dict[str, int] = {}

    def login(self, access: str, refresh: str) -> str:
        """Begin a session and return its label."""
        self._sessions += 1
        label = f"{self.name}.s{self._sessions}"
        self._issued = {label: 0}
        self._keep(access, label)
        self._keep(refresh, f"{label}.r0")
        return label

    def session(self, token: str) -> str:
        """The session's label of an access or refresh token; empty for a token that was not issued to this user."""
        return TOKEN_NUMBER.sub("", self._of.get(token, ""))

    def token(self, refresh: str) -> str:
        return self._of.get(refresh, "")

    def refreshed(self, presented: str, access: str, refresh: str) -> tuple[str, str]:
        """The labels of the presented and of the issued refresh token; a pair that is issued again keeps its label."""
        session = self.session(presented)
        if refresh not in self._of:
            self._issued[session] = self._issued.get(session, 0) + 1
            self._keep(refresh, f"{session}.r{self._issued[session]}")
        self._keep(access, session)
        return self.token(presented), self._of[refresh]

    def _keep(self, token: str, label: str) -> None:
        if token not in self._of:
            self._retired.append(token)
        self._of[token] = label
        while len(self._retired) > KEPT:
            self._of.pop(self._retired.popleft(), None)


BEARER = "Bearer "
CLOCK_TOLERANCE = 1.0
"""Seconds by which the clocks of generator and target may differ about the expiry of a token."""

WRITES = frozenset({"createContentItem", "updateContentItem", "publishContent", "revertContentVersion"})
"""Operations whose answers show the version that they made, and so the event that must follow."""


class HttpSession:
    """The requests of one user over connections of its own. `alone`: by design, each call of this client that finds its token
    expired refreshes by itself; the history marks that as deliberate. `wrote(item, version, at)` is called for each
    acknowledged write."""

    def __init__(
        self,
        tracker: RequestTracker,
        pool: Pool,
        name: str,
        *,
        alone: bool,
        wrote: Callable[[str, int, int], None],
    ) -> None:
        self.tracker, self.pool, self.name, self.alone, self.wrote = tracker, pool, name, alone, wrote
        self.labels = TokenLabels(name)
        self.left = ""
        """The label of the session whose logout was sent last: what is under way beside it may be answered 401."""
        self.requests = 0
        self.presented: Counter[str] = Counter()
        """Label of a refresh token -> how often it was sent."""

    def send(self, request: ClientRequest) -> ClientReply | None:
        """Send a request and wait for its answer; None if no answer came."""
        tracker = self.tracker
        operation = tracker.spec.operations.get(request.operation)
        if operation is None:
            return UNKNOWN_HERE
        now = perf_counter_ns()
        pending = InFlight(operation, now, now, HttpConnection())
        self.requests += 1
        tracker.outstanding[pending] = None
        tracker.recorder.due(operation.id, now - tracker.start)
        tracker.recorder.sent(operation.id, due=now - tracker.start, sent=now - tracker.start)
        facts = self._request_facts(request)
        if request.operation == "logout":
            self.left = self.labels.session(_bearer(request))
        try:
            outgoing = encoded(tracker.spec, tracker.dialect, self.pool.target, request)
            answer = tracker.exchange(self.pool, outgoing, pending)
        except ExchangeError as error:
            self._lost(pending, facts, error)
            return None
        except GreenletExit:
            self._lost(pending, facts, tracker.interrupted(pending))
            raise
        finally:
            tracker.outstanding.pop(pending, None)
        tracker.recorder.wire[f"{operation.id} {answer.status}"] += 1
        return self._answered(request, pending, facts, answer)

    def close(self) -> None:
        self.pool.close()

    def _lost(self, pending: InFlight, facts: Facts, error: ExchangeError) -> None:
        now = perf_counter_ns()
        operation = pending.operation
        if error.sent:
            self.tracker.recorder.wire[f"{operation.id} lost"] += 1
        self.tracker.fail(pending, error.kind, f"{operation.label}: {error}", now)
        fate = Outcome.INFO if error.sent else Outcome.FAIL
        self._remember(pending, facts, fate, done=None if error.sent else now)

    def _answered(
        self, request: ClientRequest, pending: InFlight, facts: Facts, answer: Answer
    ) -> ClientReply:
        operation = pending.operation
        reply, value = understood(self.tracker.dialect, operation, answer)
        status, body = reply.status, reply.body
        wrong = self._wrong(operation, request, answer, body)
        found: Facts = {}
        try:
            found = reply_facts(operation.id, status, reply.headers, value) | self._issued(
                request, status, body
            )
            found = {name: fact for name, fact in found.items() if is_promised(fact)}
            facts |= found
            if operation.id in WRITES and "version" in found:
                self.wrote(found["item"], found["version"], answer.last)
        except UnpromisedError:
            pass
        except LACKS as error:
            wrong = wrong or f"{operation.label}: {status}: {self.tracker.lacking(error, operation, answer)}"
        self.tracker.answered(pending, answer, redacted(wrong), expected=200 <= status < 400)
        fate = outcome(status, understood=not wrong or "version" in found)
        self._remember(pending, facts, fate, done=answer.last, first=answer.first, status=status)
        return reply

    def _wrong(self, operation: Operation, request: ClientRequest, answer: Answer, body: Any) -> str:
        status = answer.status
        if is_unlisted_304(operation, status, request.headers):
            return ""
        if operation.response_to(status) is None:
            return (
                f"{operation.label}: {status}{unlike_json(answer.headers, status)}, which is not documented"
            )
        left = self.left and self.labels.session(_bearer(request)) == self.left
        if status == 401 and (left or _token_expired(request)):
            return ""
        if status >= 400:
            return f"{operation.label}: {status}{unlike_json(answer.headers, status)}{problem(body)}"
        return self.tracker.schema_sample.complaint(operation, status, answer.headers, answer.body)

    def _request_facts(self, request: ClientRequest) -> Facts:
        facts = request_facts(request)
        token = _bearer(request)
        session = self.labels.session(token)
        if session:
            facts["session"] = session
        if request.operation == "refreshTokens" and session:
            facts["presented"] = self.labels.token(token)
            self.presented[facts["presented"]] += 1
            if self.alone:
                facts["deliberate"] = True
        return facts

    def _issued(self, request: ClientRequest, status: int, body: Any) -> Facts:
        """The facts about tokens that an answer issues."""
        tokens = TokenPair.of(body) if status == 200 else None
        if tokens is None or request.operation not in ("login", "refreshTokens"):
            return {}
        if request.operation == "login":
            return {"session": self.labels.login(tokens.access, tokens.refresh)}
        _, issued = self.labels.refreshed(_bearer(request), tokens.access, tokens.refresh)
        return {"issued": issued}

    def _remember(
        self, pending: InFlight, facts: Facts, fate: Outcome, *,
        done: int | None, first: int | None = None, status: int | None = None,
    ) -> None:  # fmt: skip
        self.tracker.write(
            Call(
                client=self.name,
                operation=pending.operation.id,
                due=pending.due,
                sent=pending.sent,
                done=done,
                first_byte=first,
                outcome=fate,
                status=status,
                facts=facts,
            )
        )


def _bearer(request: ClientRequest) -> str:
    return request.headers.get("authorization", "").removeprefix(BEARER)


def _token_expired(request: ClientRequest) -> bool:
    """Whether the request's access token had expired; one that cannot be decoded counts as expired."""
    if request.operation in ("login", "refreshTokens"):
        return False
    return expired("web", _bearer(request), time.time() + CLOCK_TOLERANCE, base64url=True)
