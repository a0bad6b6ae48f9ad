"""Does a request keep openapi.yaml? 400 means exactly that it does not (behaviour R20), and why.

Everything is compiled once per operation: parameters into one object schema, the body into another.
A query string that was found valid is remembered with its typed values, because clients repeat themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs
import msgspec

from contracts.schema import pointer, rule, standalone
from contracts.spec import Operation, Parameter, Spec
from mock_server.message import HttpRequest
from mock_server.problem import Problem
from mock_server.rules import Rules, Ruling

_BROKEN_TEXT = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
_REMEMBERED = 4096
_TOLD = 20
"""How many errors one answer lists: enough to mend a request, not enough to amplify one."""

Error = dict[str, str]


class RequestValidator:
    """One operation's rules. `query`, `headers` and `body` return typed values or raise Problem(400)."""

    def __init__(self, spec: Spec, operation: Operation, ruling: Ruling) -> None:
        self._ruling = ruling
        self._query = _ParameterSet(spec, operation, "query", ruling)
        self._headers = _ParameterSet(spec, operation, "header", ruling)
        self._fields = {name.lower().encode(): name for name in self._headers.parameters}
        self._body_validator: jsonschema_rs.Draft202012Validator | None = None
        self.limit = 0
        if operation.body:
            schema = operation.body.media_types["application/json"]
            self._body_validator = _compile(spec, schema)
            self.limit = operation.body.limit
        self._remembered: dict[bytes, dict[str, Any]] = {}

    def query(self, raw: bytes) -> dict[str, Any]:
        known = self._remembered.get(raw)
        if known is not None and not self._ruling.on:
            return known
        values = self._query.read(_pairs(raw), "query")
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        if not self._ruling.on:
            self._remembered[raw] = values
        return values

    def headers(self, headers: Mapping[bytes, bytes]) -> dict[str, Any]:
        if not self._headers.is_needed and self._fields.keys().isdisjoint(headers):
            return {}
        pairs = [
            (name, headers[field].decode("latin-1"))
            for field, name in self._fields.items()
            if field in headers
        ]
        return self._headers.read(pairs, "header")

    def body(self, request: HttpRequest) -> Any:
        """The decoded JSON body. 413 and 415 come before 400 (R17)."""
        if self._body_validator is None:
            return None
        rules = self._ruling.rules
        if (request.too_large or len(request.body) > self.limit) and rules.body_limit_checked:
            raise Problem("PAYLOAD_TOO_LARGE", f"The body may have at most {self.limit} bytes")
        if rules.media_type_checked:
            self._check_media_type(request.headers.get(b"content-type", b""))
        try:
            value = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if rules.bad_json_fails:
                raise RuntimeError("the body is not JSON") from None
            raise _invalid([_error("body", "", "json", f"the body is not JSON: {error}")]) from None
        if not self._body_validator.is_valid(value):
            errors = [_body_error(e) for e in self._body_validator.iter_errors(value)]
            if rules.password_in_error and isinstance(value, dict) and "password" in value:
                errors[0]["message"] += f" in {value}"
            errors = _unskipped(errors, rules)
            if errors:
                raise _invalid(errors)
        if rules.ascii_only and not request.body.isascii():
            raise _invalid([_error("body", "", "ascii", "the body is not ASCII")])
        longest = rules.title_longest
        if longest and isinstance(value, dict) and len(value.get("title", "")) > longest:
            raise _invalid([_error("body", "/title", "maxLength", "the title is too long")])
        return value

    def _check_media_type(self, header: bytes) -> None:
        kind, _, parameters = header.partition(b";")
        if kind.strip().lower() != b"application/json" or (
            parameters and not self._ruling.rules.media_type_parameters
        ):
            raise Problem("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.")


class _ParameterSet:
    """All parameters of one location, read together and judged by one object schema."""

    def __init__(self, spec: Spec, operation: Operation, location: str, ruling: Ruling) -> None:
        self._ruling = ruling
        declared = (*operation.parameters, *operation.state_headers)
        self.parameters = {p.name: p for p in declared if p.location == location}
        self._schemas = {name: _resolved(spec, p.schema) for name, p in self.parameters.items()}
        self._defaults = {n: s["default"] for n, s in self._schemas.items() if "default" in s}
        schema = {
            "type": "object",
            "properties": {name: p.schema for name, p in self.parameters.items()},
            "required": [name for name, p in self.parameters.items() if p.required],
        }
        self._validator = _compile(spec, schema)
        self.is_needed = bool(self._defaults or schema["required"])
        """None of them at all would be wrong, or would mean something."""

    def read(self, pairs: list[tuple[str, str]], where: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        errors: list[Error] = []
        for name, text in pairs:
            parameter = self.parameters.get(name)
            if parameter is None:  # unknown names are ignored (R39)
                if self._ruling.rules.unknown_query_refused:
                    errors.append(_error(where, name, "unknown", "there is no such parameter"))
                continue
            if name in values and self._ruling.rules.duplicates_refused:
                errors.append(
                    _error(where, pointer([name]), "duplicate", "the parameter is given more than once")
                )
                continue
            if _BROKEN_TEXT.search(text):
                errors.append(_error(where, pointer([name]), "encoding", "the value is not UTF-8"))
                continue
            values[name] = _typed(parameter, self._schemas[name], text)
        if not self._validator.is_valid(values):
            errors += [
                _error(where, pointer(e.instance_path), rule(e), e.message)
                for e in self._validator.iter_errors(values)
            ]
        if errors:
            errors = _unskipped(errors, self._ruling.rules)
        if errors:
            raise _invalid(errors)
        defaults, rules = self._defaults, self._ruling.rules
        if "limit" in defaults and "limit" not in values and rules.default_limit:
            defaults = {**defaults, "limit": rules.default_limit}
        return defaults | values


def _typed(parameter: Parameter, schema: Mapping[str, Any], text: str) -> Any:
    """The value that the text stands for, or the text itself, which the schema then refuses."""
    kind = schema.get("type")
    if kind == "integer" and _INTEGER.fullmatch(text) and len(text) <= 20:
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "array":
        return text.split(",")
    return text


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """application/x-www-form-urlencoded. Bytes that are not UTF-8 become lone surrogates, for `read` to refuse."""
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


def _resolved(spec: Spec, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = spec.document["components"]["schemas"][name]
    return schema


def _compile(spec: Spec, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Compiled once a process: tests build many servers of one spec, and that is what a start costs most."""
    key = (spec.digest, msgspec.json.encode(schema))
    validator = _COMPILED.get(key)
    if validator is None:
        # Masked: a message never repeats what came, which may be a password.
        validator = jsonschema_rs.Draft202012Validator(
            standalone(spec, schema), validate_formats=True, mask="the value"
        )
        _COMPILED[key] = validator
    return validator


_COMPILED: dict[tuple[str, bytes], jsonschema_rs.Draft202012Validator] = {}


def _body_error(error: jsonschema_rs.ValidationError) -> Error:
    return _error("body", pointer(error.instance_path), rule(error), error.message)


def _error(where: str, at: str, broken: str, message: str) -> Error:
    # What came may be long or secret (a password in a login body): only its beginning is told back.
    return {"in": where, "pointer": at, "rule": broken, "message": message[:300]}


def _unskipped(errors: list[Error], rules: Rules) -> list[Error]:
    """The errors that count."""
    skipped = (*rules.validation_skips, *(("additionalProperties",) if rules.mass_assignment else ()))
    return [error for error in errors if error["rule"] not in skipped]


def _invalid(errors: list[Error]) -> Problem:
    first = errors[0]
    at = f" {first['pointer']}" if first["pointer"] else ""
    return Problem(
        "VALIDATION_FAILED",
        f"{first['in']}{at}: {first['message']}",
        details={"errors": errors[:_TOLD]},
    )
