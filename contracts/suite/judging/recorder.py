"""`Recorder`, which judges and counts every exchange of the process, and keeps those of the running test for its failure message.

It does not know pytest. Its counts go to the controlling process (`counted`).
"""

import gc
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts.command.redaction import tokens_in
from contracts.dialect import dialect_of
from contracts.json_text import JsonError, loose_value_of
from contracts.model.unpromised import UnpromisedError
from contracts.schema import LONG, media_type
from contracts.spec import Operation, Spec
from contracts.spec.media_types import JSON
from contracts.suite.client.http_exchange import Exchange, HttpAnswer, HttpRequest, curl
from contracts.suite.client.known_secrets import Secrets
from contracts.suite.contract_violation import (
    OBSERVED,
    AnswerFinding,
    ContractViolation,
    Unchecked,
    read_aside,
)
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.contract_coverage import ContractCoverage, Key
from contracts.suite.judging.foreign_form import BEHIND, unknown_maker

MOST_LONG = 10
"""Answers of more than LONG bytes that one process judges."""
TOO_LONG = f"{MOST_LONG} answers of the target have more than {LONG >> 20} MiB each: no more are judged"
ISSUES = ("login", "refreshTokens")
COOKIE = re.compile(r"(?:^|,\s*)[^\s=;,]+=\"?([^\s\";,]{8,})")
ENOUGH, HEAVY = 32 << 20, 256 << 20
"""Bytes of answers that a check takes at most: once it has found something, and if it finds nothing."""
LARGE_ITEM = 64 << 10
"""The bytes of an answer to a creation from which on the item makes every list long that has it: PHP writes 100,000 letters as 600,000 bytes."""
KEPT = 400
KEPT_BYTES = 32 << 20
"""The most exchanges of a test that are kept, and the most bytes of their bodies; a longer test keeps the first and the last half."""


@dataclass
class RecordedFinding:
    """A finding with the curl line of the first exchange that shows it, and its number of occurrences."""

    finding: AnswerFinding
    curl: str
    count: int = 0

    @property
    def times(self) -> str:
        return "once" if self.count == 1 else f"{self.count} times"


class Counted(NamedTuple):
    """The counts and findings of one process, for the controlling process."""

    requests: int
    waited: float
    coverage: Mapping[Key, int]
    faults: list[RecordedFinding]
    facts: Mapping[str, Any] = MappingProxyType({})
    """The target's base URL and its known capabilities."""


@dataclass
class Recorder:
    """The record of one process."""

    spec: Spec
    judge: AnswerJudge
    secrets: Secrets = field(default_factory=Secrets)
    kept: list[Exchange] = field(default_factory=list)
    faults: dict[tuple[str, str, str], RecordedFinding] = field(default_factory=dict)
    earlier: list[RecordedFinding] = field(default_factory=list)
    """The findings of other processes of the run."""
    created: dict[str, str] = field(default_factory=dict)
    """The items that this process has created: id -> a token of its workspace."""
    large: dict[str, str] = field(default_factory=dict)
    """Those of `created` whose answers are large, until they are archived."""
    requests: int = 0
    long: int = 0
    """The number of answers longer than LONG bytes."""
    waited: float = 0.0
    """Seconds spent waiting for the target's rate limit."""
    limited_operations: set[str] = field(default_factory=set)
    """The operations of which requests were refused for their rate."""
    taken: int = 0
    """Bytes of the answers of the running test."""
    _before: int = 0
    _held: int = 0
    """The bytes of the bodies in `kept`."""

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.coverage = ContractCoverage(self.spec)
        self._dialect = dialect_of(self.spec)

    def start(self) -> None:
        """Begin the record of a test."""
        heavy = any(len(exchange.body) > LONG for exchange in self.kept)
        self.keep([])
        if heavy:
            gc.collect()  # a failure and its frames are a reference cycle, and the collector does not count bytes
        self._before, self.taken = self.requests, 0

    def keep(self, exchanges: list[Exchange]) -> None:
        """Keep these exchanges in place of those kept so far."""
        self.kept, self._held = exchanges, sum(map(_size, exchanges))

    @property
    def of_test(self) -> int:
        """The number of requests of the running test."""
        return self.requests - self._before

    def enough(self, found: object) -> bool:
        """Whether a check of many requests, which has `found` something or nothing so far, ends here: hundreds of answers of a megabyte
        each cost minutes, and those that are wrong tell no more than the first. Raises Unchecked where it ends without a finding."""
        if self.taken > HEAVY and not found:
            raise Unchecked(
                f"the answers to the first {self.of_test} requests have more than {HEAVY >> 20} MiB: no more are asked for"
            )
        return self.taken > ENOUGH and bool(found)

    def record(self, exchange: Exchange) -> None:
        """Record an exchange, of any thread. One without an answer is kept for failure messages but not judged."""
        with self._lock:
            self._record(exchange)

    def _record(self, exchange: Exchange) -> None:
        self.requests += 1
        self.taken += len(exchange.body)
        self.long += len(exchange.body) > LONG
        if self.long > MOST_LONG:
            raise Unchecked(TOO_LONG)
        self.kept.append(exchange)
        self._held += _size(exchange)
        while len(self.kept) > 2 and (len(self.kept) > KEPT or self._held > KEPT_BYTES):
            self._held -= _size(self.kept.pop(len(self.kept) // 2))
        if exchange.answered:
            self.look(exchange)

    def limited(self, exchange: Exchange, wait: float) -> None:
        """Record a request that was answered 429 and will be sent again: it is judged but not kept."""
        with self._lock:
            self.requests += 1
            self.waited += wait
            self.limited_operations.add(exchange.operation)
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
            self.coverage.other_method(self.operations_at(exchange.request), exchange)
        return found

    def blame(self, finding: AnswerFinding, exchange: Exchange) -> None:
        key = (finding.check, finding.operation, self.secrets.hide(finding.key))
        if key not in self.faults:
            redacted = replace(finding, key=key[2], got=self.secrets.hide(finding.got))
            self.faults[key] = RecordedFinding(redacted, curl(exchange.request, self.secrets))
        self.faults[key].count += 1

    def summed(self, check: str, operation: str | None = None) -> tuple[RecordedFinding, str] | None:
        """The first finding of a check (of one operation, or of all), and all of them in one sentence; None if there is none."""
        faults = [
            fault
            for fault in (*self.earlier, *self.faults.values())
            if fault.finding.check == check and operation in (None, fault.finding.operation)
        ]
        if not faults:
            return None
        # Not by the order of occurrence, which differs from run to run: an accepted failure has to be the same again.
        first = min(faults, key=lambda fault: (fault.finding.operation, fault.finding.key))
        more = f", and {len(faults) - 1} other findings" if len(faults) > 1 else ""
        return first, f"{first.finding.operation} {first.finding.got}, {first.times}{more}".strip()

    def wrong(self) -> Iterator[tuple[Exchange, AnswerFinding]]:
        """Each finding about the answers of the running test, with its exchange."""
        for exchange in self.kept:
            if exchange.answered:
                yield from ((exchange, finding) for finding in self.judge.judge(exchange))

    def routed(self, request: HttpRequest) -> tuple[Operation | None, dict[str, str]]:
        """The operation of a request and its path parameters; (None, {}) if it has none."""
        return self.judge.route(request)[:2]

    def operations_at(self, request: HttpRequest) -> Iterator[Operation]:
        for method in self.judge.route(request)[2]:
            operation, _ = self.routed(replace(request, method=method))
            if operation is not None:
                yield operation

    def _learn(self, exchange: Exchange) -> None:
        """Remember issued tokens and created items."""
        if not 200 <= exchange.status < 300:
            return
        path = exchange.request.path.removesuffix("/")
        if exchange.operation in ISSUES or path.endswith(("/auth/login", "/auth/refresh")):
            for name, secret in issued(exchange):
                self.secrets.learn(secret, name)
        elif self._creates(exchange):
            item = self._made(exchange)
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                self.created[item["id"]] = exchange.request.field("authorization")
                if len(exchange.body) > LARGE_ITEM:
                    self.large[item["id"]] = self.created[item["id"]]

    def _made(self, exchange: Exchange) -> Any:
        """The item that an answer shows, in our form, so that the run knows it by the id that it uses; None if it cannot be read."""
        if media_type(exchange.field("content-type")) != JSON or len(exchange.body) > LONG:
            return None
        with read_aside(), suppress(ContractViolation, UnpromisedError, AttributeError):
            return HttpAnswer(exchange, self._dialect, "createContentItem").data
        return None

    def _creates(self, exchange: Exchange) -> bool:
        operation, _ = self.routed(exchange.request)
        return operation is not None and operation.id == "createContentItem"

    def counted(self) -> Counted:
        return Counted(self.requests, self.waited, self.coverage.counts, list(self.faults.values()))


def of_unknown_maker(error: BaseException | None, recorder: Recorder, *, sequence: bool) -> str:
    """Why a violation says nothing of its law: all that shows it are errors which something before the API may have made, or, where the
    requests build on each other (`sequence`), one of them met a server that was down; else empty."""
    if not isinstance(error, ContractViolation) or error.finding is not None:
        return ""
    named = [*error.exchanges] or [e for e in recorder.kept if e is error.last_read]
    forms = [recorder.judge.foreign_form(exchange) for exchange in named]
    down = [recorder.judge.foreign_form(e) for e in recorder.kept if sequence and e.status in BEHIND]
    met = next(filter(None, down), forms[-1] if forms and all(forms) else "")
    return unknown_maker(met) if met else ""


def held_by_unknown_maker(recorder: Recorder) -> str:
    """Why a check that passed says nothing: an error that it expects may be that of something before the API; else empty."""
    forms = map(recorder.judge.foreign_form, OBSERVED.errors)
    return next((unknown_maker(form) for form in forms if form), "")


def issued(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """(name, value) of each token and cookie that an answer gives out, however they are named and nested."""

    if len(exchange.body) <= LONG:
        with suppress(JsonError, RecursionError):
            for name, token in tokens_in(loose_value_of(exchange.body)):
                yield ("REFRESH_TOKEN" if "refresh" in name.lower() else "TOKEN"), token
    yield from (("COOKIE", found) for found in COOKIE.findall(exchange.field("set-cookie")))


def _size(exchange: Exchange) -> int:
    return len(exchange.body) + len(exchange.request.body or b"")
