"""The check of a response against the shape that the document gives it.

    violations(spec, operation, status, headers, body)   -> all violations of one response

Each violation names a JSON pointer, the rule (a schema keyword, or `status`, `media-type`, `header`) and the actual value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import msgspec

from contracts.command.redaction import TOKEN, replaced, tokens_in
from contracts.json_text import JsonError, has_lone_surrogate, value_of
from contracts.spec import DocumentedResponse, Operation, Spec

PROBLEM = "application/problem+json"

RANGES: Mapping[str, int] = MappingProxyType({"int32": 2**31 - 1, "int64": 2**63 - 1})
"""The greatest number of each format of integers (OpenAPI, Data Types)."""
LONG = 4 << 20
"""The size in bytes above which the violations of a response are not listed one by one, because the validator copies the body for each:
16 MiB become 600. No page of this API needs to be so long."""
NOT_DESCRIBED = "that are not what the schema describes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One violation of the document by a response. `place` is `body`, `header` or `status`; `pointer` is a JSON pointer into the body
    or the name of a header."""

    place: str
    pointer: str
    rule: str
    message: str

    def __str__(self) -> str:
        at = f" at {self.pointer}" if self.pointer else ""
        return f"{self.place}{at}: {self.message} [{self.rule}]"


LONG_URL = 100
LONE_SURROGATE = (
    "the body has an escaped lone surrogate, which many readers refuse (RFC 8259, 8.2), Swift's among them"
)
"""It is JSON by its grammar, and no text: one item with it makes each list that has it unreadable."""


def is_unlisted_304(operation: Operation, status: int, request_headers: Iterable[str]) -> bool:
    """Whether an answer is a 304 to a condition of the request, where the document lists none: it is HTTP's own (RFC 9110, 13.1.2), and
    frameworks give it of themselves (Express to every GET)."""
    asked = any(name.lower() == "if-none-match" for name in request_headers)
    return status == 304 and asked and operation.response_to(status) is None


def is_unlisted_414(operation: Operation, status: int, url: str) -> bool:
    """Whether an answer refuses a long URL, where the document lists no 414: how long one may be is every server's own affair (RFC 9110, 15.5.15;
    Fastify takes 100 characters of a path parameter)."""
    return status == 414 and len(url) > LONG_URL and operation.response_to(status) is None


def violations(
    spec: Spec, operation: Operation, status: int, headers: Mapping[str, str], body: bytes
) -> tuple[Violation, ...]:
    """All violations of one response of an operation. Header names may have any case."""
    answer = operation.response_to(status)
    if answer is None:
        documented = ", ".join([*map(str, sorted(operation.answers)), *operation.ranges])
        return (_v("status", "", "status", f"{status} is not documented; documented are {documented}"),)
    lower = {name.lower(): value for name, value in headers.items()}
    return (*_header_violations(spec, answer, lower), *_body_violations(spec, answer, lower, body))


def _header_violations(spec: Spec, answer: DocumentedResponse, headers: Mapping[str, str]) -> list[Violation]:
    found = []
    for header in answer.headers:
        value = headers.get(header.name.lower())
        if value is None:
            if header.required:
                found.append(
                    _v("header", header.name, "required", f"the header is missing on {answer.status}")
                )
            continue
        validator = compile_schema(spec, header.schema)
        if not any(validator.is_valid(reading) for reading in readings(value)):
            reason = next(iter(validator.iter_errors(value))).message
            found.append(_v("header", header.name, "schema", reason))
    return found


def readings(value: str) -> list[Any]:
    """The values that a header or parameter may stand for: its text and, if it looks like one, an integer or boolean."""
    readings: list[Any] = [value]
    if re.fullmatch(r"-?\d+", value):
        readings.append(int(value))
    elif value in ("true", "false"):
        readings.append(value == "true")
    return readings


def _body_violations(
    spec: Spec, answer: DocumentedResponse, headers: Mapping[str, str], body: bytes
) -> list[Violation]:
    if not answer.media_types:
        # An error without content in the document may have a body: frameworks send one that they do not document. A redirect has a short
        # note for people (RFC 9110, 15.4).
        if body and (answer.status < 300 or answer.status == 304):
            return [_v("body", "", "empty", f"{answer.status} has no body, but {len(body)} bytes came")]
        return []
    media = media_type(headers.get("content-type"))
    ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
    schema = next((answer.media_types[each] for each in ranges if each in answer.media_types), None)
    if schema is None:
        documented = ", ".join(answer.media_types)
        came = media or "no Content-Type"
        return [_v("header", "Content-Type", "media-type", f"{came}; documented is {documented}")]
    try:
        # What is not JSON may have another charset or none; its bytes stand for their characters.
        value = value_of(body) if media.endswith("json") else body.decode("utf-8", "replace")
    except JsonError as error:
        if has_lone_surrogate(body):
            return [_v("body", "", "json", LONE_SURROGATE)]
        return [_v("body", "", "json", f"the body is not JSON: {error}")]
    validator = compile_schema(spec, schema)
    if len(body) > LONG:
        size_note = f"{len(body):,} bytes {NOT_DESCRIBED}"
        return [] if validator.is_valid(value) else [_v("body", "", "schema", size_note)]
    found = [
        _v("body", pointer(error.instance_path), rule(error), error.message)
        for error in validator.iter_errors(value)
    ]
    if not found:
        return found
    secrets = {token: TOKEN for _, token in tokens_in(value)}
    return [replace(each, message=replaced(each.message, secrets)) for each in found]


def media_type(header: str | None) -> str:
    """The media type in lower case, without parameters; empty without a header."""
    return (header or "").partition(";")[0].strip().lower()


def pointer(path: list[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def rule(error: jsonschema_rs.ValidationError) -> str:
    """The schema keyword that failed: the last name in the schema path that is not an index."""
    return next((str(p) for p in reversed(error.schema_path) if isinstance(p, str)), "schema")


def _v(place: str, where: str, broken: str, message: str) -> Violation:
    return Violation(place=place, pointer=where, rule=broken, message=message)


def compile_schema(spec: Spec, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema of the document, compiled once, which resolves `$ref`s in the document."""
    content = msgspec.json.encode(schema)
    validator = spec.validators.get(content)
    if validator is None:
        validator = jsonschema_rs.Draft202012Validator(standalone(spec, schema), validate_formats=True)
        spec.validators[content] = validator
    return validator


def compile_ranged(spec: Spec, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema in which a numeric `format` is a range, as for most readers, who read `int32` into 32 bits."""
    content = b"ranged " + msgspec.json.encode(schema)
    validator = spec.validators.get(content)
    if validator is None:
        whole = with_ranges(standalone(spec, schema))
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        spec.validators[content] = validator
    return validator


def with_ranges(schema: Any) -> Any:
    """A schema with the bounds that the numeric formats of OpenAPI mean."""
    if isinstance(schema, list):
        return [with_ranges(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: with_ranges(part) for name, part in schema.items()}
    most = RANGES.get(str(schema.get("format")))
    if most is not None and "type" in schema:
        found["minimum"] = max(found.get("minimum", ~most), ~most)
        found["maximum"] = min(found.get("maximum", most), most)
    return found


def standalone(spec: Spec, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema together with all components, so that any JSON Schema validator can resolve its `$ref`s."""
    components = {"components": {"schemas": spec.document.get("components", {}).get("schemas", {})}}
    if "$ref" in schema:
        return {"allOf": [dict(schema)], **components}
    return {**schema, **components}
