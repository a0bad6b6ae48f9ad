"""The reference server serves documents of other frameworks: pages, words, versions, paths and statuses are theirs, and the laws hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.dialect.serving import ServingDialect
from contracts.model.unpromised import is_promised
from contracts.run import parse
from contracts.schema import compile_schema
from mock_server.build import _sync_window
from mock_server.store.sync import MOST
from tests.contracts.dialect.test_habits_of_spring_data import ITEMS, MODEL, PAGE, of_spring
from tests.contracts.dialect.test_other_shapes import _dialect
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.foreign import test_habits_of_laravel, test_habits_of_rails, test_habits_of_spring
from tests.suite.foreign.foreign_document import (
    COUNT,
    ITEM,
    TEXT,
    VERSION,
    answer,
    data,
    document,
    many,
    record,
)

ROW = record(id=TEXT, version=COUNT)
LINK = {"type": ["string", "null"]}
RESULTS = record(count=COUNT, next=LINK, previous=LINK, results=many(ITEM))


def _bare() -> dict[str, Any]:
    """The document of a server without an object around what it answers, which tells of pages in headers."""
    theirs = document()
    headers = {"X-Page": {"schema": TEXT}, "X-Total": {"schema": TEXT}, "Link": {"schema": TEXT}}
    page = answer(many(ITEM)) | {"headers": headers}
    for path, method, told in (
        (ITEMS, "get", page), ("/v1/content/categories/{category}/items", "get", answer(RESULTS)),
        (f"{ITEMS}/{{id}}", "get", answer(ITEM)), (f"{ITEMS}/{{id}}", "put", answer(ITEM)),
        (f"{ITEMS}/{{id}}/versions", "get", answer(many(VERSION))),
    ):  # fmt: skip
        theirs["paths"][path][method]["responses"]["200"] = told
    return theirs


DOCUMENTS = {
    "nobody's": (
        _bare,
        (
            "items.pages-of-everything",
            "items.order",
            "items.not-found",
            "versions.newest-first",
            "races.one-winner",
            "sync.full-state",
        ),
    ),
    "Laravel": (test_habits_of_laravel._document, test_habits_of_laravel.PROVEN),
    "Rails": (test_habits_of_rails._document, test_habits_of_rails.PROVEN),
    "Spring": (test_habits_of_spring._document, test_habits_of_spring.PROVEN),
}
UNBOUNDED = {"fuzz.requests", "keywords.exact", "sync.deleted"}
"""Checks of bounds that these documents do not state and the reference server has."""


@pytest.mark.parametrize("framework", DOCUMENTS)
def test_the_suite_finds_what_the_document_says(framework: str, suite: Suite, tmp_path: Path) -> None:
    made, proven = DOCUMENTS[framework]
    spec, out = tmp_path / "theirs.json", tmp_path / "run.json"
    spec.write_text(json.dumps(made()))
    chosen = " or ".join(["smoke", "shape", *(check for check in proven if check not in UNBOUNDED)])
    with embedded_server("--spec", str(spec)) as server:
        suite("--target", server.url, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), "-k", chosen)  # fmt: skip
    run = parse(out.read_bytes(), name=out.name)
    odd = [f"{one.id} {one.operation} {one.grade} {one.reason}" for one in run.checks if one.grade != "PASS"]
    assert "\n".join(odd) == ""
    assert len(run.checks) > 60


PAGINATION = record(page=COUNT, limit=COUNT, total=COUNT, total_pages=COUNT)
SHAPES = {
    "Page": lambda theirs: of_spring(theirs),
    "PagedModel": lambda theirs: of_spring(theirs, MODEL),
    "a page from 1": lambda theirs: of_spring(theirs, PAGE, 1),
    "meta": lambda theirs: _listing(theirs, _beside(meta=record(current_page=COUNT, last_page=COUNT, per_page=COUNT, total=COUNT))),
    "beside the list": lambda theirs: _listing(theirs, _beside(page=COUNT, perPage=COUNT, total=COUNT)),
    "an object around": lambda theirs: None,
    "Page alone": lambda theirs: _listing(theirs, PAGE),
    "fastapi-pagination": lambda theirs: _listing(theirs, record(items=many(ITEM), total=COUNT, page=COUNT, size=COUNT, pages=COUNT)),
    "Django REST framework": lambda theirs: _listing(theirs, RESULTS),
    "nestjs-typeorm-paginate": lambda theirs: _listing(theirs, record(items=many(ITEM), meta=record(totalItems=COUNT, itemCount=COUNT, itemsPerPage=COUNT, totalPages=COUNT, currentPage=COUNT))),
    "items in data": lambda theirs: _listing(theirs, data(record(items=many(ITEM), total=COUNT, page=COUNT, limit=COUNT))),
    "items beside pagination": lambda theirs: _listing(theirs, record(items=many(ITEM), pagination=PAGINATION)),
    "a meta of any form": lambda theirs: _listing(theirs, record(data=many(ITEM), meta={"type": "object"}), "X-Page", "X-Total"),
    "a list alone": lambda theirs: _listing(theirs, many(ITEM), "X-Page", "X-Total", "Link"),
    "a member that only theirs has": lambda theirs: _listing(theirs, data(record(data=many(record(slug=TEXT, **ITEM["properties"])), pagination=PAGINATION))),
}  # fmt: skip


def _beside(**members: Any) -> Any:
    return record(data=many(ITEM), **members)


def _listing(theirs: Any, schema: Any, *headers: str) -> None:
    described = {"headers": {name: {"schema": TEXT} for name in headers}}
    theirs["paths"][ITEMS]["get"]["responses"]["200"] = answer(schema) | described


@pytest.mark.parametrize(
    ("schema", "told", "known"),
    [
        pytest.param(RESULTS, {"count": 3, "next": "", "previous": None}, {"total": 3, "hasNext": False, "hasPrev": False}, id="the last page"),
        pytest.param(record(results=many(ITEM), count=COUNT, next=LINK), {"count": 0, "next": "c2"}, {}, id="a cursor, and the number of its rows"),
        pytest.param(record(items=many(ITEM), total=COUNT, page=COUNT, size=COUNT), {"total": 3, "page": 1, "size": 0}, {"total": 3, "page": 1}, id="a size that may be that of the rows"),
    ],
)  # fmt: skip
def test_only_what_is_surely_told_of_a_page_is_read(
    schema: Any, told: Any, known: Any, tmp_path: Path
) -> None:
    dialect = _dialect(tmp_path, lambda theirs: _listing(theirs, schema))
    listed = next(name for name in ("results", "items") if name in schema["properties"])
    read = dialect.answer("getContentItems", 200, {}, json.dumps({listed: [], **told}).encode()).value["data"]
    page = read["pagination"]
    assert (
        {name: value for name, value in page.items() if is_promised(value)} == known
        if known
        else not is_promised(page)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_is_read_as_it_is_served(shape: str, tmp_path: Path) -> None:
    dialect = _dialect(tmp_path, SHAPES[shape])
    pagination = {"page": 2, "limit": 5, "total": 12, "totalPages": 3, "hasNext": True, "hasPrev": True}
    row = {
        "id": "a",
        "title": "t",
        "body": "b",
        "category": None,
        "status": "draft",
        "tags": [],
        "version": 3,
    }
    row |= {"createdAt": "2026-01-01T00:00:00.000000Z", "updatedAt": "2026-01-01T00:00:00.000000Z"}
    ours = {"data": {"data": [row], "pagination": pagination}}
    serving, operation = ServingDialect(dialect), dialect.theirs["getContentItems"]
    _, told = serving.answer(operation, 200, ours)
    assert compile_schema(dialect.theirs, operation.success.media_types["application/json"]).is_valid(told)
    headers = serving.page_headers(operation, ours)
    read = dialect.answer("getContentItems", 200, headers, json.dumps(told).encode()).value["data"]
    found = {name: value for name, value in read["pagination"].items() if is_promised(value)}
    assert (
        found.items() <= pagination.items() and "total" in found and ("page" in found or "hasNext" in found)
    )
    assert {name: read["data"][0][name] for name in row} == row


def test_a_synchronisation_is_cut_only_where_the_document_can_say_so(tmp_path: Path) -> None:
    def with_more(theirs: Any) -> None:
        told = theirs["paths"]["/v1/content/sync"]["get"]["responses"]["200"]["content"]
        told["application/json"]["schema"]["properties"]["data"]["properties"]["has_more"] = {
            "type": "boolean"
        }

    assert _sync_window(_dialect(tmp_path, with_more)) == _sync_window(None) == MOST
    assert _sync_window(_dialect(tmp_path, SHAPES["an object around"])) > 10**9


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param(many(ROW), lambda rows: rows, id="alone"),
        pytest.param(record(versions=many(ROW)), lambda rows: {"versions": rows}, id="under its own name"),
        pytest.param(
            record(count=COUNT, results=many(ROW)), lambda rows: {"count": 1, "results": rows}, id="counted"
        ),
    ],
)
def test_a_list_without_pages_is_served_as_it_is_described(schema: Any, told: Any, tmp_path: Path) -> None:
    def other(theirs: Any) -> None:
        answers = theirs["paths"]["/v1/content/items/{id}/versions"]["get"]["responses"]
        answers["200"] = answer(schema)

    dialect = _dialect(tmp_path, other)
    rows = [{"id": "a.v1", "version": 1}]
    _, served = ServingDialect(dialect).answer(dialect.theirs["getContentVersions"], 200, {"data": rows})
    assert served == told(rows)
    read = dialect.answer("getContentVersions", 200, {}, json.dumps(served).encode()).value["data"]
    assert [(row["id"], row["version"]) for row in read] == [("a.v1", 1)]
