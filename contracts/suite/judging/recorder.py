"""Every exchange of this process, judged and counted as it comes, and kept for the running test's failure message.

It knows which test runs and nothing of pytest. What it has counted goes to the controlling process (`counted`).
"""

import gc
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts.schema import LONG, media_type
from contracts.spec import Operation, Spec
from contracts.suite.client.http_exchange import Exchange, HttpRequest, Secrets, curl
from contracts.suite.judging.answer_judgement import AnswerFinding, AnswerJudge
from contracts.suite.judging.contract_coverage import ContractCoverage, Key

KEPT = 400
"""Exchanges of one test that are kept; a longer test keeps the first and the last half of them."""


@dataclass
class RecordedFinding:
    """A finding with the first exchange that shows it and how often it was seen."""

    finding: AnswerFinding
    curl: str
    count: int = 0


class Counted(NamedTuple):
    """What one process has seen of the target, for the process that sums up."""

    requests: int
    waited: float
    coverage: Mapping[Key, int]
    faults: list[RecordedFinding]
    facts: Mapping[str, Any] = MappingProxyType({})
    """The target's base and what it can do, where that was found out."""


@dataclass
class Recorder:
    spec: Spec
    judge: AnswerJudge
    secrets: Secrets = field(default_factory=Secrets)
    kept: list[Exchange] = field(default_factory=list)
    faults: dict[tuple[str, str, str], RecordedFinding] = field(default_factory=dict)
    earlier: list[RecordedFinding] = field(default_factory=list)
    """What other processes of the run have found before."""
    created: dict[str, str] = field(default_factory=dict)
    """Items made by this process: id -> a token of its workspace."""
    requests: int = 0
    long: int = 0
    """Answers of more than LONG."""
    waited: float = 0.0
    """Seconds that the target asked to wait for its rate limit."""
    _before: int = 0

    def __post_init__(self) -> None:
        self.coverage = ContractCoverage(self.spec)
        self._siblings: dict[str, tuple[Operation, ...]] = {}
        for operation in self.spec:
            self._siblings[operation.path] = (*self._siblings.get(operation.path, ()), operation)

    def start(self) -> None:
        """Begin the record of a test."""
        heavy = any(len(exchange.body) > LONG for exchange in self.kept)
        self.kept = []
        if heavy:
            gc.collect()  # a failure and its frames hold each other, and a collector counts objects and no bytes
        self._before = self.requests

    @property
    def of_test(self) -> int:
        """Requests of the running test."""
        return self.requests - self._before

    def record(self, exchange: Exchange) -> None:
        """One that nobody has read the answer of is told in a failure, but there is nothing to judge in it."""
        self.requests += 1
        self.long += len(exchange.body) > LONG
        if len(self.kept) >= KEPT:
            del self.kept[KEPT // 2]
        self.kept.append(exchange)
        if exchange.answered:
            self.look(exchange)

    def limited(self, exchange: Exchange, wait: float) -> None:
        """One that was refused for the rate and is sent again: judged like all others, and no part of the test's story."""
        self.requests += 1
        self.waited += wait
        self.look(exchange)

    def look(self, exchange: Exchange) -> list[AnswerFinding]:
        """Judge and count one exchange."""
        self._learn(exchange)
        found = self.judge.judge(exchange)
        for finding in found:
            self.blame(finding, exchange)
        operation, path = self.routed(exchange.request)
        if operation is not None:
            self.coverage.exchange(operation, path, exchange)
        elif exchange.status == 405:
            self.coverage.other_method(self._at(exchange), exchange)
        return found

    def blame(self, finding: AnswerFinding, exchange: Exchange) -> None:
        key = (finding.check, finding.operation, finding.key)
        if key not in self.faults:
            self.faults[key] = RecordedFinding(finding, curl(exchange.request, self.secrets))
        self.faults[key].count += 1

    def routed(self, request: HttpRequest) -> tuple[Operation | None, dict[str, str]]:
        path = request.path
        for base in self.judge.bases:
            if path.startswith(f"{base}/"):
                operation, values, methods = self.spec.match(request.method, path[len(base) :])
                if methods:
                    return operation, values
        return None, {}

    def _at(self, exchange: Exchange) -> tuple[Operation, ...]:
        for base in self.judge.bases:
            if exchange.request.path.startswith(f"{base}/"):
                for method in ("GET", "POST", "PUT"):
                    operation, _, _ = self.spec.match(method, exchange.request.path[len(base) :])
                    if operation is not None:
                        return self._siblings[operation.path]
        return ()

    def _learn(self, exchange: Exchange) -> None:
        """Tokens as they are issued, items as they are created."""
        if exchange.status not in (200, 201):
            return
        path = exchange.request.path
        if path.endswith(("/auth/login", "/auth/refresh")) and exchange.request.method == "POST":
            tokens = _member(exchange, "tokens")
            if isinstance(tokens, dict):
                self.secrets.learn(str(tokens.get("accessToken", "")), "TOKEN")
                self.secrets.learn(str(tokens.get("refreshToken", "")), "REFRESH_TOKEN")
        elif exchange.status == 201:
            item = _member(exchange, "data")
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                self.created[item["id"]] = exchange.request.field("authorization")

    def counted(self) -> Counted:
        return Counted(self.requests, self.waited, self.coverage.counts, list(self.faults.values()))


def _member(exchange: Exchange, name: str) -> Any:
    if media_type(exchange.field("content-type")) != "application/json":
        return None
    try:
        value = json.loads(exchange.body)
    except ValueError:
        return None
    return value.get(name) if isinstance(value, dict) else None
