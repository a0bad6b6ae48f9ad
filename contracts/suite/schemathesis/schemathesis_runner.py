"""`SchemathesisRunner`, which sends the cases of one Schemathesis phase and applies its checks.

It does not use Schemathesis' pytest integration: there one failing coverage case is an explicit example that stops the fuzzing of its
operation, path ids are random so that nearly every answer is 404, and one root cause is three hundred failures. Here cases are drawn one
phase at a time, existing ids are put into all parts that were generated as valid (`case_feeding`), and failures are collected, one for each
(operation, code, status).
"""

import copy
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import Phase
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.drivers import CoverageGenerator, ExamplesGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.hypothesis import setup
from schemathesis.generation.overrides import Override

from contracts.dialect.document_needs import promises
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import Exchange, HttpRequest, refused_on_the_way
from contracts.suite.contract_violation import ContractViolation, Unchecked
from contracts.suite.judging.foreign_form import unknown_maker
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.judging.status_offence import JUDGED_RIGHT
from contracts.suite.programs.program_search import settings
from contracts.suite.schemathesis.bounded_adapter import BoundedAdapter
from contracts.suite.schemathesis.case_feeding import OperationTokens, feed, learn, spare
from contracts.suite.world.target_client import TargetClient

with warnings.catch_warnings():
    # Before workers are forked: each would else register Hypothesis' random generator for itself, with a full garbage collection. Hypothesis
    # warns of a generator to which no object refers, and does not see those that are frozen (`gc.freeze`).
    warnings.simplefilter("ignore")
    setup()

CONFIG: dict[str, Any] = {
    "generation": {"with-security-parameters": False, "database": "none", "allow-x00": False},
    "checks": {
        # This check sends more requests for every 2xx; it runs once, as a test of its own.
        "ignored_auth": {"enabled": False},
        # Valid data may get 412 and 422 because of the state (R20); neither is in the default lists.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 429]},
        "negative_data_rejection": {
            "expected-statuses": [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]
        },
    },
}
SERVER_ERROR, ACCEPTED, REFUSED, METHODS = "ST101", "ST201", "ST202", ("ST204", "ST205")
"""Schemathesis' codes of failures: a server error, success of an invalid request, refusal of a valid one, and the answers to other methods."""
LONG = 10_000
"""The maxLength in characters above which `_lighten` removes patterns."""
MODES = {"positive": GenerationMode.POSITIVE, "negative": GenerationMode.NEGATIVE}


@dataclass
class CollectedFailures:
    """The distinct failures by (code, status), each with the exchange that shows it."""

    promised: Callable[[str, Exchange], bool]
    """Whether the document promises what a failure with this code says of this exchange."""
    first: dict[tuple[str, int], tuple[str, Exchange]] = field(default_factory=dict)
    count: int = 0
    sent: int = 0
    succeeded: int = 0
    direct: bool = True
    """Whether there is no intermediary, so that every answer comes from the server."""
    foreign_form: Callable[[Exchange], str] = lambda _: ""
    """What is known of an error that an intermediary may have made; empty for others."""
    foreign: str = ""
    refusal: int = 400
    """The document's status for an invalid request."""

    def judge(self, case: Any, response: Any, exchange: Exchange, headers: dict[str, str]) -> None:
        """Apply Schemathesis' checks to an answer, and keep new failures."""
        self.sent += 1
        self.succeeded += 200 <= exchange.status < 300
        if not self.direct and refused_on_the_way(exchange):
            return
        if foreign := self.foreign_form(exchange):
            self.foreign = foreign
            return
        try:
            case.validate_response(response, headers=headers)
        except FailureGroup as group:
            # A server error fails many other checks, too, and is their only cause.
            failures = [f for f in group.exceptions if f.code == SERVER_ERROR] or list(group.exceptions)
            failures = [f for f in failures if self.promised(f.code, exchange)]
            self.count += bool(failures)
            for failure in failures:
                key = (failure.code, exchange.status)
                text = f"{failure.title}: {failure.message}"
                known = self.first.get(key)
                if known is None or len(exchange.request.body or b"") < len(known[1].request.body or b""):
                    self.first[key] = (text, exchange)

    def settle(self) -> None:
        """Raise one ContractViolation for all failures, if there are any."""
        if self.foreign and not self.first:
            raise Unchecked(unknown_maker(self.foreign))
        if not self.first:
            return
        # The answer judge reports violations of the document as well; the failure that only Schemathesis finds comes last.
        first = sorted(self.first.items(), key=lambda entry: entry[0][0] == ACCEPTED)
        lines = [f"{code}: {' '.join(text.split())}" for (code, _), (text, _) in first]
        exchanges = [exchange for _, (_, exchange) in first]
        what = f"{self.count} of {self.sent} cases: " + "; ".join(lines)
        wrong = first[-1][0][0] == ACCEPTED
        what = f"{exchanges[-1].status}; {what}" if wrong else what
        expected = f"{self.refusal} for a request that the document refuses, as Schemathesis reads it"
        raise ContractViolation(expected if wrong else JUDGED_RIGHT, what, exchanges)


class DirectSession(requests.Session):
    """A session that never follows a redirect, which could lead to another host."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class SchemathesisRunner:
    """The Schemathesis schema and session of one process."""

    def __init__(self, world: World) -> None:
        self.target = target = world.target
        config = SchemathesisConfig.from_dict(
            {**CONFIG, "base-url": target.base, "seed": target.settings.seed}
        )
        self.schema = schemathesis.openapi.from_dict(_placed(target), config=config)
        self.session = DirectSession()
        self.session.trust_env = False  # no .netrc: our options name the account
        adapter = BoundedAdapter(target.new_connection)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter)
        # A compressed answer would rightly have another entity tag (RFC 9110, 8.8.3).
        self.session.headers["Accept-Encoding"] = "identity"
        self.operations = {
            operation.definition.raw["operationId"]: operation
            for operation in (
                result.ok() for result in self.schema.get_all_operations() if isinstance(result, Ok)
            )
        }
        self.tokens = OperationTokens(world.accounts, world.target.spec)
        self.oracle = RequestOracle(target.spec)

    def promised(self, code: str, exchange: Exchange) -> bool:
        """Whether the document promises what a failure says. Schemathesis judges by schemas only; how values in a URL are read, and how
        other methods are answered, is defined by prose, if at all; so is how strictly a `format` is read."""
        if code in METHODS:
            return promises(self.target.spec, "methods")
        operation, path = self.target.recorder.routed(exchange.request)
        if code not in (ACCEPTED, REFUSED) or operation is None:
            return True
        return not self.oracle.judge(operation, exchange.request, path).ambiguous

    def cases(self, operation_id: str, phase: str, mode: str, count: int) -> Iterable[Any]:
        operation = self.operations[operation_id]
        if phase == "examples":
            return ExamplesGenerator(
                operation=operation, override=_no_override(), feedback=NO_FEEDBACK, fill_missing=True
            )
        if phase == "coverage":
            generation = self.schema.config.generation_for(operation=operation, phase="coverage")
            return CoverageGenerator(
                operation=operation,
                generation_modes=[MODES[mode]],
                generation_config=generation,
                auth_storage=None,
                override=_no_override(),
                feedback=NO_FEEDBACK,
            )
        return self._drawn(operation, MODES[mode], count)

    def _drawn(self, operation: Any, mode: GenerationMode, count: int) -> Iterator[Any]:
        drawn: list[Any] = []

        @hypothesis.seed(f"{self.target.settings.seed}:{operation.label}")
        @settings(count, Phase.generate)
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def draw(case: Any) -> None:
            drawn.append(case)

        try:
            draw()
        except hypothesis.errors.Unsatisfiable:
            return iter(())  # an operation without restrictions has no negative case
        return iter(drawn)

    def run(
        self, api: Api, operation_id: str, phase: str, mode: str, *, count: int = 20
    ) -> CollectedFailures:
        """Send all cases of a phase, and collect the failures."""
        known = learn(api) if api.has("write") else None
        rng = api.rng
        refusal = api.their_status(operation_id, 400)
        collected = CollectedFailures(
            direct=self.target.direct, refusal=refusal, promised=self.promised, foreign_form=self.target.recorder.judge.foreign_form
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for case in self.cases(operation_id, phase, mode, count * self.target.settings.effort):
                if known is not None:
                    feed(case, operation_id, known, rng)
                spare(case, api)
                exchange = self._one(api, operation_id, case, collected)
                if known is not None and 200 <= exchange.status < 300:
                    known.saw(exchange)
                if self.target.recorder.enough(collected.first):
                    break
        return collected

    def _one(self, api: Api, operation_id: str, case: Any, collected: CollectedFailures) -> Exchange:
        headers = self.authorization(operation_id)
        response = case.call(session=self.session, headers=headers)

        def again() -> Exchange:
            nonlocal response
            response = case.call(session=self.session, headers=headers)
            return exchange_of(response, operation_id)

        exchange = self.target.retry_after_429(exchange_of(response, operation_id), again)
        self.target.recorder.record(exchange)
        self.tokens.spent(operation_id, exchange.status)
        collected.judge(case, response, exchange, headers)
        return exchange

    def authorization(self, operation_id: str) -> dict[str, str]:
        token = self.tokens.of(operation_id)
        return {} if token is None else {"Authorization": f"Bearer {token}"}


def _placed(target: TargetClient) -> dict[str, Any]:
    """The document with the pattern of Location for the base path of the target (--base-path)."""
    document: dict[str, Any] = copy.deepcopy(dict(target.spec.document))
    _lighten(document)
    if target.settings.prefix not in target.spec.prefixes:
        location = document.get("components", {}).get("headers", {}).get("Location", {}).get("schema", {})
        if "pattern" in location:
            location["pattern"] = location["pattern"].replace("(/api)?", re.escape(target.settings.prefix), 1)
    return document


def _lighten(node: Any) -> None:
    """Remove the patterns of long texts. Schemathesis joins a pattern with the length to an automaton with a state for each character,
    which takes half a second a case for 100,000 characters. These patterns forbid U+0000, which Schemathesis does not send anyway
    (`allow-x00`); our own checks send it and look for it in answers."""
    if isinstance(node, dict):
        if isinstance(node.get("maxLength"), int) and node["maxLength"] > LONG and "pattern" in node:
            del node["pattern"]
        for child in node.values():
            _lighten(child)
    elif isinstance(node, list):
        for child in node:
            _lighten(child)


def _no_override() -> Override:
    return Override(query={}, headers={}, cookies={}, path_parameters={}, body={})


def exchange_of(response: Any, operation: str) -> Exchange:
    """The exchange of a Schemathesis response."""
    sent = response.request
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    request = HttpRequest(method=sent.method, url=sent.url, headers=dict(sent.headers), body=body)
    headers = {name: ", ".join(values) for name, values in response.headers.items()}
    return Exchange(
        operation=operation,
        request=request,
        status=response.status_code,
        headers=headers,
        body=response.content or b"",
        sent=0,
        done=int(response.elapsed * 1e9),
    )


@lru_cache(maxsize=1)
def schemathesis_runner(world: World) -> SchemathesisRunner:
    """The runner of this process, cached because loading the schema takes a second."""
    return SchemathesisRunner(world)
