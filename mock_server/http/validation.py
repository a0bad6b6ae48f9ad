"""The validation of requests against openapi.yaml: 400 if and only if a request breaks it (rule R20), with the reasons.

Schemas are compiled once for each operation: one object schema for the parameters of a location, one for the body. The typed values of valid
query strings are cached, because clients repeat them.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs
import msgspec

from contracts.schema import pointer, rule, standalone
from contracts.spec import Operation, Parameter, Spec
from contracts.spec.source.references import followed
from mock_server.message import ReceivedRequest
from mock_server.problem import Problem

BROKEN_TEXT = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
_REMEMBERED = 4096
_TOLD = 20
"""The most errors in a response: enough to correct a request, too few for an amplification attack."""

Error = dict[str, str]


class RequestValidator:
    """The validator of one operation's requests. `query`, `headers` and `body` return typed values or raise Problem(400)."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._query = ParameterSet(spec, operation, "query")
        self._headers = ParameterSet(spec, operation, "header")
        self._fields = {name.lower().encode(): name for name in self._headers.parameters}
        self._body_validator: jsonschema_rs.Draft202012Validator | None = None
        self.limit, self.media_type = 0, ""
        if operation.body:
            (self.media_type, schema), *_ = operation.body.media_types.items()
            self._body_validator = compiled(spec, schema)
            self.limit = operation.body.limit
        self._remembered: dict[bytes, dict[str, Any]] = {}

    def query(self, raw: bytes) -> dict[str, Any]:
        known = self._remembered.get(raw)
        if known is not None:
            return known
        values = self._query.read(pairs_of(raw), "query")
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[raw] = values
        return values

    def forget(self) -> None:
        """Drop the cache of queries."""
        self._remembered.clear()

    def headers(self, headers: Mapping[bytes, bytes]) -> dict[str, Any]:
        if not self._headers.is_needed and self._fields.keys().isdisjoint(headers):
            return {}
        pairs = [
            (name, headers[field].decode("latin-1"))
            for field, name in self._fields.items()
            if field in headers
        ]
        return self._headers.read(pairs, "header")

    def body(self, request: ReceivedRequest) -> Any:
        """The decoded JSON body. Raises Problem with 413, 415 or 400, in this order (R17)."""
        if self._body_validator is None:
            return None
        self.require_size(request)
        self.require_media_type(request.headers.get(b"content-type", b""))
        value = self.decoded(request.body)
        self.judge(value)
        return value

    def judge(self, value: Any) -> None:
        """Raise Problem(400) unless the document allows this body."""
        if self._body_validator is not None and not self._body_validator.is_valid(value):
            self.refuse(self.body_errors(value))

    def require_size(self, request: ReceivedRequest) -> None:
        if request.too_large or len(request.body) > self.limit:
            raise Problem("PAYLOAD_TOO_LARGE", f"The body may have at most {self.limit} bytes")

    def require_media_type(self, header: bytes) -> None:
        """Raise Problem(415) unless the media type is the document's, with any parameters."""
        if header.partition(b";")[0].strip().lower() != self.media_type.encode():
            raise Problem("UNSUPPORTED_MEDIA_TYPE", f"The body must be {self.media_type}.")

    def decoded(self, body: bytes) -> Any:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise invalid([violation("body", "", "json", f"the body is not JSON: {error}")]) from None

    def body_errors(self, value: Any) -> list[Error]:
        assert self._body_validator is not None
        return [
            violation("body", pointer(e.instance_path), rule(e), e.message)
            for e in self._body_validator.iter_errors(value)
        ]

    def refuse(self, errors: list[Error]) -> None:
        raise invalid(errors)


class ParameterSet:
    """The parameters of one location, validated together by one object schema."""

    def __init__(self, spec: Spec, operation: Operation, location: str) -> None:
        declared = (*operation.parameters, *operation.state_headers)
        self.parameters = {p.name: p for p in declared if p.location == location}
        self._schemas = {name: resolved(spec, p.schema) for name, p in self.parameters.items()}
        self._defaults = {n: s["default"] for n, s in self._schemas.items() if "default" in s}
        schema = {
            "type": "object",
            "properties": {name: p.schema for name, p in self.parameters.items()},
            "required": [name for name, p in self.parameters.items() if p.required],
        }
        self._validator = compiled(spec, schema)
        self.is_needed = bool(self._defaults or schema["required"])
        """Whether a request without any of the parameters must be read, too: one is required or has a default."""

    def read(self, pairs: list[tuple[str, str]], where: str) -> dict[str, Any]:
        """The typed values, with the defaults of missing parameters. Unknown names are ignored (R39)."""
        values: dict[str, Any] = {}
        errors: list[Error] = []
        for name, text in pairs:
            parameter = self.parameters.get(name)
            if parameter is None:
                continue
            if name in values:
                errors.append(
                    violation(where, pointer([name]), "duplicate", "the parameter is given more than once")
                )
            elif BROKEN_TEXT.search(text):
                errors.append(violation(where, pointer([name]), "encoding", "the value is not UTF-8"))
            else:
                values[name] = _typed(parameter, self._schemas[name], text)
        if not self._validator.is_valid(values):
            errors += [
                violation(where, pointer(e.instance_path), rule(e), e.message)
                for e in self._validator.iter_errors(values)
            ]
        if errors:
            self.refuse(errors)
        return self.defaults() | values

    def defaults(self) -> dict[str, Any]:
        return self._defaults

    def refuse(self, errors: list[Error]) -> None:
        raise invalid(errors)


def _typed(parameter: Parameter, schema: Mapping[str, Any], text: str) -> Any:
    """The typed value of a text, or the text itself, which the schema then refuses."""
    kind = schema.get("type")
    if kind == "integer" and _INTEGER.fullmatch(text) and len(text) <= 20:
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "array":
        return text.split(",")
    return text


def pairs_of(raw: bytes) -> list[tuple[str, str]]:
    """The pairs of an application/x-www-form-urlencoded text. Bytes that are not UTF-8 become lone surrogates, which `read` refuses."""
    pairs = []
    for part in raw.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(part: bytes) -> str:
    if b"+" in part or b"%" in part:
        part = unquote_to_bytes(part.replace(b"+", b" "))
    return part.decode("utf-8", "surrogateescape")


def resolved(spec: Spec, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = followed(spec.document, schema)
    return found


def compiled(spec: Spec, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The compiled validator of a schema, cached for the process, because tests build many servers and this is most of their start."""
    key = (spec.digest, msgspec.json.encode(schema))
    validator = _COMPILED.get(key)
    if validator is None:
        # Masked, because a message must not repeat the value, which may be a password.
        validator = jsonschema_rs.Draft202012Validator(
            standalone(spec, schema), validate_formats=True, mask="the value"
        )
        _COMPILED[key] = validator
    return validator


_COMPILED: dict[tuple[str, bytes], jsonschema_rs.Draft202012Validator] = {}


def violation(where: str, at: str, broken: str, message: str) -> Error:
    # The message may be long, so only its beginning is sent.
    return {"in": where, "pointer": at, "rule": broken, "message": message[:300]}


def invalid(errors: list[Error]) -> Problem:
    first = errors[0]
    at = f" {first['pointer']}" if first["pointer"] else ""
    return Problem(
        "VALIDATION_FAILED", f"{first['in']}{at}: {first['message']}", details={"errors": errors[:_TOLD]}
    )
