"""What Spring writes by habit, in the words of ours and back: `Pageable` from 0 and `Page<T>`, words in upper case, sets, integers of 32 bits."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.dialect import Dialect
from contracts.dialect.fitted_request import canonical_body, fitted, refuse_unpromised, without_refused
from contracts.model.unpromised import UnpromisedError
from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.judging.request_oracle import RequestOracle
from tests.contracts.dialect.test_other_shapes import _dialect
from tests.suite.foreign.foreign_document import COUNT, FLAG, ITEM, TEXT, answer, data, many, record

ITEMS, ONE, BULK = "/v1/content/items", "/v1/content/items/{id}", "/v1/content/items/bulk"
WORDS = {"enum": ["DRAFT", "PUBLISHED", "ARCHIVED"]}
SET = {**many(TEXT), "uniqueItems": True}
ROW = record(*ITEM["properties"], **{**ITEM["properties"], "status": WORDS, "tags": SET})
TOLD = {"totalElements": COUNT, "totalPages": COUNT, "number": COUNT, "size": COUNT}
PAGE = record("first", "last", "content", *TOLD, content=many(ROW), first=FLAG, last=FLAG, **TOLD)
MODEL = record("content", content=many(ROW), page=record(**TOLD))
SORT = {**many(TEXT), "default": ["updatedAt,DESC"]}


def pageable(first: int) -> list[dict[str, Any]]:
    schemas = {
        "page": {**COUNT, "minimum": first, "default": first},
        "size": {**COUNT, "minimum": 1, "default": 20},
        "sort": SORT,
        "status": WORDS,
        "search": TEXT,
    }
    return [{"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()]


def of_spring(theirs: Any, schema: Any = PAGE, first: int = 0) -> None:
    listing = theirs["paths"][ITEMS]["get"]
    listing["responses"]["200"] = answer(data(schema))
    listing["parameters"] = pageable(first)
    listing["responses"]["404"] = answer(record(message=TEXT))
    reading = theirs["paths"][ONE]["get"]
    reading["responses"]["200"] = answer(data(ROW))
    reading["parameters"][-1] |= {"name": "version", "schema": {**COUNT, "format": "int32"}}
    for path, method in ((ITEMS, "post"), (ONE, "put")):
        body = theirs["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        body["properties"] |= {"category": TEXT, "platforms": many({"enum": ["WEB", "IOS", "ANDROID"]})}
    change = theirs["paths"][BULK]["post"]["requestBody"]["content"]["application/json"]["schema"]
    change["properties"]["operations"]["items"]["properties"]["type"] = {"enum": ["UPDATE", "PUBLISH", "ARCHIVE"]}  # fmt: skip


@pytest.fixture
def spring(tmp_path: Path) -> Dialect:
    return _dialect(tmp_path, of_spring)


def _page(dialect: Dialect, told: Any) -> Any:
    return dialect.answer("getContentItems", 200, {}, json.dumps({"data": told}).encode()).value["data"]


NUMBERS = {"totalElements": 41, "totalPages": 3, "number": 1, "size": 20}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("schema", [PAGE, MODEL])
def test_a_page_of_spring_data_is_a_page_of_ours(tmp_path: Path, schema: Any, first: int) -> None:
    """`number` begins at 0, also where the parameter begins at 1 (`one-indexed-parameters`)."""
    dialect = _dialect(tmp_path, lambda theirs: of_spring(theirs, schema, first))
    told = (
        {"content": [{"id": "a", "status": "DRAFT"}], "first": False, "last": False, **NUMBERS}
        if schema is PAGE
        else {"content": [{"id": "a", "status": "DRAFT"}], "page": NUMBERS}
    )
    found = _page(dialect, told)
    assert [(row["id"], row["status"]) for row in found["data"]] == [("a", "draft")]
    assert [found["pagination"][name] for name in ("total", "totalPages", "page", "limit")] == [41, 3, 2, 20]
    if schema is PAGE:
        assert (found["pagination"]["hasNext"], found["pagination"]["hasPrev"]) == (True, True)
    else:
        with pytest.raises(UnpromisedError, match="hasNext"):
            bool(found["pagination"]["hasNext"])
    assert fitted(dialect, "getContentItems", (("page", "1"),), (), None).query == (("page", str(first)),)


def test_an_empty_page_has_none_before_it_and_one_without_a_list_an_empty_one(spring: Dialect) -> None:
    empty = {"totalElements": 0, "totalPages": 0, "number": 1, "size": 5, "first": False, "last": True}
    found = _page(spring, {"content": [], **empty})
    assert (found["pagination"]["hasPrev"], found["pagination"]["hasNext"]) == (False, False)
    assert _page(spring, empty)["data"] == []


def test_a_pageable_is_asked_in_its_own_words(spring: Dialect) -> None:
    listing = spring.theirs["getContentItems"]
    asked = {"page": 3, "limit": 5, "sortBy": "title", "sortOrder": "asc", "status": "draft"}
    sent = spring.queries.sent(asked, listing)
    assert sent == {"page": 2, "size": 5, "status": "DRAFT", "sort": "title,asc"}
    assert spring.queries.sent({"sortOrder": "asc"}, listing) == {"sort": "updatedAt,asc"}
    assert spring.queries.sent({"page": 1}, listing) == {"page": 0}
    text = spring.queries.sent_text("limit=5&sortBy=title&page=1", spring.ours["getContentItems"], listing)
    assert text == "size=5&page=0&sort=title,desc"
    told = "sort=title%2Casc&page=2&size=5&status=DRAFT"
    assert spring.queries.canonical(told) == "sortBy=title&sortOrder=asc&page=3&limit=5&status=draft"
    assert spring.queries.canonical("sort=title") == "sortBy=title&sortOrder=asc"
    query = fitted(spring, "getContentItems", (("sortBy", "title"), ("page", "2")), (), None).query
    # Beside a 404, which may be that of a page past the end, load asks for the first page.
    assert query == (("page", "0"), ("sort", "title,desc"))
    refuse_unpromised(spring, "getContentItems", {"sortBy": "title"}, ..., None)
    with pytest.raises(UnpromisedError, match="allows sortBy=x"):
        refuse_unpromised(spring, "getContentItems", {"sortBy": "x"}, ..., None)


def test_a_pageable_that_is_one_parameter_is_three_on_the_wire(tmp_path: Path) -> None:
    """springdoc without `@ParameterObject`: no default, and `required` of an object of which nothing is."""

    def change(theirs: Any) -> None:
        of_spring(theirs)
        members = {each["name"]: {**each["schema"]} for each in pageable(0)[:3]}
        for member in members.values():
            member.pop("default")
        theirs["components"] = {"schemas": {"Pageable": {"type": "object", "properties": members}}}
        schema = {"$ref": "#/components/schemas/Pageable"}
        theirs["paths"][ITEMS]["get"]["parameters"] = [{"name": "pageable", "in": "query", "required": True, "schema": schema}]  # fmt: skip

    dialect = _dialect(tmp_path, change)
    asked = (("page", "1"), ("limit", "5"), ("sortBy", "title"))
    query = fitted(dialect, "getContentItems", asked, (), None).query
    assert query == (("page", "0"), ("size", "5"), ("sort", "title,desc"))
    assert not any(parameter.required for parameter in dialect.theirs["getContentItems"].parameters)


def test_what_is_no_pageable_is_left_alone(tmp_path: Path) -> None:
    def change(theirs: Any) -> None:
        of_spring(theirs)
        listing = theirs["paths"][ITEMS]["get"]
        listing["parameters"] = [p for p in listing["parameters"] if p["name"] != "size"]
        listing["parameters"][0]["schema"] = {**COUNT, "minimum": 0}

    dialect = _dialect(tmp_path, change)
    assert (dialect.parameters, dialect.first_page) == ({}, 1)
    declared = _dialect(tmp_path, lambda t: (change(t), t["x-dialect"].update({"firstPage": 0})))
    assert declared.queries.canonical("page=0") == "page=1"


def test_listed_words_are_sent_as_the_target_spells_them_and_read_back(spring: Dialect) -> None:
    operations = [
        {"type": "update", "id": "a", "version": 1, "data": {"title": "update"}},
        {"type": "archive", "id": "a"},
    ]
    sent = spring.body("bulkUpdateContent", {"operations": operations})
    assert [each["type"] for each in sent["operations"]] == ["UPDATE", "ARCHIVE"]
    assert sent["operations"][0]["data"] == {"title": "update"}
    back = json.loads(canonical_body(spring, "bulkUpdateContent", json.dumps(sent).encode()))
    assert back == {"operations": operations}
    refuse_unpromised(spring, "bulkUpdateContent", None, {"operations": operations}, None)
    made = spring.body("createContentItem", {"title": "t", "platforms": ["ios"]})
    assert made["platforms"] == ["IOS"]
    event = spring.event({"contentId": "a", "action": "ARCHIVED", "version": 3})
    assert event == {"contentId": "a", "action": "archived", "version": 3}
    assert "action" not in spring.event({"contentId": "a", "action": "DELETE"})


def test_a_set_has_no_order(spring: Dialect) -> None:
    read = spring.answer("getContentItem", 200, {}, b'{"data": {"id": "a", "tags": ["a", "b"]}}').value
    assert read["data"]["tags"] == ["b", "a"] and read["data"]["tags"] != ["a", "c"]
    assert read["data"] == {**read["data"], "tags": ["b", "a"]}


def test_our_default_is_sent_where_the_document_names_none(spring: Dialect) -> None:
    assert spring.body("createContentItem", {"title": "t"})["platforms"] == ["WEB", "IOS", "ANDROID"]
    syncing = [spec["syncContent"] for spec in (spring.ours, spring.theirs)]
    assert spring.queries.with_own_defaults({}, *syncing) == {"includeDeleted": False}
    listing = [spec["getContentItems"] for spec in (spring.ours, spring.theirs)]
    assert spring.queries.with_own_defaults(None, *listing) == {}


def test_the_reason_says_what_is_refused_and_a_check_can_do_without(spring: Dialect) -> None:
    body = {"title": "t", "category": None}
    with pytest.raises(UnpromisedError, match=r"refuses this body .* \(category: type\)"):
        refuse_unpromised(spring, "createContentItem", None, body, None)
    assert without_refused(spring, "createContentItem", body) == {"title": "t"}
    assert without_refused(None, "createContentItem", body) == body


@pytest.mark.parametrize("number", [2**31, 9_999_999_999])
@pytest.mark.parametrize("status", [200, 400])
def test_a_number_beyond_its_format_is_open(spring: Dialect, number: int, status: int) -> None:
    theirs = spring.theirs["getContentItem"]
    request = HttpRequest(method="GET", url=f"http://h{ONE}?version={number}", headers={}, body=None)
    oracle = RequestOracle(spring.theirs)
    assert not oracle.wrong(theirs, oracle.judge(theirs, request, {}), status)
    with pytest.raises(UnpromisedError, match="refuses version"):
        refuse_unpromised(spring, "getContentItem", {"version": str(number)}, ..., None)


def test_a_number_in_a_body_beyond_its_format_is_open_and_one_within_is_not(tmp_path: Path) -> None:
    def change(theirs: Any) -> None:
        of_spring(theirs)
        body = theirs["paths"][ONE]["put"]["requestBody"]["content"]["application/json"]["schema"]
        body["properties"]["version"] = {**COUNT, "format": "int64"}

    dialect = _dialect(tmp_path, change)
    theirs, oracle = dialect.theirs["updateContentItem"], RequestOracle(dialect.theirs)
    for number, wrong in ((2**63, False), (2**63 - 1, True)):
        request = HttpRequest(
            method="PUT", url=f"http://h{ONE}", headers={"Content-Type": "application/json"},
            body=json.dumps({"version": number, "title": "t"}).encode(),
        )  # fmt: skip
        assert bool(oracle.wrong(theirs, oracle.judge(theirs, request, {}), 422)) == wrong, number
