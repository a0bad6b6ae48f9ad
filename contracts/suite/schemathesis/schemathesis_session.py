"""All that our hooks know of one target while Schemathesis' command line drives the requests.

Before a request it feeds the case (`case_feeding`), after it it holds the answer against the judge of shapes, the exact oracle of 400 and
the reference model, and keeps the findings until Schemathesis asks for them. It sends little itself: logins, items to feed in,
and at the end the archiving of what the run has made. Where the target is so broken that this fails, it does without.
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
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unreachable
from contracts.suite.judging.answer_judgement import AnswerFinding
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.schemathesis.bounded_adapter import PATIENCE, SECONDS, CommandLineAdapter
from contracts.suite.schemathesis.case_feeding import (
    KnownIds,
    OperationTokens,
    feed,
    learn,
    spare_accounts,
    spare_others,
)
from contracts.suite.schemathesis.model_observer import ModelObserver
from contracts.suite.schemathesis.schemathesis_runner import exchange_of
from contracts.suite.world.suite_settings import Settings, settings

KEPT = 512
"""Answers whose findings wait for their checks."""
LEAST_ITEMS = 3
ATTEMPTS = 5
"""Times that making items may fail before it is left alone."""
BROKEN = (ContractViolation, Unreachable, KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What comes of asking a server that breaks its contract; the answers are judged as all others are."""


class SchemathesisSession:
    """Judges the requests of Schemathesis' command line against one target. One request at a time is judged in full; where
    several overlap, the model keeps out, for it would need their order."""

    def __init__(self, base: str, environment: Mapping[str, str]) -> None:
        self.world = World(self.settings_of(base, environment), load())
        self._api = Api(self.world, "hooks")
        self._tokens = OperationTokens(self.world.accounts)
        self._oracle = RequestOracle(self.world.target.spec)
        self._onlooker = ModelObserver(self._api)
        self._known: KnownIds | None = None
        self._failed = 0
        self._given: dict[str, str] = {}
        self._open = 0
        self._found: dict[str, list[AnswerFinding]] = {}
        self._early: dict[str, AnswerFinding] = {}
        """By operation, what was wrong with the hooks' own requests."""

    @staticmethod
    def settings_of(base: str, environment: Mapping[str, str]) -> Settings:
        said = {
            "target": base, "base-path": urlsplit(base).path or "/", "own": True, "request-timeout": SECONDS,
        }  # fmt: skip
        return settings(said, environment)

    def token(self, operation: str) -> str | None:
        """The token that the operation wants; None where it wants none or the target gives none."""
        try:
            token = self._tokens.of(operation)
        except BROKEN:
            return None
        if token is not None:
            self._given[token] = operation
        return token

    def before(self, case: Any, operation: str) -> None:
        """Feed the case, and change a token that has been used up since the case was generated."""
        self._open += 1
        if self._known is None or len(self._known.items) < LEAST_ITEMS or not self._onlooker.active:
            self._learn()
        if self._known is not None and case.meta is not None:
            content = f"{operation} {case.path_parameters} {case.body!r}"
            draw = random.Random(hashlib.blake2b(content.encode("utf-8", "replace")).digest())
            feed(case, operation, self._known, draw, keep=self._onlooker.ids)
        spare_others(case, self._api)
        spare_accounts(case, self._api)
        if self._given.get(_sent_token(case.headers)) == operation:
            fresh = self.token(operation)
            if fresh is not None:
                case.headers["Authorization"] = f"Bearer {fresh}"

    def _learn(self) -> None:
        """New items, made before the model's eyes."""
        if self._failed >= ATTEMPTS:
            return
        recorder = self.world.target.recorder
        try:
            recorder.keep([])
            self._onlooker.start()
            self._known = learn(self._api)
            for exchange in list(recorder.kept):
                for finding in self._model(exchange):
                    self._early.setdefault(finding.operation, self._while_preparing(finding, exchange))
                if not self._onlooker.active:
                    self._onlooker.start()
        except NoAnswer:
            self._failed = ATTEMPTS  # who keeps silent once would cost this time with each case
            CommandLineAdapter.waited += self.world.target.settings.timeout
        except BROKEN:
            self._failed += 1

    def _while_preparing(self, finding: AnswerFinding, exchange: Exchange) -> AnswerFinding:
        """Told with the next case of its operation, so it names the request that showed it."""
        line = curl(exchange.request, self.world.target.recorder.secrets)
        return replace(finding, got=f"{finding.got}, to a request of the hooks that came before: {line}")

    def after(self, case: Any, operation: str, response: Any) -> None:
        """Judge the answer; `findings` tells what came of it."""
        overlapping, self._open = self._open > 1, max(0, self._open - 1)
        exchange = exchange_of(response, operation)
        self._tokens.spent(operation, exchange.status)
        found = [*self.world.target.recorder.look(exchange), *self._exact(exchange)]
        if overlapping or self._open:
            self._onlooker.stop()
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
            gone = exchange.request.path.split("/")[-2]
            self._known.items = [item for item in self._known.items if item != gone]

    def _model(self, exchange: Exchange) -> list[AnswerFinding]:
        """What the reference model says; it speaks of the owner's requests only."""
        operation, path = self.world.target.recorder.routed(exchange.request)
        if operation is None or self._given.get(_sent_token(exchange.request.headers)) in (
            None,
            "refreshTokens",
        ):
            return []
        try:
            wrong = self._onlooker.saw(exchange, operation, path)
        except BROKEN:
            return []
        if wrong is None:
            return []
        expected = f"{wrong.place} = {wrong.expected}"
        return [AnswerFinding("stateful.model", operation.id, wrong.place, expected, wrong.got)]

    def _exact(self, exchange: Exchange) -> list[AnswerFinding]:
        """400 comes exactly where the document is broken. Only for requests with a right token: for others it decides."""
        operation, path = self.world.target.recorder.routed(exchange.request)
        if operation is None or exchange.request.method != operation.method or exchange.status >= 500:
            return []
        if exchange.status in (401, 404, 409, 429):
            return []  # the session, what an id names, and its state are for the model and the shapes to judge
        if operation.id != "login" and _sent_token(exchange.request.headers) not in self._given:
            return []
        judged = self._oracle.judge(operation, exchange.request, path)
        expected = self._oracle.wrong(operation, judged, exchange.status)
        if not expected:
            return []
        if judged.status in (None, 400):
            valid = self._oracle.second_opinion(operation, exchange.request, path)
            if valid != (judged.status is None):
                return []  # the two engines differ: the document itself is unclear here
        return [AnswerFinding("fuzz.requests", operation.id, "400", expected, str(exchange.status))]

    def findings(self, case: Any, family: str) -> list[AnswerFinding]:
        """What the answer to this case broke, of the checks whose slug begins so."""
        return [finding for finding in self._found.get(case.id, ()) if finding.check.startswith(family)]

    def close(self) -> None:
        """Archive what was made, unless the target has stopped answering."""
        if CommandLineAdapter.waited > PATIENCE:
            return
        with contextlib.suppress(*BROKEN, OSError):
            self.world.close()


def _sent_token(headers: Mapping[str, str]) -> str:
    return str(headers.get("Authorization", "")).removeprefix("Bearer ")
