"""`AnswerJudge`, which finds the errors of one answer, whatever the test that sent the request checks.

It judges every exchange of the suite: its shape (`contracts.schema`), the agreement of a problem document with its status, HEAD and OPTIONS, and
secrets in answers. A finding names its check, so that one wrong header is one failure and not one for each request.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.dialect.document_needs import promises
from contracts.json_text import loose_value_of
from contracts.network.http_fields import list_members, unlike_json
from contracts.schema import (
    Violation,
    compile_schema,
    is_unlisted_304,
    is_unlisted_414,
    media_type,
    violations,
)
from contracts.spec import Operation, Spec
from contracts.suite.client.http_exchange import Exchange, HttpAnswer, HttpRequest, refused_on_the_way
from contracts.suite.client.known_secrets import JWT
from contracts.suite.contract_violation import AnswerFinding, beginning
from contracts.suite.judging.foreign_form import foreign_findings, foreign_form
from contracts.suite.judging.request_oracle import ExpectedStatus, RequestOracle

ISSUES_TOKENS = frozenset({"login", "refreshTokens"})
TRACE = re.compile(rb"Traceback \(most recent call last\)|\bat [\w.$]+\([\w]+\.java:\d+\)|sqlite3?\.\w*Error")
TRACE_MARKS = (b"Traceback (most", b".java:", b"sqlite")
"""One of these is in each trace. To seek them first takes a hundredth of the time, 20 ms for each answer of a megabyte."""
INDEX = re.compile(r"/\d+")
STANDARD = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"})
REFUSABLE = " refusable"
NO_METHOD = "405 for a method that the path does not have"
PROBLEM_SCHEMA: Mapping[str, Any] = {"$ref": "#/components/schemas/Problem"}


class AnswerJudge:
    """The judge of single answers by the document. `bases` are the path prefixes of the API; `direct` says that there is no
    intermediary."""

    def __init__(self, spec: Spec, bases: tuple[str, ...], *, direct: bool = True) -> None:
        self.spec = spec
        self._direct = direct
        self._oracle = RequestOracle(spec)
        # The longest first, because a path under `/api` also begins with the empty prefix.
        self.bases = tuple(sorted(bases, key=len, reverse=True))
        # Laws that our document states in prose apply to documents with the same prose (ours, with overlays).
        self._options_promised = "OPTIONS" in str(spec.document.get("info", {}).get("description", ""))
        self._problems_promised = promises(spec, "problem documents")
        self._members_promised = promises(spec, "members of problems")
        self._challenges_promised = promises(spec, "challenges")
        self._problem_schema = "Problem" in spec.document.get("components", {}).get("schemas", {})
        self.statuses: dict[str, set[int]] = {"ROUTE_NOT_FOUND": {404}}
        for operation in spec:
            for answer in operation.answers.values():
                for code in answer.codes:
                    self.statuses.setdefault(code, set()).add(answer.status)

    def route(self, request: HttpRequest) -> tuple[Operation | None, dict[str, str], tuple[str, ...]]:
        """The operation of a request, its path parameters and the methods of its path; (None, {}, ()) for an undocumented path."""
        for base in self.bases:
            if request.path.startswith(f"{base}/"):
                found = self.spec.match(request.method, request.path[len(base) :])
                if found[2]:
                    return found
        return None, {}, ()

    def foreign_form(self, exchange: Exchange, operation: Operation | None = None) -> str:
        """What is known of an error in a form that the document does not have, which an intermediary may have made; empty for others."""
        operation = operation or self.route(exchange.request)[0]
        return "" if self._direct else foreign_form(self.spec, operation, exchange)

    def judge(self, exchange: Exchange) -> list[AnswerFinding]:
        if not self._direct and refused_on_the_way(exchange):
            return []
        operation, _, methods = self.route(exchange.request)
        findings = list(self._secrets(exchange, operation))
        if foreign := self.foreign_form(exchange):
            return [*findings, *foreign_findings(operation, exchange, foreign, routes=self._members_promised)]
        if exchange.status >= 500:
            got = f"{self.error_form(exchange)} from {exchange.request.method}"
            key = f"{operation.id if operation else ''} {exchange.status}{self.refusable(exchange)}"
            findings.append(AnswerFinding("shape.no-server-errors", "", key, "no answer from 500 up", got))
        if not methods:
            return [*findings, *self._outside(exchange)]
        if exchange.request.method == "OPTIONS":
            return [*findings, *(self._options(exchange, methods) if self._options_promised else ())]
        if operation is None:
            return [*findings, *(self._wrong_method(exchange, methods) if self._options_promised else ())]
        return [*findings, *self._shape(exchange, operation), *self._problem(exchange, operation.id)]

    def error_form(self, exchange: Exchange) -> str:
        """The status of an error and, where others may have made it, its media type if it is no JSON."""
        return f"{exchange.status}{'' if self._direct else unlike_json(exchange.headers)}"

    def refusable(self, exchange: Exchange) -> str:
        """REFUSABLE if the document refuses the request, or if it leaves the request open and a server error came; else empty. A server
        error has another cause if the request is valid."""
        judged = self.expected_of(exchange)
        odd = judged and judged.ambiguous and exchange.status >= 500
        return REFUSABLE if odd or (judged and judged.status is not None) else ""

    def allowed(self, exchange: Exchange) -> bool:
        """Whether the document allows the request, beyond doubt."""
        judged = self.expected_of(exchange)
        return judged is not None and judged.status is None and not judged.ambiguous

    def expected_of(self, exchange: Exchange) -> ExpectedStatus | None:
        operation, values, _ = self.route(exchange.request)
        return None if operation is None else self._oracle.judge(operation, exchange.request, values)

    def _shape(self, exchange: Exchange, operation: Operation) -> Iterator[AnswerFinding]:
        headers = self._under_the_document(exchange)
        request = exchange.request
        if is_unlisted_304(operation, exchange.status, request.headers):
            return
        if is_unlisted_414(operation, exchange.status, request.url):
            return
        wrong = violations(self.spec, operation, exchange.status, headers, exchange.body)
        head = request.method == "HEAD"
        if head and exchange.status == 405 and not self._options_promised:
            return
        if head and exchange.body:
            yield AnswerFinding(
                "shape.answers",
                operation.id,
                "head-body",
                "HEAD without a body",
                f"{len(exchange.body)} bytes",
            )
        for violation in wrong:
            if not (head and violation.place == "body"):
                refusal = self.refusable(exchange) if exchange.status >= 500 else ""
                yield finding_of(operation.id, exchange.status, violation, refusal)

    def _under_the_document(self, exchange: Exchange) -> Mapping[str, str]:
        """The headers with Location relative to a server of the document: a gateway may mount the API at another path (--base-path)."""
        path = exchange.request.path
        base = next((base for base in self.bases if path.startswith(f"{base}/")), "")
        if base in self.spec.prefixes:
            return exchange.headers
        return {
            name: value.removeprefix(base) if name.lower() == "location" else value
            for name, value in exchange.headers.items()
        }

    def _options(self, exchange: Exchange, methods: tuple[str, ...]) -> Iterator[AnswerFinding]:
        if exchange.status != 204:
            yield AnswerFinding("shape.options", "", "status", "204 for OPTIONS", str(exchange.status))
        yield from _wrong_allow(exchange, methods, "")

    def _wrong_method(self, exchange: Exchange, methods: tuple[str, ...]) -> Iterator[AnswerFinding]:
        if exchange.status != 405:
            if exchange.request.method in STANDARD:
                key, got = f"status {exchange.status}", HttpAnswer(exchange).summary()
                yield AnswerFinding("shape.options", "", key, NO_METHOD, got)
            return
        yield from _wrong_allow(exchange, methods, "405 with ")
        yield from self._problem(exchange, "")

    def _outside(self, exchange: Exchange) -> Iterator[AnswerFinding]:
        if exchange.status != 404 or exchange.request.method == "HEAD" or not self._members_promised:
            return
        try:
            value = loose_value_of(exchange.body)
        except ValueError:
            yield AnswerFinding(
                "shape.problems", "", "outside json", "a problem document", beginning(exchange.body)
            )
            return
        if media_type(exchange.field("content-type")) != "application/problem+json":
            got = exchange.field("content-type") or "no Content-Type"
            yield AnswerFinding("shape.problems", "", "outside media", "application/problem+json", got)
        schema: Mapping[str, Any] = PROBLEM_SCHEMA if self._problem_schema else {}
        for error in compile_schema(self.spec, schema).iter_errors(value):
            yield AnswerFinding(
                "shape.problems", "", f"outside {error.message}", "a problem document", error.message
            )
        yield from self._problem(exchange, "")

    def _problem(self, exchange: Exchange, operation: str) -> Iterator[AnswerFinding]:
        """The errors of a problem document's members that repeat other information (R18)."""
        if exchange.status < 400 or not exchange.body or not self._problems_promised:
            return
        try:
            value = loose_value_of(exchange.body)
        except ValueError:
            return  # a finding of the shape
        if not isinstance(value, dict):
            return
        code = str(value.get("code", ""))
        wanted = {
            "status": exchange.status,
            "message": value.get("detail"),
            "type": f"tag:tchat.com,2026:{code.lower().replace('_', '-')}" if code else value.get("type"),
        }
        for member, right in wanted.items() if self._members_promised else (("status", exchange.status),):
            if member in value and value[member] != right:
                yield AnswerFinding(
                    "shape.problems",
                    operation,
                    f"{member} {code}",
                    f"{member} = {right!r}",
                    repr(value[member]),
                )
        # From 500 up the status itself is the finding.
        if exchange.status < 500 and exchange.status not in self.statuses.get(code, {exchange.status}):
            wanted_statuses = " or ".join(map(str, sorted(self.statuses[code])))
            yield AnswerFinding(
                "shape.problems",
                operation,
                f"code {code}",
                f"{wanted_statuses} for {code}",
                str(exchange.status),
            )
        errors = value["details"].get("errors") if isinstance(value.get("details"), dict) else None
        if code == "VALIDATION_FAILED" and self._members_promised and not errors:
            yield AnswerFinding(
                "shape.problems", operation, "no errors", "details.errors that say what is wrong", "none"
            )
        if exchange.status == 401 and code and self._challenges_promised:
            yield from _challenge(exchange, operation, code)

    def _secrets(self, exchange: Exchange, operation: Operation | None) -> Iterator[AnswerFinding]:
        name = operation.id if operation else ""
        if any(mark in exchange.body for mark in TRACE_MARKS) and TRACE.search(exchange.body):
            yield AnswerFinding("shape.secrets", name, "trace", "no stack trace in an answer", "one")
        password = _password(exchange) if name == "login" else ""
        if password and password.encode() in exchange.body:
            yield AnswerFinding(
                "shape.secrets", name, "password", "no password in an answer", "the password sent"
            )
        # Only the two answers that issue tokens may have one.
        if exchange.status < 300 and name in ISSUES_TOKENS:
            return
        sent = exchange.request.field("authorization").rpartition(" ")[2]
        if len(sent) > 40 and JWT.fullmatch(sent):
            # The signature is enough to find a copy.
            secret = sent.rpartition(".")[2] or sent
            if len(secret) > 20 and secret.encode("latin-1", "replace") in exchange.body:
                yield AnswerFinding(
                    "shape.secrets", name, "token body", "no token in the answer's body", "the token sent"
                )
            elif len(secret) > 20 and any(secret in value for value in exchange.headers.values()):
                yield AnswerFinding(
                    "shape.secrets", name, "token header", "no token in a header", "the token sent"
                )


def _challenge(exchange: Exchange, operation: str, code: str) -> Iterator[AnswerFinding]:
    """The errors of WWW-Authenticate (RFC 6750, 3.1): no error code without credentials; `invalid_token` for a refused token (R24)."""
    challenge = exchange.field("www-authenticate")
    refused = code not in ("TOKEN_MISSING", "INVALID_CREDENTIALS")
    if challenge and refused != ('error="invalid_token"' in challenge):
        expected = (
            'WWW-Authenticate with error="invalid_token"' if refused else "WWW-Authenticate without error"
        )
        yield AnswerFinding(
            "shape.problems", operation, f"challenge {code}", f"{code}: {expected}", challenge
        )


def _password(exchange: Exchange) -> str:
    """The password of a login, if it is too long to occur in an answer by chance; else empty."""
    try:
        password = loose_value_of(exchange.request.body or b"").get("password")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return (
        password
        if isinstance(password, str) and len(password) >= 8 and password.isascii() and password.isprintable()
        else ""
    )


def finding_of(operation: str, status: int, violation: Violation, condition: str = "") -> AnswerFinding:
    place = f"{violation.place} {INDEX.sub('/*', violation.pointer)}".strip()
    return AnswerFinding(
        check="shape.answers",
        operation=operation,
        key=f"{status} {place} {violation.rule}{condition}",
        expected=f"a documented answer ({status}: {place} keeps {violation.rule})",
        got=violation.message if len(violation.message) < 300 else f"{violation.message[:300]}…",
    )


def _wrong_allow(exchange: Exchange, methods: tuple[str, ...], status: str) -> Iterator[AnswerFinding]:
    """One finding for all paths whose Allow lacks the same methods, or has the same ones too many: a server makes it in one place."""
    allow = exchange.field("allow")
    wanted = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
    told = list_members(allow)
    if told != sorted(wanted):
        key = f"allow lacks {sorted(wanted - set(told))}, adds {sorted(set(told) - wanted)}"
        expected = f"{status}Allow: {', '.join(sorted(wanted))}"
        if not told:
            key, expected = "no allow", f"{status}Allow, with the methods of the path"
        yield AnswerFinding("shape.options", "", key, expected, allow or "no Allow")
