"""The request oracle: the statuses that a server may give to any request, by the document and its order of judgement.

400 <=> the request breaks the document (R20). So if caller, ids and permissions are known, the set of statuses is exact, and both wrongly
accepted and wrongly refused requests are failures. A document that does not say how values are written in a URL leaves that to the server:
a query is then invalid only if no usual reading of it is valid.

Requests are validated with jsonschema-rs. If the answer contradicts it, python's `jsonschema` is asked as well; if the two disagree, the
request is ambiguous and not judged.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

from contracts.dialect import dialect_of
from contracts.dialect.document_needs import promises
from contracts.json_text import has_lone_surrogate
from contracts.schema import compile_ranged, compile_schema, media_type, rule, standalone, with_ranges
from contracts.spec import Body, Operation, Parameter, Spec
from contracts.spec.media_types import JSON
from contracts.spec.parameter_values import QueryError, loosely, parameters
from contracts.suite.client.http_exchange import HttpRequest, may_be_too_large, refuses_login
from contracts.suite.judging.open_requests import has_opaque_text, has_zero_fraction, nests_a_parameter

KEPT = "for a request that keeps the document"
AFTER_400 = frozenset({404, 409, 412, 422})
LONGEST = 120
"""The longest words of a broken rule that are shown; longer ones begin with the value and end with the rule."""
NAMES_CATEGORY = ("createContentItem", "updateContentItem")
BOM = b"\xef\xbb\xbf"
EMAIL = re.compile(r"[a-z0-9]+([.+_-][a-z0-9]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|example)")
DATE_TIME = re.compile(
    r"(19[7-9]|20[0-9])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,6})?Z"
)
USUAL_FORMATS: dict[str, Callable[..., bool]] = {
    "email": lambda text: EMAIL.fullmatch(text) is not None,
    "date-time": lambda text: DATE_TIME.fullmatch(text) is not None,
}
"""Name of a format -> whether every reader accepts a text."""


@dataclass(frozen=True, slots=True)
class ExpectedStatus:
    """The status that a request must get; None for any success. `broken` is the reason for a 400; `ambiguous` says that the document
    leaves the status open."""

    status: int | None
    broken: str = ""
    ambiguous: bool = False


class RequestOracle:
    """The oracle for the operations of one document."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._strict = promises(spec, "query rules")
        self._known_categories = promises(spec, "known categories")
        self._dialect = dialect_of(spec)
        self._category = (
            self._dialect.their_members.get("category", "category") if self._dialect else "category"
        )
        self._any_parameters = promises(spec, "media type parameters")
        self._loose: dict[tuple[str, str], Any] = {}
        """Validators that ignore formats, by operation and parameter; that of a body has no name."""
        self._usual: dict[str, Any] = {}
        """Validators of bodies that accept of each format only what all readers accept, by operation."""
        self._second: dict[tuple[str, str], Any] = {}
        """Validators of python's jsonschema, by operation and parameter; that of a body has no name."""

    def broken(self, operation: Operation, request: HttpRequest, path: Mapping[str, str]) -> str:
        """The first reason why the request breaks the document, or empty. Path parameters never do: a wrong one is 404."""
        try:
            sent = list(parameters(self.spec, operation, request.query, request.headers, path))
        except QueryError as error:
            return f"query: {error}"
        for parameter, value in sent:
            if parameter.location == "path":
                continue
            if not compile_schema(self.spec, parameter.schema).is_valid(value):
                return f"{parameter.location} {parameter.name}: {value!r}"
        names = {parameter.name for parameter, _ in sent}
        for parameter in operation.parameters:
            if parameter.required and parameter.location != "path" and parameter.name not in names:
                return f"{parameter.location} {parameter.name} is missing"
        return self._body(operation, request)

    def _body(self, operation: Operation, request: HttpRequest) -> str:
        if operation.body is None or not (request.body or operation.body.required):
            return ""
        try:
            value = read_json(request.body or b"")
        except ValueError as error:
            return f"body: {error}"
        schema = _json_schema(operation.body)
        validator = compile_schema(self.spec, schema)
        if validator.is_valid(value):
            return ""
        first = next(iter(validator.iter_errors(value)))
        if len(first.message) <= LONGEST:
            return f"body: {first.message}"
        place = "/".join(map(str, first.instance_path))
        return f"body: {place or 'the whole'} breaks {rule(first)}"

    def before_400(self, operation: Operation, request: HttpRequest, *, exists: bool) -> int | None:
        """The status that precedes a 400 in the order of judgement: 404, 413 or 415, or None. Caller and permissions are valid."""
        if not exists:
            return 404
        if operation.body is None:
            return None
        body = operation.body
        if body.limited and len(request.body or b"") > body.limit and 413 in operation.answers:
            return 413
        return 415 if 415 in operation.answers and not _is_json(request) else None

    def _is_usual(self, request: HttpRequest) -> bool:
        """Whether no server may refuse the media type for its parameters: it has none but UTF-8, or the document says that they are ignored."""
        parameters = (request.field("content-type") or "").partition(";")[2].replace(" ", "").lower()
        return self._any_parameters or parameters in ("", "charset=utf-8")

    def judge(
        self, operation: Operation, request: HttpRequest, path: Mapping[str, str], *, exists: bool = True
    ) -> ExpectedStatus:
        early = self.before_400(operation, request, exists=exists)
        if early is not None:
            return ExpectedStatus(early)
        if may_be_too_large(operation, request) or has_opaque_text(self._dialect, operation, request):
            return ExpectedStatus(None, ambiguous=True)
        if operation.body is not None and not (
            _is_json(request)
            and self._is_usual(request)
            and JSON in operation.body.media_types
            and self._begins_well(request)
        ):
            return ExpectedStatus(None, ambiguous=True)
        broken = self.broken(operation, request, path)
        if (broken and self._free(operation, request, broken)) or self._format_is_open(operation, request):
            return ExpectedStatus(None, ambiguous=True)
        if not broken and (
            self._names_category(operation, request)
            or (not self._strict and (nests_a_parameter(operation, request) or has_zero_fraction(request)))
            or self._is_out_of_range(operation, request, path)
        ):
            return ExpectedStatus(None, ambiguous=True)
        return ExpectedStatus(400, broken) if broken else ExpectedStatus(None)

    def _is_out_of_range(self, operation: Operation, request: HttpRequest, path: Mapping[str, str]) -> bool:
        """Whether a valid parameter is a number that its `format` has no room for (`int32`), which few readers take and a document need not say."""
        sent = parameters(self.spec, operation, request.query, request.headers, path)
        return any(
            isinstance(value, int) and not compile_ranged(self.spec, parameter.schema).is_valid(value)
            for parameter, value in sent
        )

    def _names_category(self, operation: Operation, request: HttpRequest) -> bool:
        """Whether the request names a category, and the document does not say what becomes of one that does not exist: many frameworks
        refuse it as they refuse what is malformed."""
        modelled = self._dialect is None or operation.id in self._dialect.ours.operations
        if self._known_categories or (modelled and operation.id not in NAMES_CATEGORY):
            return False
        try:
            value = read_json(request.body or b"")
        except ValueError:
            return False
        return isinstance(value, Mapping) and isinstance(value.get(self._category), str | int)

    def _free(self, operation: Operation, request: HttpRequest, broken: str) -> bool:
        """Whether the document leaves it to the server to accept this request, because some reading of its query is valid."""
        if self._strict or not broken.startswith("query"):
            return False
        sent: dict[str, list[str]] = {}
        for name, text in parse_qsl(request.query, keep_blank_values=True, errors="replace"):
            sent.setdefault(name, []).append(text)
        asked = [p for p in operation.parameters if p.location == "query"]
        missing = any(p.required and p.name not in sent for p in asked)
        readable = all(self._readable(operation, p, sent[p.name]) for p in asked if p.name in sent)
        return readable and not missing and not self._body(operation, request)

    def _format_is_open(self, operation: Operation, request: HttpRequest) -> bool:
        """Whether the document leaves it to the server how strictly a `format` is read, and that decides about this body. JSON Schema
        takes `format` for a remark, unless a document says otherwise; only what every reader accepts is certain."""
        if self._strict or operation.body is None:
            return False
        try:
            value = read_json(request.body or b"")
        except ValueError:
            return False
        schema = _json_schema(operation.body)
        key = (operation.id, "")
        if key not in self._loose:
            whole = standalone(self.spec, schema)
            self._loose[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=False)
            self._usual[operation.id] = jsonschema_rs.Draft202012Validator(
                with_ranges(whole), validate_formats=True, formats=USUAL_FORMATS
            )
        return self._loose[key].is_valid(value) and not self._usual[operation.id].is_valid(value)

    def _begins_well(self, request: HttpRequest) -> bool:
        """False for what RFC 8259 leaves to the server, if the document does not mention it: a byte order mark (8.1), and an escaped
        lone surrogate (8.2)."""
        body = request.body or b""
        return self._strict or not (body.startswith(BOM) or has_lone_surrogate(body))

    def _readable(self, operation: Operation, parameter: Parameter, texts: Sequence[str]) -> bool:
        if any(not text or "\ufffd" in text for text in texts):
            return True
        key = (operation.id, parameter.name)
        if key not in self._loose:
            schema = standalone(self.spec, parameter.schema)
            self._loose[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
        return any(self._loose[key].is_valid(value) for value in loosely(self.spec, parameter, texts))

    def wrong(self, operation: Operation, judged: ExpectedStatus, status: int) -> str:
        """The expected status if this one, as the target has sent it, is wrong, else empty. A valid request may get a success, or a status
        that depends on state: 422 is one in a document that has 400 beside it (RFC 9110, 15.5.21)."""
        if judged.ambiguous:
            return "" if status < 500 else "no server error"
        sent, key = status, (operation.id, status)
        status = self._dialect.statuses.get(key, status) if self._dialect else status
        if judged.status is not None:
            because = f" ({judged.broken})" if judged.broken else ""
            return "" if status == judged.status else f"{judged.status}{because}"
        if sent == 422 and {400, 422} <= operation.answers.keys():
            return ""
        if 200 <= status < 300 or status == 304 or (status in AFTER_400 and status in operation.answers):
            return ""
        if operation.id == "login" and (status in (401, 429) or refuses_login(operation, sent)):
            return ""
        return f"2xx, 404, 409, 412 or 422 {KEPT}"

    def second_opinion(self, operation: Operation, request: HttpRequest, path: Mapping[str, str]) -> bool:
        """Whether python's jsonschema finds the request valid."""
        try:
            for parameter, value in parameters(self.spec, operation, request.query, request.headers, path):
                if parameter.location != "path" and not self._other(
                    operation.id, parameter.name, parameter.schema
                ).is_valid(value):
                    return False
            if operation.body is not None and (request.body or operation.body.required):
                schema = _json_schema(operation.body)
                return bool(self._other(operation.id, "", schema).is_valid(read_json(request.body or b"")))
        except ValueError:
            return False
        return True

    def _other(self, operation: str, name: str, schema: Mapping[str, Any]) -> Any:
        # jsonschema is rarely needed and slow to import.
        from contracts.suite.judging.second_opinion import validator

        if (operation, name) not in self._second:
            self._second[operation, name] = validator(self.spec, schema)
        return self._second[operation, name]


def _json_schema(body: Body) -> Mapping[str, Any]:
    """The schema of a body in JSON; that of the first media type if it has none."""
    return body.media_types.get(JSON) or next(iter(body.media_types.values()))


def _is_json(request: HttpRequest) -> bool:
    return media_type(request.field("content-type")) == JSON


def read_json(body: bytes) -> Any:
    """The value of a JSON body (RFC 8259). Raises ValueError for NaN, lone surrogates and other invalid JSON; of equal names the last
    counts."""
    try:
        value = json.loads(body.decode("utf-8", "strict"), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    if body.startswith(BOM):
        raise ValueError("a byte order mark")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
