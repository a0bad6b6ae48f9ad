"""The same thing in another shape: what a target's document has flat, bare or under a second status, in the words of ours."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.dialect import Dialect, dialect_of
from contracts.dialect.document_needs import promises
from contracts.dialect.fitted_request import refuse_unpromised
from contracts.model import adopt
from contracts.model.unpromised import UnpromisedError, flat
from contracts.spec import load
from tests.suite.foreign.foreign_document import COUNT, FLAG, ITEM, STAMP, TEXT, data, document, many, record

ROW = {"id": "a", "title": "t"}


def _dialect(tmp_path: Path, change: Callable[[Any], None]) -> Dialect:
    theirs = copy.deepcopy(document())
    change(theirs)
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
    path.write_text(json.dumps(theirs))
    found = dialect_of(load(path))
    assert found is not None
    return found


def _answers(path: str, method: str, schema: Any) -> Callable[[Any], None]:
    def change(theirs: Any) -> None:
        theirs["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"] = schema

    return change


def _read(dialect: Dialect, operation: str, body: Any, *, whole: bool = False) -> Any:
    value = dialect.answer(operation, 200, {}, json.dumps(body).encode()).value
    return value if whole else value["data"]


def test_the_members_of_an_object_are_found_one_level_higher(tmp_path: Path) -> None:
    flat = data(record(data=many(ITEM), page=COUNT, limit=COUNT, total=COUNT, total_pages=COUNT))
    dialect = _dialect(tmp_path, _answers("/v1/content/items", "get", flat))
    told = {"data": [], "page": 2, "limit": 5, "total": 7, "total_pages": 2}
    found = _read(dialect, "getContentItems", {"data": told})["pagination"]
    assert [found[name] for name in ("page", "limit", "total")] == [2, 5, 7]
    with pytest.raises(UnpromisedError, match="hasNext"):
        bool(found["hasNext"])


def test_a_member_that_both_levels_have_belongs_to_its_own(tmp_path: Path) -> None:
    rows = data(many(record(id=TEXT, version=COUNT, createdAt=STAMP, title=TEXT)))
    dialect = _dialect(tmp_path, _answers("/v1/content/items/{id}/versions", "get", rows))
    (row,) = _read(dialect, "getContentVersions", {"data": [{"id": "v", "version": 1, "title": "t"}]})
    assert (row["id"], row["snapshot"]["title"]) == ("v", "t")
    with pytest.raises(UnpromisedError, match="id"):
        str(row["snapshot"]["id"])


def test_a_flat_list_that_names_parents_is_a_tree(tmp_path: Path) -> None:
    dialect = _dialect(tmp_path, lambda theirs: None)
    rows = [
        {"id": name, "name": name, "parentId": parent, "itemCount": 0}
        for name, parent in (("c", "b"), ("b", "a"), ("a", None), ("d", "gone"))
    ]
    first, orphan = _read(dialect, "getContentCategories", {"data": rows})
    assert [row["id"] for row in flat([first])] == ["a", "b", "c"]
    assert (orphan["id"], orphan["children"]) == ("d", [])


def test_a_list_without_parents_has_no_tree(tmp_path: Path) -> None:
    rows = data(many(record(id=TEXT, name=TEXT)))
    dialect = _dialect(tmp_path, _answers("/v1/content/categories", "get", rows))
    found = _read(
        dialect, "getContentCategories", {"data": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}
    )
    assert [row["id"] for row in flat(found)] == ["a", "b"]
    assert [one.id for one in adopt([], found).categories] == ["a", "b"]
    with pytest.raises(UnpromisedError, match="children"):
        bool(found[0]["children"])


def test_a_session_has_the_permissions_of_ours_whose_operations_it_may_call(tmp_path: Path) -> None:
    """The document lets whoever may write archive, too, and calls it so."""
    dialect = _dialect(tmp_path, lambda theirs: None)
    held = _read(
        dialect, "login", {"data": 1, "permissions": ["content:read", "content:write", "media"]}, whole=True
    )
    # Whoever has a session may send metrics.
    assert {*held["permissions"]} == {
        "content:read",
        "content:write",
        "content:archive",
        "media",
        "metrics:write",
    }
    assert dialect.permission(dialect.theirs["archiveContent"]) == "content:archive"
    assert dialect.permissions == {}


def test_an_object_of_which_nothing_is_there_is_not_promised(tmp_path: Path) -> None:
    dialect = _dialect(tmp_path, _answers("/v1/content/items", "get", data(record(data=many(ITEM)))))
    with pytest.raises(UnpromisedError, match="pagination"):
        bool(_read(dialect, "getContentItems", {"data": {"data": []}})["pagination"])


def test_an_id_that_the_target_gave_is_no_fault_of_a_request(tmp_path: Path) -> None:
    dialect = _dialect(tmp_path, lambda theirs: None)
    with pytest.raises(UnpromisedError, match="unlike ours"):
        refuse_unpromised(dialect, "revertContentVersion", None, {"versionId": "a:1"}, None)
    row = {"id": "a:1", "version": 1, "snapshot": {}}
    _read(dialect, "getContentVersions", {"data": [row]})
    refuse_unpromised(dialect, "revertContentVersion", None, {"versionId": "a:1"}, None)
    with pytest.raises(UnpromisedError, match="unlike ours"):
        refuse_unpromised(dialect, "revertContentVersion", None, {"versionId": "a:2"}, None)


NUMBERED = record(**{**ITEM["properties"], "id": COUNT, "created_by": COUNT})


def test_ids_that_are_numbers_are_texts_of_ours_and_numbers_again_on_the_way_back(tmp_path: Path) -> None:
    revert = "/v1/content/items/{id}/revert"

    def change(theirs: Any) -> None:
        _answers("/v1/content/items/{id}", "get", data(NUMBERED))(theirs)
        body = theirs["paths"][revert]["post"]["requestBody"]["content"]["application/json"]
        body["schema"] = record(versionId=COUNT)

    dialect = _dialect(tmp_path, change)
    found = _read(dialect, "getContentItem", {"data": {"id": 7, "version": 3, "created_by": 12}})
    assert (found["id"], found["version"], found["createdBy"]) == ("7", 3, "12")
    for sent, made in (("31", 31), ("031", "031"), (31, 31)):
        assert dialect.body("revertContentVersion", {"versionId": sent}) == {"versionId": made}
    absent = dialect.body("revertContentVersion", {"versionId": "none-1"})["versionId"]
    assert isinstance(absent, int) and absent > 2**30
    for sent in ("31", "none-1"):
        refuse_unpromised(dialect, "revertContentVersion", None, {"versionId": sent}, None)
    bulk = {"operations": [{"type": "publish", "id": "7", "data": {"x": "7"}}]}
    assert dialect.body("bulkUpdateContent", bulk) == bulk


@pytest.mark.parametrize(
    ("told", "stamp"),
    [
        ("2026-01-01T01:00:00.5+01:00", "2026-01-01T00:00:00.500000Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00.123456+00:00", "2026-01-01T00:00:00.123456Z"),
        ("2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.123456700Z"),
        ("2026-13-01T00:00:00Z", "2026-13-01T00:00:00Z"),
        (None, None),
    ],
)
def test_a_stamp_of_any_form_sorts_as_text(tmp_path: Path, told: Any, stamp: Any) -> None:
    dialect = _dialect(tmp_path, lambda theirs: None)
    found = _read(dialect, "getContentItem", {"data": {"updated_at": told, "title": told}})
    assert (found["updatedAt"], found["title"]) == (stamp, told)


@pytest.mark.parametrize(("total", "pages", "read"), [(0, 1, 0), (0, 0, 0), (0, 2, 2), (1, 1, 1), (21, 2, 2)])
def test_an_empty_list_may_have_one_empty_page(tmp_path: Path, total: int, pages: int, read: int) -> None:
    dialect = _dialect(tmp_path, lambda theirs: None)
    told = {"data": {"data": [], "pagination": {"total": total, "total_pages": pages}}}
    assert _read(dialect, "getContentItems", told)["pagination"]["totalPages"] == read


def test_a_code_is_right_or_wrong_only_where_the_document_lists_codes(tmp_path: Path) -> None:
    def answered(code: Any) -> Any:
        row = record(index=COUNT, id=TEXT, code=code, error=TEXT)
        schema = data(record(successfulOperations=COUNT, failedOperations=many(row)))
        dialect = _dialect(tmp_path, _answers("/v1/content/items/bulk", "post", schema))
        told = {"index": 0, "id": "a", "code": "not_found", "error": "no"}
        value = {"data": {"successfulOperations": 0, "failedOperations": [told]}}
        return _read(dialect, "bulkUpdateContent", value)["failedOperations"][0]["code"]

    assert answered({"enum": ["not_found"]}) == "not_found"
    with pytest.raises(UnpromisedError, match="codes of bulkUpdateContent"):
        str(answered(TEXT))


def test_a_bare_id_stands_for_an_object_that_has_it(tmp_path: Path) -> None:
    window = data(record(items=many(ITEM), deleted=many(TEXT), syncTimestamp=STAMP, hasMore=FLAG))
    dialect = _dialect(tmp_path, _answers("/v1/content/sync", "get", window))
    body = {"data": {"items": [], "deleted": ["a"], "syncTimestamp": "x", "hasMore": False}}
    (gone,) = _read(dialect, "syncContent", body)["deleted"]
    assert gone["id"] == "a"
    with pytest.raises(UnpromisedError, match="deletedAt"):
        str(gone["deletedAt"])


@pytest.mark.parametrize("beside", [(), ("400",)], ids=["422 alone", "422 beside 400"])
def test_a_request_that_the_document_refuses_may_get_422(tmp_path: Path, beside: tuple[str, ...]) -> None:
    """A framework has 422 for what does not fit and 400 for what it cannot read at all."""

    def change(theirs: Any) -> None:
        for item in theirs["paths"].values():
            for operation in item.values():
                operation["responses"] |= {status: {"description": ""} for status in beside}

    dialect = _dialect(tmp_path, change)
    refusing = [
        one.id for one in dialect.theirs if 422 in one.answers and 400 in dialect.ours[one.id].answers
    ]
    assert len(refusing) > 10
    assert {dialect.answer(name, 422, {}, b"").status for name in refusing} == {400}
    assert {dialect.answer(name, 400, {}, b"").status for name in refusing} == {400}


def test_an_operation_of_bulk_without_a_version_promises_no_conflict(tmp_path: Path) -> None:
    def change(theirs: Any) -> None:
        body = theirs["paths"]["/v1/content/items/bulk"]["post"]["requestBody"]
        schema = body["content"]["application/json"]["schema"]
        del schema["properties"]["operations"]["items"]["properties"]["version"]

    assert promises(_dialect(tmp_path, lambda theirs: None).theirs, "versions in bulk")
    assert not promises(_dialect(tmp_path, change).theirs, "versions in bulk")
