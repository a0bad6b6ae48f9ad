"""What the model says of the writes, of permissions and of workspaces, against answers written by hand from openapi.yaml."""

from dataclasses import replace
from typing import Any

import pytest

from contracts import spec
from contracts.model import Caller, Request, Response
from contracts.model.messages import ALL, PERMISSIONS
from contracts.model.model import RULES

ADA = Caller(user="u-ada", workspace="w1")
EVE = Caller(user="u-eve", workspace="w2")


def code(response: Response) -> str:
    return f"{response.status} {response.body['code']}"


def stamp(tick: int) -> str:
    return f"2026-01-01T00:00:00.{tick:03}000Z"


def test_the_model_knows_the_operations_and_permissions_of_the_spec() -> None:
    content = {o.id: o.permission for o in spec.load() if o.path.startswith("/content")}
    assert dict(PERMISSIONS) == content
    assert set(RULES) == set(content)


def test_create_makes_a_draft_of_version_1_with_every_member(play: Any) -> None:
    response = play.ask("createContentItem", body={"title": "Hello"})
    assert response.status == 201
    assert response.headers == {"etag": '"v1"', "location": "/content/items/c-0"}
    assert response.body == {
        "data": {
            "id": "c-0",
            "title": "Hello",
            "body": "",
            "category": None,
            "tags": [],
            "platforms": ["web", "ios", "android"],
            "metadata": {},
            "status": "draft",
            "version": 1,
            "createdAt": stamp(1),
            "updatedAt": stamp(1),
            "publishedAt": None,
            "createdBy": "u-ada",
            "updatedBy": "u-ada",
        }
    }


def test_update_merges_and_replaces_members_whole(play: Any) -> None:
    play.create(body="text", category="news", tags=["a"], metadata={"x": "1"})
    bob = Caller(user="u-bob", workspace="w1")
    got = play.ask("updateContentItem", "c-0", {"version": 1, "tags": ["b"], "category": None}, caller=bob)
    data = got.body["data"]
    assert (got.status, got.headers["etag"]) == (200, '"v2"')
    assert (data["tags"], data["category"], data["body"], data["metadata"]) == (
        ["b"],
        None,
        "text",
        {"x": "1"},
    )
    assert (data["updatedAt"], data["createdAt"]) == (stamp(2), stamp(1))
    assert (data["updatedBy"], data["createdBy"]) == ("u-bob", "u-ada")


@pytest.mark.parametrize(
    ("body", "headers", "archived", "expected"),
    [
        pytest.param({"version": 1, "title": "x"}, {}, False, "409 VERSION_CONFLICT", id="stale"),
        pytest.param({"version": 9, "title": "x"}, {}, False, "409 VERSION_CONFLICT", id="from-the-future"),
        pytest.param({"version": 2, "category": "nowhere"}, {}, False, "409 CATEGORY_UNKNOWN", id="category"),
        pytest.param({"version": 1, "category": "nowhere"}, {}, False, "409 VERSION_CONFLICT", id="conflict-before-category"),
        pytest.param({"version": 1, "title": "x"}, {}, True, "409 INVALID_STATE", id="state-before-conflict"),
        pytest.param({"version": 1, "title": "x"}, {"if-match": '"v1"'}, True, "412 PRECONDITION_FAILED", id="412-before-409"),
        pytest.param({"version": 2, "title": "x"}, {"if-match": 'W/"v2"'}, False, "412 PRECONDITION_FAILED", id="weak-tag-never-matches"),
        pytest.param({"version": 2, "title": "x"}, {"if-match": '"v1", "v2"'}, False, None, id="one-of-the-tags"),
        pytest.param({"version": 2, "title": "x"}, {"if-match": "*"}, False, None, id="any-tag"),
    ],
)  # fmt: skip
def test_what_an_update_meets(
    play: Any, body: dict[str, Any], headers: dict[str, str], archived: bool, expected: str | None
) -> None:
    play.create()
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "U"})
    if archived:
        play.ask("archiveContent", "c-0", {})
    got = play.ask("updateContentItem", "c-0", body, headers=headers)
    assert got.status == 200 if expected is None else code(got) == expected
    if expected == "409 VERSION_CONFLICT":
        assert got.body["details"] == {"currentVersion": 2, "yourVersion": body["version"]}


def test_publish_once_and_for_all(play: Any) -> None:
    play.create()
    first = play.ask("publishContent", "c-0", {"platforms": ["ios"]}).body["data"]
    assert (first["status"], first["version"], first["publishedAt"], first["platforms"]) == (
        "published",
        2,
        stamp(2),
        ["ios"],
    )
    again = play.ask("publishContent", "c-0", {"platforms": ["web"]}).body["data"]
    assert again == first, "a repeat changes nothing, whatever the options"
    play.ask("updateContentItem", "c-0", {"version": 2, "title": "U"})
    assert play.ask("getContentItem", "c-0").body["data"]["status"] == "published"


def test_archive_revert_and_publish_again(play: Any) -> None:
    play.create("One")
    play.ask("publishContent", "c-0", {})
    assert play.ask("archiveContent", "c-0", {"reason": "old"}).body == {"success": True}
    assert play.ask("archiveContent", "c-0", {}).body == {"success": True}
    assert play.ask("getContentItem", "c-0").body["data"]["version"] == 3, (
        "the second archive made no version"
    )
    assert code(play.ask("publishContent", "c-0", {})) == "409 INVALID_STATE"
    back = play.ask("revertContentVersion", "c-0", {"versionId": "c-0-v1"}).body["data"]
    assert (back["status"], back["version"], back["publishedAt"]) == ("draft", 4, stamp(2))
    last = play.ask("publishContent", "c-0", {}).body["data"]
    assert (last["version"], last["publishedAt"]) == (5, stamp(2)), "publishedAt is the first publication's"


def test_revert_writes_a_new_version_and_marks_the_replaced_one(play: Any) -> None:
    play.create("One", tags=["a"])
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "Two", "tags": []})
    back = play.ask("revertContentVersion", "c-0", {"versionId": "c-0-v1"}).body["data"]
    assert (back["title"], back["tags"], back["version"], back["status"]) == ("One", ["a"], 3, "draft")
    play.ask("revertContentVersion", "c-0", {"versionId": "c-0-v3", "createBackup": False})
    rows = play.ask("getContentVersions", "c-0").body["data"]
    assert [(r["version"], r["changeType"], r["backup"]) for r in rows] == [
        (4, "reverted", False),
        (3, "reverted", False),
        (2, "updated", True),
        (1, "created", False),
    ]
    assert rows[2]["snapshot"]["title"] == "Two", "history is never rewritten"
    assert (rows[2]["createdAt"], rows[2]["createdBy"]) == (stamp(2), "u-ada")
    assert [r["version"] for r in play.ask("getContentVersions", "c-0", limit=2).body["data"]] == [4, 3]
    play.create()
    assert code(play.ask("revertContentVersion", "c-1", {"versionId": "c-0-v1"})) == "404 VERSION_NOT_FOUND"


def test_bulk_is_the_single_calls_in_order(play: Any) -> None:
    for _ in range(3):
        play.create()
    operations = [
        {"type": "update", "id": "c-0", "version": 1, "data": {"title": "U"}},
        {"type": "update", "id": "c-0", "version": 1, "data": {"title": "V"}},
        {"type": "publish", "id": "c-0"},
        {"type": "publish", "id": "c-0", "data": {"platforms": ["ios"]}},
        {"type": "archive", "id": "c-1", "data": {"reason": "r"}},
        {"type": "publish", "id": "c-1"},
        {"type": "archive", "id": "nothing"},
    ]
    writer = replace(ADA, permissions=ALL - {"content:archive"})
    data = play.ask("bulkUpdateContent", body={"operations": operations}, caller=writer).body["data"]
    assert data["successfulOperations"] == 4
    assert [(f["index"], f["id"], f["code"]) for f in data["failedOperations"]] == [
        (1, "c-0", "VERSION_CONFLICT"),
        (4, "c-1", "FORBIDDEN"),
        (6, "nothing", "FORBIDDEN"),
    ]
    got = play.ask("getContentItem", "c-0").body["data"]
    assert (got["title"], got["version"], got["status"], len(got["platforms"])) == ("U", 3, "published", 3)
    failed = play.ask("bulkUpdateContent", body={"operations": operations[6:]}).body["data"][
        "failedOperations"
    ]
    assert failed[0]["code"] == "CONTENT_NOT_FOUND"


def test_idempotency_keys(play: Any) -> None:
    key = {"idempotency-key": "k1"}
    first = play.ask("createContentItem", body={"title": "A", "tags": []}, headers=key)
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "B"})
    replayed = play.ask("createContentItem", body={"tags": [], "title": "A"}, headers=key)
    assert (replayed.status, replayed.body) == (201, first.body), "the answer of then, not the item of now"
    assert (
        code(play.ask("createContentItem", body={"title": "B"}, headers=key)) == "422 IDEMPOTENCY_KEY_REUSED"
    )
    other = play.ask(
        "createContentItem", body={"title": "B"}, headers=key, caller=Caller(user="u-bob", workspace="w1")
    )
    assert other.status == 201, "a key belongs to an account"
    refused = {"idempotency-key": "k2"}
    assert (
        code(play.ask("createContentItem", body={"title": "C", "category": "x"}, headers=refused))
        == "409 CATEGORY_UNKNOWN"
    )
    assert play.ask("createContentItem", body={"title": "C"}, headers=refused).status == 201


@pytest.mark.parametrize("operation", sorted(PERMISSIONS))
def test_a_missing_permission_comes_first(play: Any, operation: str) -> None:
    caller = replace(ADA, permissions=ALL - {PERMISSIONS[operation]})
    got = play.ask(operation, path={"id": "nothing", "category": "nothing"}, caller=caller)
    assert code(got) == "403 FORBIDDEN"


def test_workspaces_do_not_see_each_other(play: Any) -> None:
    play.create()
    assert code(play.ask("getContentItem", "c-0", caller=EVE)) == "404 CONTENT_NOT_FOUND"
    assert play.ask("getContentItems", caller=EVE).body["data"]["data"] == []


@pytest.mark.parametrize(
    ("operation", "item", "expected"),
    [
        pytest.param("updateContentItem", "c-0", "400 VALIDATION_FAILED", id="invalid"),
        pytest.param("updateContentItem", "nothing", "404 CONTENT_NOT_FOUND", id="404-before-400"),
        pytest.param("getContentItem", "c-0", "400 VALIDATION_FAILED", id="invalid-read"),
        pytest.param("syncContent", None, "400 VALIDATION_FAILED", id="invalid-list"),
    ],
)
def test_invalid_requests(play: Any, operation: str, item: str | None, expected: str) -> None:
    play.create()
    request = Request(operation=operation, caller=ADA, path={"id": item} if item else {}, valid=False)
    play.oracle, got = play.oracle.answer(request)
    assert code(got) == expected


@pytest.mark.parametrize(
    ("operation", "body", "law", "made"),
    [
        pytest.param("updateContentItem", {"version": 3, "title": "t"}, "archived items", {"title": "t", "status": "archived"}, id="an archived item updated"),
        pytest.param("publishContent", {}, "archived items", {"status": "published"}, id="an archived item published"),
        pytest.param("revertContentVersion", {"versionId": "c-0-v2"}, "status of a revert", {"status": "published"}, id="the version's status"),
        pytest.param("revertContentVersion", {"versionId": "c-0-v2"}, "status of a revert", {"status": "archived"}, id="the present status"),
    ],
)  # fmt: skip
def test_where_the_document_is_silent_a_server_may_do_either(
    play: Any, operation: str, body: dict[str, Any], law: str, made: dict[str, str]
) -> None:
    """The model takes the other way, holds the server to the rest, and knows the item afterwards."""
    play.create()
    for write in ("publishContent", "archiveContent", "getContentVersions"):
        play.ask(write, "c-0", {})
    before = play.ask("getContentItem", "c-0").body["data"]
    after = {**before, **made, "version": 4, "updatedAt": stamp(4)}
    request = Request(operation=operation, caller=ADA, path={"id": "c-0"}, query={}, headers={}, body=body)
    answer = Response(
        status=200, headers={"etag": '"v4"', "cache-control": "private, no-cache"}, body={"data": after}
    )
    other = replace(answer, body={"data": {**after, "body": "another"}})
    assert play.model.step(request, answer)[1]
    space = replace(play.model.worlds["w1"][0], silent=frozenset([law]))
    silent = replace(play.model, worlds={"w1": (space,)})
    assert silent.step(request, other)[1]
    known, wrong = silent.step(request, answer)
    assert not wrong
    read = replace(request, operation="getContentItem", body=None)
    assert not known.step(read, answer)[1]
    assert known.step(read, other)[1]
