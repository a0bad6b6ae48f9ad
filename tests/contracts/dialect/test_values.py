"""Values of a target in another form: lists without an object around them, pages in headers, versions from 0, words of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.dialect import Dialect
from contracts.dialect.fitted_request import canonical_body, fitted, refuse_unpromised
from contracts.model.unpromised import UnpromisedError
from contracts.spec import SpecError, load
from contracts.spec.document import own_path
from contracts.spec.operation_identity import KnownOperation, identify
from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.judging.request_oracle import RequestOracle
from load.http.target import Target
from load.journeys import ALL
from load.journeys.foreign_journeys import foreign_journeys
from load.realtime.channel_endpoint import ChannelEndpoint
from tests.contracts.dialect.test_other_shapes import _answers, _dialect, _read
from tests.suite.foreign.foreign_document import COUNT, ITEM, TEXT, answer, data, many, record

ITEMS, ONE = "/v1/content/items", "/v1/content/items/{id}"
COUNTED = record(**{**ITEM["properties"], "id": COUNT, "lock_version": COUNT, "category_id": COUNT})
HEADERS = {name: {"schema": TEXT} for name in ("X-Total", "X-Page", "X-Per-Page", "X-Total-Pages", "Link")}


def _of_rails(theirs: Any) -> None:
    listing = theirs["paths"][ITEMS]["get"]
    _answers(ITEMS, "get", data(many(COUNTED)))(theirs)
    listing["responses"]["200"]["headers"] = HEADERS
    listing["parameters"] += [
        {"name": "per_page", "in": "query", "schema": COUNT},
        {"name": "sort", "in": "query", "schema": {"enum": ["updated_at", "lock_version"]}},
    ]
    listing["parameters"] = [p for p in listing["parameters"] if p["name"] not in ("limit", "sortBy")]
    _answers(ONE, "get", data(COUNTED))(theirs)
    put = theirs["paths"][ONE]["put"]["requestBody"]["content"]["application/json"]
    put["schema"] = record("title", lock_version=COUNT, title=TEXT, category_id=COUNT)
    put["schema"]["required"] = ["lock_version"]
    theirs["x-dialect"] |= {
        "members": {"lock_version": "version", "category_id": "category"},
        "parameters": {"per_page": "limit", "sort": "sortBy"},
        "firstVersion": 0,
    }


@pytest.fixture
def rails(tmp_path: Path) -> Dialect:
    return _dialect(tmp_path, _of_rails)


def test_a_list_that_is_the_whole_data_is_a_page(rails: Dialect) -> None:
    rows = [{"id": 4, "lock_version": 0, "title": "t"}]
    headers = {"X-Total": "41", "X-Page": "2", "X-Total-Pages": "3", "Link": '</x?page=3>; rel="next"'}
    body = json.dumps({"data": rows}).encode()
    page = rails.answer("getContentItems", 200, headers, body).value["data"]
    assert [(row["id"], row["version"]) for row in page["data"]] == [("4", 1)]
    told = page["pagination"]
    assert [told[name] for name in ("total", "page", "totalPages", "hasNext")] == [41, 2, 3, True]
    with pytest.raises(UnpromisedError, match="hasPrev of the pagination of getContentItems"):
        bool(told["hasPrev"])
    headers = {"Link": '</x?page=1>; rel="first", </x?page=1>; rel="last"'}
    page = rails.answer("getContentItems", 200, headers, body).value["data"]
    assert page["pagination"]["hasNext"] is False


def test_a_header_that_the_document_does_not_have_tells_of_no_page(tmp_path: Path) -> None:
    dialect = _dialect(tmp_path, _answers(ITEMS, "get", data(many(ITEM))))
    page = dialect.answer("getContentItems", 200, {"X-Total": "9"}, b'{"data": []}').value["data"]
    assert page["data"] == []
    with pytest.raises(UnpromisedError, match="pagination of getContentItems"):
        page["pagination"]["total"]


def test_versions_may_begin_at_another_number(rails: Dialect) -> None:
    read = _read(rails, "getContentItem", {"data": {"id": 1, "lock_version": 3, "title": "t"}})
    assert read["version"] == 4
    sent = rails.body("updateContentItem", {"version": 4, "title": "t", "category": "7"})
    assert sent == {"lock_version": 3, "title": "t", "category_id": 7}
    back = json.loads(canonical_body(rails, "updateContentItem", json.dumps(sent).encode()))
    assert back == {"version": 4, "title": "t", "category": "7"}
    assert fitted(rails, "getContentItem", (("version", "1"),), (), None).query == (("version", "0"),)
    assert rails.queries.canonical("version=0") == "version=1"
    event = rails.event({"contentId": 8, "title": "t", "lock_version": 0})
    assert event == {"contentId": "8", "title": "t", "version": 1}


def test_values_and_names_of_a_query_are_those_of_the_operation(rails: Dialect) -> None:
    asked = (("sortBy", "updatedAt"), ("limit", "5"))
    assert fitted(rails, "getContentItems", asked, (), None).query == (
        ("sort", "updated_at"),
        ("per_page", "5"),
    )
    assert fitted(rails, "getContentVersions", (("limit", "5"),), (), None).query == (("limit", "5"),)
    assert rails.queries.canonical("sort=lock_version&per_page=5") == "sortBy=version&limit=5"
    refuse_unpromised(rails, "getContentItems", {"sortBy": "version"}, ..., None)
    with pytest.raises(UnpromisedError, match="sortBy=title"):
        refuse_unpromised(rails, "getContentItems", {"sortBy": "title"}, ..., None)


@pytest.mark.parametrize(
    ("listed", "told", "read"),
    [
        (["create", "update"], "create", None),
        (["CREATED", "UPDATED"], "CREATED", "created"),
        (["created", "updated"], "made", "made"),
    ],
)
def test_a_word_of_the_target_s_own_is_neither_right_nor_wrong(
    tmp_path: Path, listed: list[str], told: str, read: str | None
) -> None:
    row = record(id=TEXT, version=COUNT, changeType={"enum": listed}, snapshot=ITEM)
    dialect = _dialect(tmp_path, _answers(f"{ONE}/versions", "get", data(many(row))))
    (found,) = _read(dialect, "getContentVersions", {"data": [{"id": "v", "version": 1, "changeType": told}]})
    if read is not None:
        assert found["changeType"] == read  # what neither document lists stays, and is wrong
        return
    with pytest.raises(UnpromisedError, match="the values of changeType"):
        str(found["changeType"])


def _known() -> list[KnownOperation]:
    return [KnownOperation(op.id, op.method, op.path, op.security) for op in load(own_path())]


def test_an_operation_may_be_named_whatever_its_path(tmp_path: Path) -> None:
    def change(theirs: Any) -> None:
        paths = theirs["paths"]
        paths["/v1/sessions"] = {"post": paths["/v1/auth/login"].pop("post")}
        paths["/v1/articles/{key}"] = {"get": paths[ONE].pop("get")}
        paths["/v1/articles/{key}"]["get"]["parameters"][0]["name"] = "key"
        theirs["x-dialect"]["operations"] = {
            "POST /v1/sessions": "login",
            "GET /v1/articles/{key}": "getContentItem",
        }

    theirs = _dialect(tmp_path, change).theirs
    assert (theirs["login"].path, theirs["getContentItem"].path) == ("/sessions", "/articles/{id}")
    assert not theirs["login"].security and theirs["getContentItem"].security == ("accessToken",)


@pytest.mark.parametrize(
    ("operations", "reason"),
    [
        ({"POST /nowhere": "login"}, "'POST /nowhere' is no method and path of the document"),
        ({"POST /sessions": "signIn"}, "'signIn' is no operation of ours"),
        ({"POST /sessions": "getContentItem"}, "has 0 parameters, and /content/items/{id} 1"),
    ],
)
def test_an_operation_that_cannot_be_meant_is_refused(operations: dict[str, str], reason: str) -> None:
    theirs = {"paths": {"/sessions": {"post": {}}}, "x-dialect": {"operations": operations}}
    with pytest.raises(SpecError, match=reason):
        identify(theirs, _known(), "theirs.json")


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "status", "beside", "wrong"),
    [
        ("PUT", ONE, "", {"version": 1, "title": "x"}, 422, (400, 422), False),  # the state of the item
        (
            "PUT",
            ONE,
            "",
            {"version": 1, "title": "x"},
            422,
            (422,),
            True,
        ),  # the only refusal of what is not valid
        ("PUT", ONE, "", {"version": "x"}, 422, (400, 422), False),
        ("PUT", ONE, "", {"version": "x"}, 400, (400, 422), False),
        ("PUT", ONE, "", {"version": "x"}, 200, (400, 422), True),
        (
            "PUT",
            ONE,
            "",
            {"version": 1.0, "title": "x"},
            400,
            (400, 422),
            False,
        ),  # an integer of JSON Schema alone
        ("PUT", ONE, "", {"version": 1.5, "title": "x"}, 200, (400, 422), True),
        ("GET", ITEMS, "page[]=x", None, 400, (400, 422), False),
        ("GET", ITEMS, "page%5Ba%5D=x", None, 400, (400, 422), False),
        ("GET", ITEMS, "other[]=x", None, 400, (400, 422), True),
    ],
)
def test_what_the_document_leaves_open_is_no_failure(
    tmp_path: Path, method: str, path: str, query: str, body: Any, status: int, beside: tuple[int, ...], wrong: bool
) -> None:  # fmt: skip
    def change(theirs: Any) -> None:
        theirs["paths"][path][method.lower()]["responses"] |= {
            str(each): answer(record(message=TEXT)) for each in beside
        }

    theirs = _dialect(tmp_path, change).theirs
    operation = next(op for op in theirs if (op.method, op.path) == (method, path.removeprefix("/v1")))
    request = HttpRequest(
        method=method, url=f"http://h{path}?{query}", headers={"Content-Type": "application/json"},
        body=None if body is None else json.dumps(body).encode(),
    )  # fmt: skip
    oracle = RequestOracle(theirs)
    assert bool(oracle.wrong(operation, oracle.judge(operation, request, {}), status)) == wrong


def test_load_leaves_out_what_it_could_not_judge(tmp_path: Path) -> None:
    def change(theirs: Any) -> None:
        for path in (ONE, f"{ONE}/publish"):
            theirs["paths"][path]["patch"] = {
                **theirs["paths"][ONE]["put"],
                "operationId": f"patch{len(path)}",
            }
        theirs["paths"]["/v1/notes"] = {
            "post": {"operationId": "note", "responses": {"200": answer(record(id=TEXT))}}
        }
        theirs["paths"][ONE]["get"]["responses"]["304"] = {"description": ""}

    dialect = _dialect(tmp_path, change)
    made = foreign_journeys(dialect, ALL)
    changing = {name for name, why in made.left_out.items() if "may change an item" in why}
    assert changing == {f"patch{len(ONE)}", f"patch{len(ONE) + 8}"} and "note" in made.journeys
    assert "entity tag" in made.left_out["getContentItem:unchanged"]


def test_the_channel_of_a_load_is_understood(rails: Dialect) -> None:
    channel = ChannelEndpoint(rails.theirs, Target(host="127.0.0.1", port=1, secure=False, prefix="/v1"))
    told = {"type": "content_updated", "data": {"contentId": 8, "lock_version": 0}}
    assert channel.understood(told) == {"type": "content_updated", "data": {"contentId": "8", "version": 1}}
    assert channel.understood({"type": "x"}) == {"type": "x"}
