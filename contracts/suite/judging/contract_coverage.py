"""`ContractCoverage`, the counts of what a run has reached: operation x status, error code, parameter side, request keyword side, realtime
message.

Counts are integers by key, so that those of several processes can be added. The cells, and which of them are required, follow from the
document and from the capabilities of the target; nothing is required that no client can provoke.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.dialect.document_needs import promises
from contracts.json_text import loose_value_of
from contracts.run import CoverageCell
from contracts.schema import compile_schema, media_type
from contracts.spec import Operation, Parameter, Spec, canonical
from contracts.spec.channel import Channel
from contracts.spec.media_types import JSON
from contracts.spec.parameter_values import QueryError, parameters
from contracts.spec.source.references import dereferenced
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.judging.schema_keywords import JUDGING, cells_of, visits

Key = tuple[str, str, str]
BLANK = b" \t\r\n"
"""White space around JSON (RFC 8259, 2)."""

# Codes that need a control of the server's clock.
NEED_CLOCK = frozenset({"TOKEN_EXPIRED"})
LATER = frozenset({("received", "heartbeat")})
"""Messages that the server sends later than any check waits, so that they need a control of its clock."""
NEVER_REQUIRED = frozenset({"IDEMPOTENCY_IN_FLIGHT"})


@dataclass
class ContractCoverage:
    """The counts of a process. Those of several processes can be added."""

    spec: Spec
    counts: Counter[Key] = field(default_factory=Counter)

    def exchange(self, operation: Operation | None, path: Mapping[str, str], exchange: Exchange) -> None:
        """Count one exchange. `path` are the path parameters as sent."""
        if operation is None or exchange.request.method not in (operation.method, "HEAD"):
            return
        self.counts[operation.id, "status", str(exchange.status)] += 1
        if exchange.status >= 400 and exchange.body.lstrip(BLANK)[:1] == b"{":
            self._code(operation, exchange)
        if exchange.status not in (401, 403, 429):
            self._parameters(operation, path, exchange)
            self._body(operation, exchange)

    def other_method(
        self, operations: Iterator[Operation] | tuple[Operation, ...], exchange: Exchange
    ) -> None:
        """Count a 405, which belongs to every operation of its path."""
        for operation in operations:
            self.counts[operation.id, "status", "405"] += 1
            self._code(operation, exchange)

    def message(self, direction: str, kind: str) -> None:
        self.counts["realtime", "message", f"{direction} {kind}"] += 1

    def _code(self, operation: Operation, exchange: Exchange) -> None:
        try:
            code = loose_value_of(exchange.body).get("code")
        except (ValueError, AttributeError):
            return
        if isinstance(code, str):
            self.counts[operation.id, "code", code] += 1

    def _parameters(self, operation: Operation, path: Mapping[str, str], exchange: Exchange) -> None:
        try:
            asked = exchange.request
            values = list(parameters(self.spec, operation, asked.query, asked.headers, path))
        except QueryError:
            return
        for parameter, value in values:
            valid = compile_schema(self.spec, parameter.schema).is_valid(value)
            side = "valid" if valid else "invalid"
            self.counts[operation.id, "parameter", f"{parameter.location} {parameter.name} {side}"] += 1

    def _body(self, operation: Operation, exchange: Exchange) -> None:
        body = exchange.request.body
        if operation.body is None or not body or len(body) > 1_000_000 or exchange.status in (404, 413, 415):
            return
        schema = operation.body.media_types.get(JSON)
        if schema is None or media_type(exchange.request.field("content-type")) != JSON:
            return
        try:
            value = json.loads(body)
            # The validators cannot handle a lone surrogate.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return
        for name in visits(self.spec, schema, value):
            self.counts[operation.id, "keyword", name] += 1

    def cells(
        self, *, channel: Channel | None, clock: bool, writes: bool, forbidden: bool
    ) -> list[CoverageCell]:
        """All cells of the coverage. Cells that need a missing capability of the target are not required."""
        cells = []
        for operation in self.spec:
            for key, required in _expected(self.spec, operation, clock, forbidden):
                cells.append(self._cell(key, required and writes))
        if channel is not None:
            for direction, messages in (("received", channel.from_server), ("sent", channel.from_client)):
                for kind in messages:
                    required = kind not in ("message_received", "sync_required") and writes
                    required = required and (clock or (direction, kind) not in LATER)
                    cells.append(self._cell(("realtime", "message", f"{direction} {kind}"), required))
        return cells

    def _cell(self, key: Key, required: bool) -> CoverageCell:
        return CoverageCell(
            operation=key[0], kind=key[1], name=key[2], required=required, reached=self.counts[key]
        )


def _expected(spec: Spec, operation: Operation, clock: bool, forbidden: bool) -> Iterator[tuple[Key, bool]]:
    own = promises(spec, "order of judgement") and operation.id in canonical().operations
    for status, answer in sorted(operation.answers.items()):
        reachable = answer.reachable == "client" and (status != 403 or forbidden)
        # How large a body is too large is unknown where the document states no limit.
        reachable = reachable and (status != 413 or (operation.body is not None and operation.body.limited))
        # A framework's document, and operations without a law, list answers that perhaps no request can provoke.
        reachable = reachable and (own or status == operation.success.status)
        yield (operation.id, "status", str(status)), reachable
        for code in answer.codes:
            required = reachable and code not in NEVER_REQUIRED and (clock or code not in NEED_CLOCK)
            yield (operation.id, "code", code), required
    for parameter in operation.parameters:
        for side in ("valid", "invalid"):
            possible = side == "valid" or _breakable(spec, parameter)
            yield (operation.id, "parameter", f"{parameter.location} {parameter.name} {side}"), possible
    if operation.body is not None:
        # What `keywords.exact` needs, which reaches all of them.
        systematic = promises(spec, "problem documents")
        for name in cells_of(spec, operation.body.media_types.get(JSON, {})):
            yield (operation.id, "keyword", name), systematic


def _breakable(spec: Spec, parameter: Parameter) -> bool:
    """Whether any text can be invalid for the parameter's schema."""
    schema = dereferenced(spec.document, parameter.schema)
    parts = [part for key in ("anyOf", "oneOf") for part in schema.get(key, ())]
    if parts:
        return all(_breaks(dereferenced(spec.document, part)) for part in parts)
    return _breaks(schema)


def _breaks(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") != "string" or any(
        keyword in schema for keyword in JUDGING if keyword != "type"
    )
