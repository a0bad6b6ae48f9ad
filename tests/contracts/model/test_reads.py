"""What the model says of the reads, against answers written by hand from openapi.yaml."""

from typing import Any

import pytest

from contracts.model import Response


def code(response: Response) -> str:
    return f"{response.status} {response.body['code']}"


def stamp(tick: int) -> str:
    return f"2026-01-01T00:00:00.{tick:03}000Z"


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
def test_conditional_reads(play: Any, version: str | None, condition: str | None, status: int) -> None:
    play.create()
    play.ask("updateContentItem", "c-0", {"version": 1, "title": "U"})
    query = {} if version is None else {"version": version}
    got = play.ask(
        "getContentItem", "c-0", headers={} if condition is None else {"if-none-match": condition}, **query
    )
    assert got.status == status
    if status == 304:
        assert got.body is None and got.headers["etag"] == f'"v{version or 2}"'


def test_lists_filter_sort_and_page(play: Any) -> None:
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
def test_search(play: Any, search: str, found: list[str]) -> None:
    play.create("Say HeLLo")
    play.create("x", body="Rote Äpfel")
    play.create("100 %")
    assert play.listed(search=search) == found


def test_categories_and_their_items(play: Any) -> None:
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
def test_date_bounds(play: Any, bounds: dict[str, str], found: list[str]) -> None:
    play.create(category="news")
    play.create(category="news")
    play.ask("publishContent", "c-0", {})
    play.ask("publishContent", "c-1", {})
    got = play.ask("getContentByCategory", path={"category": "news"}, **bounds)
    assert [row["id"] for row in got.body["data"]["data"]] == found


def test_sync_windows(play: Any) -> None:
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
