"""`SchemathesisSession`, the state of our hooks for one target while Schemathesis' command line sends the requests.

Before a request it puts existing ids into the case (`case_feeding`). Afterwards it judges the answer with the answer judge, the request
oracle and the reference model, and keeps the findings until Schemathesis asks for them. It sends few requests itself: logins, new items, and
at the end their archiving. If a broken target makes that impossible, it continues without.
"""

import contextlib
import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from contracts.spec import load
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import Exchange, curl
from contracts.suite.contract_violation import AnswerFinding, ContractViolation, NoAnswer, Unreachable
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.schemathesis.bounded_adapter import PATIENCE, SECONDS, CommandLineAdapter
from contracts.suite.schemathesis.case_feeding import KnownIds, OperationTokens, feed, learn, spare
from contracts.suite.schemathesis.model_observer import ModelObserver
from contracts.suite.schemathesis.schemathesis_runner import exchange_of
from contracts.suite.world.suite_settings import Settings, settings

KEPT = 512
"""The most answers whose findings are kept for their checks."""
LEAST_ITEMS = 3
ATTEMPTS = 5
"""The failed attempts to create items after which no more are made."""
BROKEN = (ContractViolation, Unreachable, KeyError, TypeError, ValueError, IndexError, AttributeError)
"""The exceptions that a broken target may cause; its answers are judged like all others."""


class SchemathesisSession:
    """The judge of the command line's requests to one target. If requests overlap, the model stops, because their order is unknown."""

    def __init__(self, base: str, environment: Mapping[str, str]) -> None:
        self.world = World(self.settings_of(base, environment), load())
        self._api = Api(self.world, "hooks")
        self._tokens = OperationTokens(self.world.accounts, self.world.target.spec)
        self._oracle = RequestOracle(self.world.target.spec)
        self._observer = ModelObserver(self._api)
        self._known: KnownIds | None = None
        self._failed = 0
        self._given: dict[str, str] = {}
        self._open = 0
        self._found: dict[str, list[AnswerFinding]] = {}
        self._early: dict[str, AnswerFinding] = {}
        """The findings of the hooks' own requests, by operation."""

    @staticmethod
    def settings_of(base: str, environment: Mapping[str, str]) -> Settings:
        declared = {
            "target": base, "base-path": urlsplit(base).path or "/", "own": True, "request-timeout": SECONDS,
        }  # fmt: skip
        return settings(declared, environment)

    def operation_of(self, case: Any) -> str:
        """Our id of a case's operation. The command line has read the document as it is: with ids of its own or none, and perhaps with the
        prefix of the server in its paths."""
        spec, path = self.world.target.spec, case.operation.path
        for prefix in ("", *spec.prefixes):
            operation, _, _ = spec.match(case.operation.method.upper(), path.removeprefix(prefix))
            if operation is not None:
                return operation.id
        return str(case.operation.definition.raw.get("operationId", ""))

    def token(self, operation: str) -> str | None:
        """The token for an operation; None if it needs none or the target issues none."""
        try:
            token = self._tokens.of(operation)
        except BROKEN:
            return None
        if token is not None:
            self._given[token] = operation
        return token

    def before(self, case: Any, operation: str) -> None:
        """Put existing ids into the case, and replace a token that was used up since the case was generated."""
        self._open += 1
        if self._known is None or len(self._known.items) < LEAST_ITEMS or not self._observer.active:
            self._learn()
        if self._known is not None and case.meta is not None:
            content = f"{operation} {case.path_parameters} {case.body!r}"
            draw = random.Random(hashlib.blake2b(content.encode("utf-8", "replace")).digest())
            feed(case, operation, self._known, draw, keep=self._observer.ids)
        spare(case, self._api)
        if self._given.get(_sent_token(case.headers)) == operation:
            fresh = self.token(operation)
            if fresh is not None:
                case.headers["Authorization"] = f"Bearer {fresh}"

    def _learn(self) -> None:
        """Create new items, which the model observes."""
        if self._failed >= ATTEMPTS:
            return
        recorder = self.world.target.recorder
        try:
            recorder.keep([])
            self._observer.start()
            self._known = learn(self._api)
            for exchange in list(recorder.kept):
                for finding in self._model(exchange):
                    self._early.setdefault(finding.operation, self._while_preparing(finding, exchange))
                if not self._observer.active:
                    self._observer.start()
        except NoAnswer:
            self._failed = ATTEMPTS  # a silent target would cost this time for each case
            CommandLineAdapter.waited += self.world.target.settings.timeout
        except BROKEN:
            self._failed += 1

    def _while_preparing(self, finding: AnswerFinding, exchange: Exchange) -> AnswerFinding:
        """The finding with the hooks' request that showed it, because it is reported with the next case of its operation."""
        line = curl(exchange.request, self.world.target.recorder.secrets)
        return replace(finding, got=f"{finding.got}, to a request of the hooks that came before: {line}")

    def after(self, case: Any, operation: str, response: Any) -> None:
        """Judge the answer, for `findings`."""
        overlapping, self._open = self._open > 1, max(0, self._open - 1)
        exchange = exchange_of(response, operation)
        self._tokens.spent(operation, exchange.status)
        found = [*self.world.target.recorder.look(exchange), *self._exact(exchange)]
        if overlapping or self._open:
            self._observer.stop()
        found += self._model(exchange)
        if operation in self._early:
            found.append(self._early.pop(operation))
        self._remember(operation, exchange)
        self._found[case.id] = found
        if len(self._found) > KEPT:
            del self._found[next(iter(self._found))]

    def _remember(self, operation: str, exchange: Exchange) -> None:
        if self._known is None or not 200 <= exchange.status < 300:
            return
        self._known.saw(exchange)
        if operation == "archiveContent":
            gone = exchange.request.path.removesuffix("/").split("/")[-2]
            self._known.items = [item for item in self._known.items if item != gone]

    def _model(self, exchange: Exchange) -> list[AnswerFinding]:
        """The finding of the reference model, which knows only the owner's requests."""
        operation, path = self.world.target.recorder.routed(exchange.request)
        if operation is None or self._given.get(_sent_token(exchange.request.headers)) in (
            None,
            "refreshTokens",
        ):
            return []
        try:
            wrong = self._observer.saw(exchange, operation, path)
        except BROKEN:
            return []
        if wrong is None:
            return []
        expected = f"{wrong.place} = {wrong.expected}"
        return [AnswerFinding("stateful.model", operation.id, wrong.place, expected, wrong.got)]

    def _exact(self, exchange: Exchange) -> list[AnswerFinding]:
        """The finding of the request oracle: 400 if and only if the request breaks the document. It needs a valid token."""
        operation, path = self.world.target.recorder.routed(exchange.request)
        if operation is None or exchange.request.method != operation.method or exchange.status >= 500:
            return []
        if exchange.status in (401, 404, 409, 429):
            return []  # the model and the answer judge cover the session, unknown ids and the item's state
        if operation.id != "login" and _sent_token(exchange.request.headers) not in self._given:
            return []
        judged = self._oracle.judge(operation, exchange.request, path)
        expected = self._oracle.wrong(operation, judged, exchange.status)
        if not expected:
            return []
        if judged.status in (None, 400):
            valid = self._oracle.second_opinion(operation, exchange.request, path)
            if valid != (judged.status is None):
                return []  # the two validators disagree, so the document is unclear here
        return [AnswerFinding("fuzz.requests", operation.id, "400", expected, str(exchange.status))]

    def findings(self, case: Any, family: str) -> list[AnswerFinding]:
        """The findings of this case's answer that belong to checks with this prefix, without secrets."""
        hide = self.world.target.recorder.secrets.hide
        return [
            replace(finding, expected=hide(finding.expected), got=hide(finding.got))
            for finding in self._found.get(case.id, ())
            if finding.check.startswith(family)
        ]

    def close(self) -> None:
        """Archive the created items, unless the target has stopped answering."""
        if CommandLineAdapter.waited > PATIENCE:
            return
        with contextlib.suppress(*BROKEN, OSError):
            self.world.close()


def _sent_token(headers: Mapping[str, str]) -> str:
    return str(headers.get("Authorization", "")).removeprefix("Bearer ")
