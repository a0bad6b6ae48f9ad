"""A request and its answer as values, and the curl line that repeats the request, with every secret replaced.

>>> request = HttpRequest(method="GET", url="http://h/api/content/items", headers={"Authorization": "Bearer a.b.c"})
>>> print(curl(request, Secrets()))
curl -sS -i 'http://h/api/content/items' -H "Authorization: Bearer $TOKEN"
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from contracts.dialect import Dialect
from contracts.dialect.fitted_request import canonical_body
from contracts.json_text import JsonError, loose_value_of
from contracts.model.unpromised import Unpromised, UnpromisedError, without_unpromised
from contracts.network.http_fields import field_of
from contracts.schema import LONG
from contracts.spec import Operation
from contracts.suite.client.known_secrets import INSPECTED, NO_VARIABLES, Secrets
from contracts.suite.contract_violation import OBSERVED, ContractViolation, Unchecked, beginning

ODD = re.compile(r"(?i)%(?:[01][0-9a-f]|7f|2e|2f|5c)")
"""Escapes in a path that a gateway may refuse: control characters, dots and slashes."""
ODD_METHODS = frozenset({"TRACE", "QUERY", "CONNECT"})
PLAIN_CODINGS = (("accept-encoding", "identity"), ("accept-encoding", ""))
"""What curl asks for too, by asking for nothing."""
LARGE = 1 << 20
LEAST_LIMIT = 1 << 16
"""The bytes of a body that no server is expected to refuse as too large."""
"""The size of a body in bytes above which gateways refuse it by default."""
BODY_SHOWN = 600
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The safe methods (RFC 9110, 9.2.1)."""
TOO_LONG_TO_READ = "is longer than what is looked into here"
"""The end of a reason. Where checks share a workspace, the items of others can be why."""
ON_PURPOSE = "the limit is met on purpose"
"""The note of an exchange whose 429 a check provokes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it is sent. `url` is complete and encoded; `body` is None if there is none."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def path(self) -> str:
        """The path as sent, without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        return urlsplit(self.url).query

    def field(self, name: str) -> str:
        """The value of a header field, or empty."""
        return field_of(self.headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, with times in ns of one monotonic clock. `operation` is an operationId, or empty for a request that
    belongs to none. Status 0 means that the client abandoned the request; `note` says how."""

    operation: str
    request: HttpRequest
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int
    done: int
    note: str = ""

    @property
    def answered(self) -> bool:
        return self.status != 0

    def field(self, name: str) -> str:
        """The value of a header field of the answer, or empty."""
        return field_of(self.headers, name)


class HttpAnswer:
    """An answer as checks read it, parsed lazily. Reading a missing member raises ContractViolation and not KeyError."""

    def __init__(
        self,
        exchange: Exchange,
        dialect: Dialect | None = None,
        operation: str | None = None,
        refusable: Callable[[Exchange], str] | None = None,
    ) -> None:
        """`dialect` is given for a target with its own document: status, headers and members are then translated to ours, while
        `exchange` and `body` are as received. `operation` is the operationId if the exchange does not have it; `refusable` returns
        the reason why the target's document refuses a request, or empty."""
        OBSERVED.last_read = self.exchange = exchange
        self.operation = exchange.operation if operation is None else operation
        self.body = exchange.body
        self.dialect = dialect
        self._refusable = refusable
        self.status = exchange.status
        self.headers: Mapping[str, Any] = {name.lower(): value for name, value in exchange.headers.items()}
        self._value: Any = ...
        if dialect is not None and exchange.answered:
            answer = dialect.answer(self.operation, exchange.status, exchange.headers, exchange.body)
            self.status, self.headers, self._value = answer

    @property
    def json(self) -> Any:
        OBSERVED.last_read = self.exchange
        if self._value is not ...:
            return self._value
        return self._json

    @cached_property
    def _json(self) -> Any:
        if len(self.body) > LONG:
            raise Unchecked(f"an answer of {len(self.body):,} bytes {TOO_LONG_TO_READ}")
        try:
            return loose_value_of(self.body)
        except JsonError:
            raise ContractViolation(
                "a JSON body", f"{self.summary()} with {beginning(self.body)}", [self.exchange]
            ) from None

    def member(self, *names: str) -> Any:
        """The member of the JSON body at a path: `answer.member("data", "pagination", "total")`."""
        value = self.json
        for depth, name in enumerate(names):
            if isinstance(value, Unpromised):
                raise UnpromisedError(f"the document does not promise {value.what}")
            if not isinstance(value, dict) or name not in value:
                path = "/".join(names[: depth + 1])
                raise ContractViolation(
                    f"a body with /{path}", f"{self.summary()} without it", [self.exchange]
                )
            value = value[name]
        return value

    @property
    def data(self) -> Any:
        """The `data` member of the body."""
        return self.member("data")

    @property
    def code(self) -> str:
        """The code of a problem document, or empty."""
        if self.status < 400 or len(self.body) > LONG:
            return ""
        try:
            value = loose_value_of(self.body) if self._value is ... else self._value
        except JsonError:
            return ""
        return str(value.get("code", "")) if isinstance(value, dict) else ""

    @property
    def promises_code(self) -> bool:
        """Whether the document lists the codes of this answer, so that its code can be right or wrong."""
        name = self.exchange.operation
        return self.dialect is None or self.dialect.promises_code(name, self.status)

    @property
    def canonical(self) -> Exchange:
        """The exchange translated to our contract, without unpromised members."""
        if self.dialect is None:
            return replace(self.exchange, status=self.status)
        request = self.exchange.request
        request = replace(
            request,
            url=request.url.split("?")[0] + "?" + self.dialect.queries.canonical(request.query),
            body=request.body and canonical_body(self.dialect, self.exchange.operation, request.body),
        )
        if self._value is ...:
            return replace(self.exchange, status=self.status, request=request)
        headers = {name: value for name, value in self.headers.items() if isinstance(value, str)}
        body = json.dumps(without_unpromised(self._value)).encode()
        return replace(self.exchange, status=self.status, request=request, headers=headers, body=body)

    def _promised(self, status: int, code: str) -> tuple[int, str]:
        """The promised part of an expected status and code. Raises UnpromisedError if the target's document lacks the status."""
        assert self.dialect is not None
        operation = self.operation
        if self.status != status and not self.dialect.promises(operation, status):
            if (operation, status) == ("login", 401) and self.status < 300:
                raise ContractViolation("a refusal of this login", self.summary(), [self.exchange])
            raise UnpromisedError(f"the document has no {status} of {operation}")
        if status == 400 and self.status < 300 and self._refusable and not self._refusable(self.exchange):
            raise UnpromisedError(f"the document allows a request of {operation} that ours refuses")
        described = self.dialect.theirs.operations.get(operation)
        if self.status == 413 != status and described and may_be_too_large(described, self.exchange.request):
            raise UnpromisedError(f"the document of {operation} has a 413 and no limit (x-body-limit)")
        return status, code if code and self.dialect.promises_code(operation, status, code) else ""

    def summary(self) -> str:
        """Status and code of the answer as received: `409 VERSION_CONFLICT`."""
        raw = HttpAnswer(self.exchange) if self.dialect is not None else self
        return f"{raw.status} {raw.code}".strip()

    def must(self, status: int, code: str = "", *, why: str = "") -> HttpAnswer:
        """This answer. Raises ContractViolation if it has another status or code; `why` is the reason for the expectation."""
        OBSERVED.last_read = self.exchange
        if self.dialect is not None:
            if status == 401 and refuses_login(
                self.dialect.theirs.operations.get(self.operation), self.exchange.status
            ):
                OBSERVED.held += 1
                return self
            status, code = self._promised(status, code)
        if self.status != status or (code and self.code != code):
            # The operation is named, because a check often fails in its preparation, at another operation than its own.
            named = f" of {self.exchange.operation}" if self.exchange.operation else ""
            if self.dialect is not None:
                status, code = (
                    self.dialect.their_status(self.operation, status),
                    self.dialect.their_codes.get(code, code),
                )
            wanted = f"{status} {code}".strip() + named + (f" ({why})" if why else "")
            raise ContractViolation(wanted, self.summary(), [self.exchange])
        if self.status >= 400:
            OBSERVED.held += 1  # a success is mostly a preparation and not the law itself
            OBSERVED.errors.append(self.exchange)
        return self


def refuses_login(operation: Operation | None, status: int) -> bool:
    """Whether a document without a 401 of login has this status for wrong passwords: Laravel's validation refuses them with 422."""
    if operation is None or operation.id != "login" or 401 in operation.answers:
        return False
    return status in (400, 403, 422) and status in operation.answers


def may_be_too_large(operation: Operation, request: HttpRequest) -> bool:
    """Whether a body may be over the limit of a target whose document has a 413 and does not say from how many bytes on."""
    limited = operation.body is None or operation.body.limited or 413 not in operation.answers
    return not limited and len(request.body or b"") > LEAST_LIMIT


def refused_on_the_way(exchange: Exchange) -> bool:
    """Whether this may be the refusal of an intermediary: of an odd path, an odd method, a large body or the rate, without a code of ours."""
    request, status = exchange.request, exchange.status
    may = (
        (status in (400, 403, 404) and ODD.search(request.path) is not None)
        or (status in (400, 403, 405, 501) and request.method in ODD_METHODS)
        or (status in (400, 413) and len(request.body or b"") > LARGE)
        or status == 429
    )
    return may and not HttpAnswer(exchange).code


def curl(request: HttpRequest, secrets: Secrets, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """The curl line of a request, with a long body cut and its length shown. `variables` of the shell stand for values in it."""
    parts = ["curl -sS -i"]
    if request.method == "HEAD":
        parts.append("--head")
    elif request.method != ("GET" if request.body is None else "POST"):
        parts.append(f"-X {request.method}")
    parts.append(secrets.word(request.url, variables))
    parts += [
        f"-H {secrets.word(f'{name}: {value}', variables)}"
        for name, value in request.headers.items()
        if name.lower() not in ("host", "content-length", "user-agent")
        and (name.lower() != "connection" or value.lower() == "upgrade")
        and (name.lower(), value) not in PLAIN_CODINGS
    ]
    if request.body is not None:
        text = secrets.hide_bytes(request.body)
        if len(text) > BODY_SHOWN or len(request.body) > INSPECTED:
            text = f"{text[:BODY_SHOWN]}…({len(request.body)} bytes)"
        parts.append(f"--data-raw {secrets.word(text, variables)}")
    return " ".join(parts)


def curl_line(exchange: Exchange, secrets: Secrets) -> str:
    """The curl line of an exchange, with its note as a comment."""
    line = curl(exchange.request, secrets)
    return f"{line}  # {exchange.note}" if exchange.note else line
