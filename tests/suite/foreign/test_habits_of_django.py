"""What a framework does where a document is silent: Django answers OPTIONS with 200, judges the token before the method, makes entity tags of
bodies for GET alone, and has no page past the end. None of it is a failure."""

import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from contracts.dialect import dialect_of
from contracts.dialect.fitted_request import fitted, with_their_ids
from contracts.run import parse
from contracts.spec import Spec, canonical, load
from contracts.spec import parse as parse_document
from contracts.spec.document import own_path
from contracts.suite.api.absent_ids import absent_id
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.judging import status_offence
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.schemathesis.case_feeding import KnownIds, feed
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.foreign.foreign_document import COUNT, document, record
from tests.suite.mutating_proxy import Passing, mutating

CHECKS = "http.options or http.method-not-allowed or http.head or past-the-end or empty-list or pagination-agrees or own-origin or shape.options"


def _of_django(passing: Passing) -> Passing:
    fields = {name.lower(): text for name, text in passing.request_headers.items()}
    if passing.method == "OPTIONS":
        return replace(passing, status=200, headers={**passing.headers, "Content-Type": "application/json"}, body=b"{}")  # fmt: skip
    if passing.status == 405 and "authorization" not in fields:
        return replace(passing, status=401)
    reads = passing.path.partition("?")[0]
    if reads.endswith("/content/items") and passing.status == 200 and passing.method in ("GET", "HEAD"):
        told = {"ETag": '"0123"'} if passing.method == "GET" else {}
        passing = replace(passing, headers={**passing.headers, **told})
        pages = passing.json["data"]["pagination"] if passing.method == "GET" else {"page": 1}
        if pages["page"] > max(1, pages.get("totalPages", 1)):
            return replace(passing, status=404, headers={}, body=b"")
    return passing


def _silent(folder: Path) -> Path:
    theirs = yaml.safe_load(own_path().read_text("utf-8"))
    theirs["info"]["description"] = "What our framework has written."
    listing = theirs["paths"]["/content/items"]["get"]
    listing["responses"]["404"] = {"description": "There is no such page."}
    path = folder / "theirs.yaml"
    path.write_text(yaml.safe_dump(theirs, sort_keys=False), "utf-8")
    return path


def test_no_habit_is_a_failure(suite: Suite, tmp_path: Path) -> None:
    words = ("--spec", str(_silent(tmp_path)))
    out = tmp_path / "run.json"
    with embedded_server(*words) as server, mutating(server.url, _of_django) as target:
        suite(*words, "--target", target, "-k", CHECKS, "--run-out", str(out))
    run = parse(out.read_bytes(), name=out.name)
    assert [(one.id, one.operation, one.reason) for one in run.checks if one.grade != "PASS"] == []
    told = {one.reason for one in run.not_applicable}
    assert "the document does not say how OPTIONS is answered" in told
    assert "the document has a 404 of getContentItems, perhaps for a page past the end" in told


def _is_open(spec: Spec, body: bytes) -> bool:
    operation = spec["createContentItem"]
    headers = {"Content-Type": "application/json"}
    request = HttpRequest(method="POST", url=f"http://h{operation.path}", headers=headers, body=body)
    return RequestOracle(spec).judge(operation, request, {}).ambiguous


def test_what_becomes_of_an_unknown_category_is_open_where_no_document_says_it(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps(document()))
    named, none = b'{"title":"x","category":"news"}', b'{"title":"x","category":null}'
    assert [_is_open(load(theirs), body) for body in (named, none, b'{"title":"x"}')] == [True, False, False]
    assert [_is_open(canonical(), body) for body in (named, none)] == [False, False]


@pytest.mark.parametrize(
    ("told", "blamed"),
    [
        ({"category": ["Object with slug=no does not exist."]}, False),
        ({"message": "zzzz: unknown field"}, True),
        ({"details": {"errors": [{"pointer": "/a~1b"}]}}, True),
        ({"message": "The q is no x"}, False),
        ([], False),
    ],
)
def test_a_refusal_is_put_down_to_an_unnamed_member_where_it_speaks_of_one(told: Any, blamed: bool) -> None:
    sent = b'{"title":"x","category":"no","zzzz":1,"a/b":2,"q":3}'
    request = HttpRequest(method="POST", url="http://h/api/content/items", body=sent)
    exchange = Exchange(
        operation="", request=request, status=400, headers={}, body=json.dumps(told).encode(), sent=0, done=1
    )
    recorder: Any = SimpleNamespace(spec=canonical())
    assert (
        status_offence._tells_unnamed_member(canonical()["createContentItem"], exchange, recorder) == blamed
    )


def test_load_asks_for_the_first_page_where_a_page_may_be_missing(tmp_path: Path) -> None:
    asked = (("page", "3"), ("limit", "20"))
    for answers, page in (({}, "3"), ({"404": {"description": "no such page"}}, "1")):
        theirs = document()
        theirs["paths"]["/v1/content/items"]["get"]["responses"] |= answers
        path = tmp_path / f"{page}.json"
        path.write_text(json.dumps(theirs))
        dialect = dialect_of(load(path))
        assert dialect is not None
        assert fitted(dialect, "getContentItems", asked, (), None).query == (("page", page), ("limit", "20"))


def test_numbers_as_ids_are_sent_as_numbers(tmp_path: Path) -> None:
    theirs = document()
    body = theirs["paths"]["/v1/content/items/{id}/revert"]["post"]["requestBody"]["content"][
        "application/json"
    ]
    body["schema"] = record(versionId=COUNT)
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs))
    for spec, sent in ((load(path), {"versionId": 7}), (canonical(), {"versionId": "7"})):
        dialect = dialect_of(spec)
        assert with_their_ids(dialect, "revertContentVersion", {"versionId": "7"}) == sent
        known = KnownIds(["a"], {"a": ["7"]}, {"a": 1}, [], dialect)
        meta = SimpleNamespace(is_negative_at=lambda place: False)
        case = SimpleNamespace(meta=meta, path_parameters={"id": "a"}, body={"versionId": sent["versionId"]})
        feed(case, "revertContentVersion", known, Random(1))
        assert case.body == sent


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "string"}, r"none-a\d"),
        ({"type": "string", "format": "uuid"}, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ({"type": "integer"}, r"21[0-9]{8}"),
    ],
)
def test_an_absent_id_has_the_form_of_ids(schema: dict[str, str], form: str) -> None:
    theirs = yaml.safe_load(own_path().read_text("utf-8"))
    theirs["components"]["parameters"]["ItemId"]["schema"] = schema
    spec = parse_document(json.dumps(theirs).encode())
    first, second = absent_id(spec, "a1"), absent_id(spec, "a2")
    assert first != second and first == absent_id(spec, "a1")
    assert re.fullmatch(form, first) and re.fullmatch(form, second)
