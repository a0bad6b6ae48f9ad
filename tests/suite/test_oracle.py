"""The oracle and the mutators against python's jsonschema: two engines, one verdict on every sample."""

import json
import random
from typing import Any

import pytest

from contracts.dialect.example_request import example_request
from contracts.schema import compile_schema
from contracts.spec import load as load_spec
from contracts.spec import parse
from contracts.suite.api.successful_requests import METRICS
from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.client.request_builder import encode
from contracts.suite.judging.request_oracle import ExpectedStatus, RequestOracle, read_json
from contracts.suite.judging.schema_keywords import cells_of, visits
from contracts.suite.programs.complete_body import completed
from contracts.suite.programs.keyword_variants import variants
from contracts.suite.programs.request_mutation import Mutator
from tests.suite.foreign.foreign_document import document

SPEC = load_spec()
FULL = {
    "title": "t",
    "body": "b",
    "category": None,
    "tags": ["a"],
    "platforms": ["web", "ios"],
    "metadata": {"k": "v"},
}
BASES = {
    "createContentItem": FULL,
    "updateContentItem": {"version": 1, **FULL},
    "publishContent": {"notify": True, "platforms": ["web"]},
    "archiveContent": {"reason": "r"},
    "revertContentVersion": {"versionId": "x", "createBackup": True},
    "bulkUpdateContent": {
        "operations": [
            {"type": "update", "id": "a", "version": 1, "data": FULL},
            {"type": "publish", "id": "b", "data": {"notify": True, "platforms": ["web"]}},
            {"type": "archive", "id": "c", "data": {"reason": "r"}},
        ]
    },
    "login": {"email": "a@b.example", "password": "p", "deviceId": "d", "platform": "ios"},
    "ingestMetrics": {**METRICS, "session": {**METRICS["session"], "userId": "u"}},
}  # fmt: skip


@pytest.mark.parametrize("operation", BASES)
def test_two_engines_agree_on_mutants_of_every_body(operation: str) -> None:
    spec = SPEC[operation]
    oracle, mutator = RequestOracle(SPEC), Mutator(SPEC, random.Random(f"mutants of {operation}"))
    sides = set()
    for _ in range(150):
        body = mutator.body(spec, BASES[operation])
        if len(body) > 200_000:
            continue
        request = HttpRequest(
            method=spec.method,
            url=f"http://h{spec.path}",
            headers={"Content-Type": "application/json"},
            body=body,
        )
        broken = oracle.broken(spec, request, {})
        assert oracle.second_opinion(spec, request, {}) == (not broken), (body[:300], broken)
        sides.add(bool(broken))
    assert sides == {True, False}


@pytest.mark.parametrize(
    "operation", ["getContentItems", "getContentByCategory", "syncContent", "getContentVersions"]
)
def test_two_engines_agree_on_mutants_of_every_query(operation: str) -> None:
    spec = SPEC[operation]
    oracle, mutator = RequestOracle(SPEC), Mutator(SPEC, random.Random(f"queries of {operation}"))
    base = {"lastSyncTimestamp": "2099-01-01T00:00:00Z"} if operation == "syncContent" else {}
    sides = set()
    for _ in range(400):
        request = HttpRequest(method="GET", url=f"http://h{spec.path}?{mutator.query(spec, base)}")
        broken = oracle.broken(spec, request, {})
        if "missing" not in broken:
            assert oracle.second_opinion(spec, request, {}) == (not broken), (request.url, broken)
        sides.add(bool(broken))
    assert sides == {True, False}


@pytest.mark.parametrize("operation", BASES)
def test_keyword_variants_reach_both_sides_of_every_keyword(operation: str) -> None:
    body = SPEC[operation].body
    assert body is not None
    schema = next(iter(body.media_types.values()))
    reached = {
        cell
        for variant in variants(SPEC, schema, BASES[operation])
        for cell in visits(SPEC, schema, variant.body)
    }
    assert [cell for cell in cells_of(SPEC, schema) if cell not in reached] == []


@pytest.mark.parametrize("operation", BASES)
def test_an_example_is_completed_until_every_keyword_can_be_varied(operation: str) -> None:
    """What the author of a document shows has seldom every member, and what is never varied makes a run UNKNOWN."""
    body = SPEC[operation].body
    assert body is not None
    schema = next(iter(body.media_types.values()))
    whole = completed(SPEC, schema, example_request(SPEC, SPEC[operation]).body)
    varied = variants(SPEC, schema, whole)
    reached = {cell for variant in varied for cell in visits(SPEC, schema, variant.body)}
    assert [cell for cell in cells_of(SPEC, schema) if cell not in reached] == []
    assert completed(SPEC, schema, BASES[operation]) == BASES[operation]


def test_what_cannot_be_completed_is_left_as_it_is() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": False}}
    assert completed(SPEC, schema, {"a": "x"}) == {"a": "x"}


@pytest.mark.parametrize("operation", BASES)
def test_a_broken_variant_is_broken_and_the_base_is_not(operation: str) -> None:
    body = SPEC[operation].body
    assert body is not None
    schema = next(iter(body.media_types.values()))
    validator = compile_schema(SPEC, schema)
    assert validator.is_valid(BASES[operation])
    broken = [v for v in variants(SPEC, schema, BASES[operation]) if not v.valid]
    assert broken
    assert [v for v in broken if validator.is_valid(v.body)] == []


@pytest.mark.parametrize(
    "composed",
    [
        pytest.param(lambda schema: {"allOf": [schema], "minProperties": 1}, id="allOf beside a keyword"),
        pytest.param(lambda schema: {"allOf": [{"allOf": [schema]}]}, id="allOf in allOf"),
        pytest.param(lambda schema: {"anyOf": [{"type": "array"}, schema]}, id="anyOf"),
        pytest.param(
            lambda schema: {"oneOf": [{"type": "array"}, schema]}, id="oneOf that no member decides"
        ),
    ],
)
@pytest.mark.parametrize("operation", BASES)
def test_keywords_are_varied_inside_compositions(operation: str, composed: Any) -> None:
    body = SPEC[operation].body
    assert body is not None
    schema = next(iter(body.media_types.values()))
    plain = {(v.where, v.keyword, v.valid) for v in variants(SPEC, schema, BASES[operation])}
    varied = variants(SPEC, composed(schema), BASES[operation])
    assert plain and plain <= {(v.where, v.keyword, v.valid) for v in varied}


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        pytest.param(b'{"a":1}', True, id="object"),
        pytest.param(b'{"a":1,"a":2}', True, id="same-name-twice"),
        pytest.param(b'"\\ud83d\\ude00"', True, id="surrogate-pair"),
        pytest.param(b'"\\ud800"', False, id="lone-surrogate"),
        pytest.param(b"NaN", False, id="nan"),
        pytest.param(b"-Infinity", False, id="infinity"),
        pytest.param(b"\xef\xbb\xbf{}", False, id="byte-order-mark"),
        pytest.param(b'"\xff"', False, id="not-utf-8"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"{} {}", False, id="two-values"),
        pytest.param(b"[" * 100_000, False, id="too-deep"),
    ],
)
def test_what_is_json(body: bytes, fine: bool) -> None:
    if fine:
        read_json(body)
    else:
        with pytest.raises(ValueError):
            read_json(body)


@pytest.mark.parametrize(
    ("judged", "status", "wrong"),
    [
        pytest.param(ExpectedStatus(400, "x"), 400, False, id="broken-refused"),
        pytest.param(ExpectedStatus(400, "x"), 200, True, id="broken-accepted"),
        pytest.param(ExpectedStatus(400, "x"), 409, True, id="broken-called-a-conflict"),
        pytest.param(ExpectedStatus(400, "x"), 500, True, id="broken-crashes"),
        pytest.param(ExpectedStatus(None), 201, False, id="kept-accepted"),
        pytest.param(ExpectedStatus(None), 409, False, id="kept-in-conflict"),
        pytest.param(ExpectedStatus(None), 400, True, id="kept-refused"),
        pytest.param(ExpectedStatus(None), 500, True, id="kept-crashes"),
        pytest.param(ExpectedStatus(415), 415, False, id="media-type"),
        pytest.param(ExpectedStatus(415), 400, True, id="media-type-judged-late"),
    ],
)
def test_what_a_status_is_worth(judged: ExpectedStatus, status: int, wrong: bool) -> None:
    assert bool(RequestOracle(SPEC).wrong(SPEC["createContentItem"], judged, status)) == wrong


def test_the_order_of_judgement() -> None:
    oracle, spec = RequestOracle(SPEC), SPEC["updateContentItem"]
    headers = {"Content-Type": "application/json"}
    bad = HttpRequest(method="PUT", url="http://h/content/items/x", headers=headers, body=encode({}))
    assert oracle.judge(spec, bad, {"id": "x"}, exists=False).status == 404
    assert oracle.judge(spec, bad, {"id": "x"}).status == 400
    plain = HttpRequest(method="PUT", url=bad.url, headers={"Content-Type": "text/plain"}, body=b"{}")
    assert oracle.judge(spec, plain, {"id": "x"}).status == 415
    long = HttpRequest(method="PUT", url=bad.url, headers={}, body=b" " * 2_000_000)
    assert oracle.judge(spec, long, {"id": "x"}).status == 413


@pytest.mark.parametrize(
    ("operation", "body", "kind", "judged"),
    [
        ("create_post", b'\xef\xbb\xbf{"title":"x"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("create_post", b'{"title":"x"}', "application/xml", ExpectedStatus(None, ambiguous=True)),
        ("create_post", b'{"title":"x"}', "application/json", ExpectedStatus(None)),
        ("create_post", b"", "application/json", ExpectedStatus(400)),
        ("create_post", b'{"title":"x","more":"\\ud800"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("create_post", b'{"title":"x","more":"\\ud83d\\ude00"}', "application/json", ExpectedStatus(None)),
        ("optional", b"", "application/json", ExpectedStatus(None)),
        ("signed", b'{"email":"ada@b.example"}', "application/json", ExpectedStatus(None)),
        ("signed", b'{"email":"a@b"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", '{"email":"ä@b.example"}'.encode(), "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", b'{"email":"@"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", b'{"email":"a@b.com","at":"2026-01-28T23:59:59Z"}', "application/json", ExpectedStatus(None)),
        ("signed", b'{"email":"a@b.com","at":"2026-13-01T00:00:00Z"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", b'{"email":"a@b.com","at":"2026-02-30T00:00:00Z"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", b'{"email":"a@b.com","at":"2026-01-01T24:00:00Z"}', "application/json", ExpectedStatus(None, ambiguous=True)),
        ("signed", b'{"email":1}', "application/json", ExpectedStatus(400)),
        ("signed", b'{}', "application/json", ExpectedStatus(400)),
    ],
)  # fmt: skip
def test_what_a_framework_decides_by_itself_is_left_open(
    operation: str, body: bytes, kind: str, judged: ExpectedStatus
) -> None:
    theirs = document()
    create = theirs["paths"]["/v1/content/items"]["post"]
    theirs["paths"]["/v1/optional"] = {"post": create | {"operationId": "optional", "requestBody": create["requestBody"] | {"required": False}}}  # fmt: skip
    signed = {
        "type": "object",
        "required": ["email"],
        "properties": {
            "email": {"type": "string", "format": "email"},
            "at": {"type": "string", "format": "date-time"},
        },
    }
    body_of = {"required": True, "content": {"application/json": {"schema": signed}}}
    theirs["paths"]["/v1/signed"] = {"post": create | {"operationId": "signed", "requestBody": body_of}}
    spec = parse(json.dumps(theirs).encode())
    request = HttpRequest(method="POST", url="http://h/v1/x", headers={"Content-Type": kind}, body=body)
    got = RequestOracle(spec).judge(spec[operation], request, {})
    assert (got.status, got.ambiguous) == (judged.status, judged.ambiguous)


COMMENT = {"$ref": "#/components/schemas/Comment"}
TEXT = {"type": "string", "maxLength": 5}


@pytest.mark.parametrize(
    ("comment", "cells"),
    [
        ({"type": "object", "properties": {"text": TEXT, "replies": {"type": "array", "items": COMMENT}}}, 8),
        ({"type": "object", "additionalProperties": COMMENT, "maxProperties": 2}, 4),
        (
            {
                "oneOf": [
                    {"properties": {"kind": {"const": "text"}, "text": TEXT}},
                    {"properties": {"kind": {"const": "quote"}, "of": COMMENT}},
                ]
            },
            4,
        ),
        (COMMENT, 0),
    ],
    ids=["list", "map", "choice", "circle"],
)
def test_a_schema_that_stands_inside_of_itself_has_the_cells_of_one_and_has_mutants(
    comment: dict[str, Any], cells: int
) -> None:
    body = {"content": {"application/json": {"schema": COMMENT}}}
    comments = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/comments": {"post": {"requestBody": body, "responses": {}}}},
        "components": {"schemas": {"Comment": comment}},
    }
    spec = parse(json.dumps(comments).encode(), name="comments.json")
    (operation,) = spec
    assert operation.body is not None
    assert len(cells_of(spec, operation.body.media_types["application/json"])) == cells
    mutator = Mutator(spec, random.Random("mutants of a comment"))
    assert len({mutator.body(operation, {"k": {}}) for _ in range(200)}) > 20
