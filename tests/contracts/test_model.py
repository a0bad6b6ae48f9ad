"""What the model says of each operation, against answers written by hand from openapi.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from contracts import spec
from contracts.model import Caller, Model, Request, Response, adopt
from contracts.model.exchange import ALL, PERMISSIONS
from contracts.model.model import RULES
from contracts.model.oracle import Oracle

ADA = Caller(user="u-ada", workspace="w1")
EVE = Caller(user="u-eve", workspace="w2")
TREE = [
    {
        "id": "news",
        "name": "News",
        "parentId": None,
        "itemCount": 0,
        "children": [
            {"id": "local", "name": "Local", "parentId": "news", "itemCount": 0, "children": []},
            {"id": "world", "name": "World", "parentId": "news", "itemCount": 0, "children": []},
        ],
    },
    {"id": "empty", "name": "Empty", "parentId": None, "itemCount": 0, "children": []},
]


class Play:
    """A server made of the model, and a second model that watches it."""

    def __init__(self) -> None:
        self.oracle = Oracle({"w1": adopt([], TREE)})
        self.model = Model.of({"w1": adopt([], TREE)})

    def ask(
        self,
        operation: str,
        item: str | None = None,
        body: Any = None,
        *,
        caller: Caller = ADA,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        request = Request(
            operation=operation,
            caller=caller,
            path=path or ({} if item is None else {"id": item}),
            query=query,
            headers=headers or {},
            body=body,
        )
        self.oracle, response = self.oracle.answer(request)
        self.model, wrong = self.model.step(request, response)
        assert not wrong, (request, [str(w) for w in wrong])
        return response

    def create(self, title: str = "T", **body: Any) -> str:
        response = self.ask("createContentItem", body={"title": title, **body})
        identity: str = response.body["data"]["id"]
        return identity

    def listed(self, **query: Any) -> list[str]:
        return [row["id"] for row in self.ask("getContentItems", **query).body["data"]["data"]]


@pytest.fixture
def play() -> Play:
    return Play()


def code(response: Response) -> str:
    return f"{response.status} {response.body['code']}"


def stamp(tick: int) -> str:
    return f"2026-01-01T00:00:00.{tick:03}000Z"


def test_the_model_knows_the_operations_and_permissions_of_the_spec() -> None:
    content = {o.id: o.permission for o in spec.load() if o.path.startswith("/content")}
    assert dict(PERMISSIONS) == content
    assert set(RULES) == set(content)


def test_create_makes_a_draft_of_version_1_with_every_member(play: Play) -> None:
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


def test_update_merges_and_replaces_members_whole(play: Play) -> None:
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
    play: Play, body: dict[str, Any], headers: dict[str, str], archived: bool, expected: str | None
) -> None:
    play.create()
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "U"})
    if archived:
        play.ask("archiveContent", "c-0", {})
    got = play.ask("updateContentItem", "c-0", body, headers=headers)
    assert got.status == 200 if expected is None else code(got) == expected
    if expected == "409 VERSION_CONFLICT":
        assert got.body["details"] == {"currentVersion": 2, "yourVersion": body["version"]}


def test_publish_once_and_for_all(play: Play) -> None:
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


def test_archive_revert_and_publish_again(play: Play) -> None:
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


def test_revert_writes_a_new_version_and_marks_the_replaced_one(play: Play) -> None:
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


@pytest.mark.parametrize(
    ("version", "condition", "status"),
    [
        pytest.param(None, '"v2"', 304, id="held"),
        pytest.param(None, 'W/"v2"', 304, id="weak-comparison"),
        pytest.param(None, "*", 304, id="any"),
        pytest.param(None, '"v1"', 200, id="old"),
        pytest.param("1", '"v1"', 304, id="old-version-held"),
        pytest.param("1", None, 200, id="old-version"),
        pytest.param("3", None, 404, id="no-such-version"),
        pytest.param("3", "*", 404, id="404-before-condition"),
    ],
)
def test_conditional_reads(play: Play, version: str | None, condition: str | None, status: int) -> None:
    play.create()
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "U"})
    query = {} if version is None else {"version": version}
    got = play.ask(
        "getContentItem", "c-0", headers={} if condition is None else {"if-none-match": condition}, **query
    )
    assert got.status == status
    if status == 304:
        assert got.body is None and got.headers["etag"] == f'"v{version or 2}"'


def test_lists_filter_sort_and_page(play: Play) -> None:
    for title in ("b", "Ä", "a", "Z", "a"):
        play.create(title)
    play.ask("publishContent", "c-1", {})
    play.ask("archiveContent", "c-4", {})
    assert play.listed() == ["c-1", "c-3", "c-2", "c-0"], "archived hidden, newest change first"
    assert play.listed(status="archived") == ["c-4"]
    assert play.listed(status="draft", sortBy="createdAt", sortOrder="asc") == ["c-0", "c-2", "c-3"]
    assert play.listed(sortBy="title", sortOrder="asc") == ["c-3", "c-2", "c-0", "c-1"], "by code points"
    assert play.listed(sortBy="publishedAt", sortOrder="asc") == ["c-0", "c-2", "c-3", "c-1"], "null first"
    assert play.listed(sortBy="publishedAt") == ["c-1", "c-3", "c-2", "c-0"], "null last, ids descending"
    assert play.listed(sortBy="version") == ["c-1", "c-3", "c-2", "c-0"]
    page = play.ask("getContentItems", page=2, limit=3).body["data"]
    assert [row["id"] for row in page["data"]] == ["c-0"]
    assert page["pagination"] == {
        "page": 2, "limit": 3, "total": 4, "totalPages": 2, "hasNext": False, "hasPrev": True,
    }  # fmt: skip
    assert play.ask("getContentItems", page=9).body["data"]["data"] == []
    assert play.ask("getContentItems", category="nowhere", page=2).body["data"]["pagination"] == {
        "page": 2, "limit": 20, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("hello", ["c-0"], id="ascii-case"),
        pytest.param("ÄPFEL", ["c-1"], id="ascii-case-beside-others"),
        pytest.param("äpfel", [], id="only-ascii-case"),
        pytest.param("Äpfel", ["c-1"], id="in-the-body"),
        pytest.param("%", ["c-2"], id="no-wildcard"),
        pytest.param("_", [], id="no-wildcard-either"),
    ],
)
def test_search(play: Play, search: str, found: list[str]) -> None:
    play.create("Say HeLLo")
    play.create("x", body="Rote Äpfel")
    play.create("100 %")
    assert play.listed(search=search) == found


def test_categories_and_their_items(play: Play) -> None:
    for category in ("news", "local", "local", None):
        play.create(category=category)
    for item in ("c-0", "c-1", "c-3"):
        play.ask("publishContent", item, {})
    play.ask("archiveContent", "c-2", {})

    def items(category: str, **query: Any) -> list[str]:
        got = play.ask("getContentByCategory", path={"category": category}, **query)
        return [row["id"] for row in got.body["data"]["data"]]

    assert items("news") == ["c-0"]
    assert items("news", includeSubcategories=True) == ["c-1", "c-0"]
    assert items("local", status="archived") == ["c-2"]
    assert items("local", status="draft") == []
    assert code(play.ask("getContentByCategory", path={"category": "nowhere"})) == "404 CATEGORY_NOT_FOUND"
    tree = play.ask("getContentCategories").body["data"]
    assert [(n["id"], n["itemCount"], [c["id"] for c in n["children"]]) for n in tree] == [
        ("news", 1, ["local"])
    ]
    full = play.ask("getContentCategories", includeEmpty=True).body["data"]
    assert [(n["id"], [c["id"] for c in n["children"]]) for n in full] == [
        ("empty", []),
        ("news", ["local", "world"]),
    ]


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        pytest.param({"startDate": stamp(4)}, ["c-1"], id="start-included"),
        pytest.param({"endDate": stamp(3)}, ["c-0"], id="end-included"),
        pytest.param({"startDate": stamp(3), "endDate": stamp(4)}, ["c-1", "c-0"], id="both"),
        pytest.param({"startDate": "2026-01-01", "endDate": "2026-01-01"}, ["c-1", "c-0"], id="one-whole-day"),
        pytest.param({"startDate": "2026-01-02"}, [], id="next-day"),
        pytest.param({"endDate": "2025-12-31"}, [], id="day-before"),
        pytest.param({"startDate": stamp(4), "endDate": stamp(3)}, [], id="inverted"),
        pytest.param({"startDate": "2026-01-01T01:00:00.0040009+01:00"}, ["c-1"], id="offset-and-long-fraction"),
    ],
)  # fmt: skip
def test_date_bounds(play: Play, bounds: dict[str, str], found: list[str]) -> None:
    play.create(category="news")
    play.create(category="news")
    play.ask("publishContent", "c-0", {})
    play.ask("publishContent", "c-1", {})
    got = play.ask("getContentByCategory", path={"category": "news"}, **bounds)
    assert [row["id"] for row in got.body["data"]["data"]] == found


def test_sync_windows(play: Play) -> None:
    for platforms in (["web"], ["ios"], []):
        play.create(platforms=platforms)
    play.create()
    play.ask("archiveContent", "c-3", {})

    def window(since: str, **query: Any) -> Any:
        return play.ask("syncContent", lastSyncTimestamp=since, **query).body["data"]

    first = window("2000-01-01T00:00:00Z")
    assert [row["id"] for row in first["items"]] == ["c-0", "c-2"], "on web, or on no platform at all"
    assert (first["deleted"], first["hasMore"]) == ([], False)
    both = window("2000-01-01T00:00:00Z", includeDeleted=True, platforms=["ios", "web"])
    assert [row["id"] for row in both["items"]] == ["c-0", "c-1", "c-2"]
    assert both["deleted"] == [{"id": "c-3", "deletedAt": stamp(5)}]
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "U"})
    chained = window(first["syncTimestamp"])
    assert [(row["id"], row["version"]) for row in chained["items"]] == [("c-0", 2)]
    assert window(chained["items"][0]["updatedAt"])["items"] == [], "the border is excluded"


def test_bulk_is_the_single_calls_in_order(play: Play) -> None:
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


def test_idempotency_keys(play: Play) -> None:
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
def test_a_missing_permission_comes_first(play: Play, operation: str) -> None:
    caller = replace(ADA, permissions=ALL - {PERMISSIONS[operation]})
    got = play.ask(operation, path={"id": "nothing", "category": "nothing"}, caller=caller)
    assert code(got) == "403 FORBIDDEN"


def test_workspaces_do_not_see_each_other(play: Play) -> None:
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
def test_invalid_requests(play: Play, operation: str, item: str | None, expected: str) -> None:
    play.create()
    request = Request(operation=operation, caller=ADA, path={"id": item} if item else {}, valid=False)
    play.oracle, got = play.oracle.answer(request)
    assert code(got) == expected
