"""What frameworks do by habit where their documents are silent (Express, NestJS): no red, and where our document forbids it, one cause."""

import copy
import hashlib
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from contracts.run.failure_groups import failure_groups
from contracts.spec import load
from contracts.spec.document import own_path
from contracts.suite.schemathesis.case_feeding import OperationTokens
from tests.suite.conftest import Suite, run_through_proxy
from tests.suite.mutating_proxy import Passing, Spoil

NUMBERS = itertools.count()


def own() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(own_path().read_text("utf-8")))


def silent() -> dict[str, Any]:
    """Our document as code writes it: no prose, problems whose members say nothing, and no header for the request's id."""
    document = own()
    del document["info"]["description"]
    schemas, parameters = document["components"]["schemas"], document["components"]["parameters"]
    text, free = {"type": "string"}, {"type": "object"}
    schemas["Problem"] = {"type": "object", "properties": {"code": text, "message": text, "details": free}}
    for name in ("ValidationProblem", "VersionConflictProblem"):
        schemas[name] = {"$ref": "#/components/schemas/Problem"}
    del parameters["RequestId"]
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "parameters" in operation:
                kept = [p for p in operation["parameters"] if not p.get("$ref", "").endswith("/RequestId")]
                operation["parameters"] = kept
    return document


def open_bodies() -> dict[str, Any]:
    """Our document without `additionalProperties: false` in requests: the validator refuses unknown members, and no decorator says so."""
    document = silent()
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("Request", "Options", "Operation", "Changes")):
            schema.pop("additionalProperties", None)
    return document


def unsupported(passing: Passing) -> Passing:
    told = {
        "type": "tag:tchat.com,2026:unsupported-media-type", "title": "Unsupported media type", "status": 415, "requestId": "r-1",
        "code": "UNSUPPORTED_MEDIA_TYPE", "detail": "UTF-8 alone", "message": "UTF-8 alone",
    }  # fmt: skip
    return replace(passing, status=415, headers={"Content-Type": "application/problem+json"}).with_json(told)


def opaque() -> dict[str, Any]:
    """The entity tag of an item has no form."""
    document = silent()
    document["components"]["headers"]["ETag"]["schema"] = {"type": "string"}
    return document


def without_304() -> dict[str, Any]:
    """The framework answers conditional reads by itself, so no decorator tells of them."""
    document = opaque()
    operation = document["paths"]["/content/items/{id}"]["get"]
    del operation["responses"]["304"]
    del operation["responses"]["200"]["headers"]["ETag"]
    operation["parameters"] = [p for p in operation["parameters"] if p.get("in") != "header"]
    return document


def without_codes() -> dict[str, Any]:
    """Errors are `{message}`, as `HttpException` makes them."""
    document = silent()
    error = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
    responses = [document["components"]["responses"]]
    responses += [
        operation["responses"]
        for item in document["paths"].values()
        for operation in item.values()
        if "responses" in operation
    ]
    for answer in (answer for named in responses for answer in named.values()):
        if "application/problem+json" in answer.get("content", {}):
            answer["content"] = {"application/json": {"schema": error}}
    return document


def details_of_its_own(passing: Passing) -> Passing:
    if passing.status != 400 or b'"details"' not in passing.body:
        return passing
    told = {"errors": [{"property": "x", "constraints": {"isString": "x must be a string"}}]}
    return passing.with_json(
        passing.json | {"type": "about:blank", "message": "Bad Request", "details": told}
    )


def no_details(passing: Passing) -> Passing:
    if passing.status < 400 or b'"details"' not in passing.body:
        return passing
    return passing.with_json({name: part for name, part in passing.json.items() if name != "details"})


def utf8_alone(passing: Passing) -> Passing:
    kind = next((v for k, v in passing.request_headers.items() if k.lower() == "content-type"), "")
    refused = "charset" in kind and "utf-8" not in kind and passing.status < 400
    return unsupported(passing) if refused else passing


def loose_paths(passing: Passing) -> Passing:
    plain = passing.path.rstrip("/").replace("/Content", "/content")
    if passing.status != 404 or plain == passing.path:
        return passing
    status, headers, body = passing.send(passing.method, plain, passing.sent)
    return replace(passing, status=status, headers=headers, body=body)


def ids_of_its_own(passing: Passing) -> Passing:
    if b'"requestId"' not in passing.body:
        return passing
    return passing.with_json(passing.json | {"requestId": f"r-{next(NUMBERS)}"})


def strict_addresses(passing: Passing) -> Passing:
    """validator.js refuses addresses that RFC 5321 allows."""
    if not passing.path.endswith("/auth/login") or passing.status != 401:
        return passing
    usual = re.fullmatch(r"[a-z0-9.-]+@[a-z0-9.-]+\.[a-z]+", json.loads(passing.sent)["email"])
    told = {"code": "VALIDATION_FAILED", "message": "email must be an email"}
    return passing if usual else replace(passing, status=400).with_json(told)


def opaque_tags(passing: Passing) -> Passing:
    headers = {name.lower(): value for name, value in passing.headers.items()}
    tag = headers.get("etag", "").replace('"v', '"x')
    asked = next((v for k, v in passing.request_headers.items() if k.lower() == "if-none-match"), "")
    held = passing.method == "GET" and tag and (asked == "*" or tag in asked)
    headers |= {"etag": f"W/{tag}"} if tag else {}
    return replace(passing, headers=headers, **({"status": 304, "body": b""} if held else {}))


def messages_alone(passing: Passing) -> Passing:
    if passing.status < 400 or b'"message"' not in passing.body:
        return passing
    headers = {
        k: "application/json" if k.lower() == "content-type" else v for k, v in passing.headers.items()
    }
    return replace(passing, headers=headers).with_json({"message": passing.json["message"]})


def exact_fractions(passing: Passing) -> Passing:
    """Seven digits and more are compared, and not cut off."""
    later = re.sub(r"(?<=\.)(\d{6})\d+(?=Z)", lambda found: f"{int(found[1]) + 1:06}", passing.path)
    if later == passing.path:
        return passing
    status, headers, body = passing.send(passing.method, later, passing.sent)
    return replace(passing, status=status, headers=headers, body=body)


def tags_of_bodies(passing: Passing) -> Passing:
    """The weak entity tags of Express, for every body."""
    if any(name.lower() == "etag" for name in passing.headers) or passing.method not in ("GET", "HEAD"):
        return passing
    body = passing.body or passing.send("GET", passing.path, b"")[2]
    tag = f'W/"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'
    return replace(passing, headers={**passing.headers, "ETag": tag})


HABITS: dict[str, tuple[Callable[[], dict[str, Any]], Spoil, str]] = {
    "details": (silent, details_of_its_own, "shape or keywords.exact or http.closed or http.idempotency-key-syntax or http.validation"),
    "no details": (silent, no_details, "shape or keywords.exact or http.closed or conflict-on-stale or races.one-winner"),
    "charset": (silent, utf8_alone, "http.media-type or fuzz.requests and createContentItem"),
    "paths": (silent, loose_paths, "http.unknown-routes"),
    "request ids": (silent, ids_of_its_own, "http.request-id or shape.problems"),
    "addresses": (silent, strict_addresses, "fuzzing-positive and login"),
    "opaque tags": (opaque, opaque_tags, "http.etag or not-modified or etag-of-version or revert.content or conditional-by-owner or if-match"),
    "conditional reads": (without_304, opaque_tags, "conditional-by-owner or shape.answers and getContentItem or http.etag"),
    "no codes": (without_codes, messages_alone, "bulk.same-as-single or bulk.all-fail"),
    "fractions": (silent, exact_fractions, "categories.dates-offsets or sync.instants"),
    "entity tags": (own, tags_of_bodies, "http.head"),
}  # fmt: skip


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_on_which_the_document_is_silent_is_no_red(suite: Suite, tmp_path: Path, habit: str) -> None:
    document, spoil, chosen = HABITS[habit]
    run = run_through_proxy(suite, tmp_path, document(), spoil, chosen)
    assert [(one.id, one.operation, one.reason) for one in run.checks if one.grade == "FAIL"] == []
    assert run.checks or run.not_applicable


@pytest.mark.parametrize("habit", ["details", "charset", "paths", "request ids", "opaque tags", "fractions"])
def test_where_our_document_speaks_it_is_red(suite: Suite, tmp_path: Path, habit: str) -> None:
    _, spoil, chosen = HABITS[habit]
    run = run_through_proxy(suite, tmp_path, own(), spoil, chosen)
    assert [one for one in run.checks if one.grade == "FAIL"]


def without_allow(passing: Passing) -> Passing:
    return replace(passing, headers={k: v for k, v in passing.headers.items() if k.lower() != "allow"})


def allow_without_options(passing: Passing) -> Passing:
    headers = {
        k: v.replace(", OPTIONS", "").replace("OPTIONS, ", "") if k.lower() == "allow" else v
        for k, v in passing.headers.items()
    }
    return replace(passing, headers=headers)


def no_405(passing: Passing) -> Passing:
    if passing.status != 405:
        return passing
    told = {
        "type": "tag:tchat.com,2026:route-not-found", "title": "Route not found", "status": 404, "requestId": "r-1",
        "code": "ROUTE_NOT_FOUND", "detail": "Cannot DELETE", "message": "Cannot DELETE",
    }  # fmt: skip
    return replace(passing, status=404, headers={"Content-Type": "application/problem+json"}).with_json(told)


ONE_CAUSE: dict[str, tuple[Callable[[], dict[str, Any]], Spoil, str, str]] = {
    "no Allow": (own, without_allow, "http.options", "got no Allow"),
    "Allow without OPTIONS": (own, allow_without_options, "http.options", "expected Allow: "),
    "no 405": (own, no_405, "http.method-not-allowed or coverage-negative and verifyToken", "where 405 is right"),
    "charset": (own, utf8_alone, "http.media-type", "answers 415 UNSUPPORTED_MEDIA_TYPE where"),
    "closed bodies": (open_bodies, lambda passing: passing,
        "(fuzz.requests or fuzzing-positive) and (createContentItem or archiveContent or revertContentVersion)",
        "refuses a member that its schema does not name, and the document allows all"),
}  # fmt: skip


@pytest.mark.parametrize("habit", ONE_CAUSE)
def test_what_a_framework_does_everywhere_is_one_cause(suite: Suite, tmp_path: Path, habit: str) -> None:
    document, spoil, chosen, cause = ONE_CAUSE[habit]
    groups = failure_groups(run_through_proxy(suite, tmp_path, document(), spoil, chosen).checks)
    assert len(groups) == 1 and cause in groups[0].text, [group.text for group in groups]
    assert len(groups[0].results) > 4


@pytest.mark.parametrize(("status", "spent"), [(200, True), (201, True), (204, True), (401, False)])
@pytest.mark.parametrize("operation", ["logout", "refreshTokens"])
def test_a_token_is_spent_by_any_success(operation: str, status: int, spent: bool) -> None:
    """NestJS answers each POST with 201."""
    names = map(str, itertools.count())
    accounts: Any = SimpleNamespace(
        login=lambda role: SimpleNamespace(access=next(names), refresh=next(names))
    )
    tokens = OperationTokens(accounts, load())
    first = tokens.of(operation)
    tokens.spent(operation, status)
    assert (tokens.of(operation) != first) is spent
