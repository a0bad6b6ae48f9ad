"""What happens to items: versions and conflicts, bulk, history, sync, idempotency, and whose they are."""

import json
import random
from typing import Any

import pytest

from .inside import Inside, inside


@pytest.fixture
def api() -> Inside:
    return inside()


# Versions and conflicts


def test_exactly_one_of_many_writers_on_a_version_wins(api: Inside) -> None:
    item = api.create()
    answers = [api.put(f"/content/items/{item['id']}", {"version": 1, "title": f"T{n}"}) for n in range(50)]
    assert [answer.status for answer in answers] == [200] + [409] * 49
    assert {answer.code for answer in answers[1:]} == {"VERSION_CONFLICT"}
    assert answers[1].json["details"] == {"currentVersion": 2, "yourVersion": 1}
    assert api.item(item["id"])["title"] == "T0"


@pytest.mark.parametrize("version", [1, 3, 2**31 - 1])
def test_only_the_present_version_can_be_updated(api: Inside, version: int) -> None:
    path = f"/content/items/{api.create()['id']}"
    api.put(path, {"version": 1, "body": "second"})
    assert api.put(path, {"version": version, "title": "No"}).code == "VERSION_CONFLICT"
    assert api.get(path).data["version"] == 2


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"v1"', 200), ("*", 200), ('"v0", "v1"', 200), ('"v2"', 412), ('W/"v1"', 412), ('"V1"', 412)],
)
def test_if_match_compares_strongly(api: Inside, condition: str, status: int) -> None:
    path = f"/content/items/{api.create()['id']}"
    answer = api.put(path, {"version": 1, "title": "Two"}, if_match=condition)
    assert answer.status == status
    assert api.get(path).headers["etag"] == ('"v2"' if status == 200 else '"v1"')


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"v2"', 304), ('W/"v2"', 304), ("*", 304), ('"v9", "v2"', 304), ('"v1"', 200)],
)
def test_if_none_match_compares_weakly(api: Inside, condition: str, status: int) -> None:
    answer = api.get("/content/items/welcome", if_none_match=condition)
    assert answer.status == status and answer.headers["etag"] == '"v2"'
    assert bool(answer.body) is (status == 200)


def test_an_update_merges(api: Inside) -> None:
    item = api.create("A", body="b", category="news", tags=["x"], metadata={"k": "v"})
    after = api.put(
        f"/content/items/{item['id']}", {"version": 1, "category": None, "metadata": {"n": "w"}}
    ).data
    changed = {name for name in item if item[name] != after[name]}
    assert changed == {"category", "metadata", "version", "updatedAt"}
    assert after["category"] is None and after["metadata"] == {"n": "w"}


LIFE: list[tuple[str, Any, int, str, int]] = [
    # what is done, its body, the status of the answer, the item's status and version afterwards
    ("publish", {}, 200, "published", 2),
    ("publish", {"platforms": ["ios"]}, 200, "published", 2),
    ("put", {"version": 2, "title": "B"}, 200, "published", 3),
    ("archive", {"reason": "old"}, 200, "archived", 4),
    ("archive", {}, 200, "archived", 4),
    ("publish", {}, 409, "archived", 4),
    ("put", {"version": 4, "title": "C"}, 409, "archived", 4),
    ("put", {"version": 1, "title": "C"}, 409, "archived", 4),
    ("revert", {"versionId": "v2"}, 200, "draft", 5),
    ("revert", {"versionId": "v99"}, 404, "draft", 5),
    ("publish", {}, 200, "published", 6),
    ("revert", {"versionId": "v1"}, 200, "published", 7),
]


def test_the_life_of_an_item(api: Inside) -> None:
    item = api.create("A")["id"]
    published_at = None
    for step, body, status, state, version in LIFE:
        if "versionId" in body:
            body = {**body, "versionId": f"{item}-{body['versionId']}"}
        path = f"/content/items/{item}" + ("" if step == "put" else f"/{step}")
        answer = api.call("PUT" if step == "put" else "POST", path, body)
        assert answer.status == status, step
        if status == 409:
            assert answer.code == "INVALID_STATE"
        now = api.item(item)
        assert (now["status"], now["version"]) == (state, version), step
        published_at = published_at or now["publishedAt"]
        assert now["publishedAt"] == published_at, "set once and kept"
    types = [v["changeType"] for v in api.get(f"/content/items/{item}/versions?limit=100").data]
    assert types[::-1] == ["created", "published", "updated", "archived", "reverted", "published", "reverted"]


def test_history_is_immutable_and_without_gaps(api: Inside) -> None:
    item = api.create("First")["id"]
    path = f"/content/items/{item}"
    kept = [api.get(path).data]
    for version in range(1, 12):
        api.put(path, {"version": version, "body": str(version)})
        kept.append(api.get(path).data)
    api.post(f"{path}/revert", {"versionId": f"{item}-v3"})
    versions = api.get(f"{path}/versions?limit=100").data
    assert [v["version"] for v in versions] == list(range(13, 0, -1))
    assert [v["backup"] for v in versions] == [False, True] + [False] * 11
    assert [v["snapshot"] for v in versions][:0:-1] == kept
    assert [api.get(f"{path}?version={n}").data for n in range(1, 13)] == kept
    assert len(api.get(f"{path}/versions").data) == 10
    assert api.get(f"{path}?version=14").code == "VERSION_NOT_FOUND"
    content = {name: versions[0]["snapshot"][name] for name in ("title", "body", "tags", "category")}
    assert content == {name: kept[2][name] for name in content}


def test_a_category_that_does_not_exist_is_a_conflict_and_leaves_nothing(api: Inside) -> None:
    before = api.get("/content/items?limit=100").data
    assert api.post("/content/items", {"title": "A", "category": "no"}).code == "CATEGORY_UNKNOWN"
    answer = api.put("/content/items/welcome", {"version": 1, "category": "no"})
    assert answer.code == "VERSION_CONFLICT", "judged before the category"
    assert api.get("/content/items?limit=100").data == before


# Bulk


def test_bulk_equals_its_single_calls_in_sequence() -> None:
    """Twenty random requests against one server, the same operations one by one against its twin."""
    chance = random.Random(7)
    at_once, one_by_one = inside(), inside()
    ids = [f"item-{n:06d}" for n in range(1, 13)] + ["nothing", "welcome"]
    for _ in range(20):
        operations = [_operation(chance, chance.choice(ids)) for _ in range(chance.randint(1, 12))]
        answer = at_once.bulk(*operations)["data"]
        codes = [_single(one_by_one, operation) for operation in operations]
        failed = [(n, code) for n, code in enumerate(codes) if code]
        assert [(f["index"], f["code"]) for f in answer["failedOperations"]] == failed
        assert answer["successfulOperations"] + len(failed) == len(operations)
        assert all(f["id"] == operations[f["index"]]["id"] for f in answer["failedOperations"])
    for target in ("/content/items?limit=100", "/content/items?status=archived", "/content/categories"):
        assert at_once.get(target).data == one_by_one.get(target).data


def _operation(chance: random.Random, item: str) -> dict[str, Any]:
    kind = chance.choice(["update", "update", "publish", "archive"])
    if kind == "update":
        fields = chance.choice(
            [{"title": "New"}, {"category": "news"}, {"category": "nowhere"}, {"tags": []}]
        )
        return {"type": kind, "id": item, "version": chance.randint(1, 3), "data": fields}
    return {"type": kind, "id": item}


def _single(api: Inside, operation: dict[str, Any]) -> str | None:
    path = f"/content/items/{operation['id']}"
    if operation["type"] == "update":
        answer = api.put(path, {"version": operation["version"], **operation["data"]})
    else:
        answer = api.post(f"{path}/{operation['type']}", {})
    return None if answer.status == 200 else str(answer.code)


# Lists


@pytest.mark.parametrize("sort", ["updatedAt", "createdAt", "title", "publishedAt", "version"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_joined_are_the_whole_list(api: Inside, sort: str, order: str) -> None:
    for n in (1, 4, 9):
        api.post(f"/content/items/item-{n:06d}/archive", {})
    target = f"/content/items?sortBy={sort}&sortOrder={order}"
    whole = api.get(f"{target}&limit=100").data["data"]
    pages = [api.get(f"{target}&limit=7&page={n}").data for n in range(1, 11)]
    assert [item for page in pages for item in page["data"]] == whole
    assert {page["pagination"]["total"] for page in pages} == {len(whole)}
    key = [(item[sort] or "", item["id"]) for item in whole]
    assert key == sorted(key, reverse=order == "desc")
    assert not any(item["status"] == "archived" for item in whole)


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ("status=draft", lambda item: item["status"] == "draft"),
        ("category=news", lambda item: item["category"] == "news"),
        ("search=AmBeR", lambda item: "amber" in (item["title"] + "\0" + item["body"]).lower()),
        (
            "search=r&status=published",
            lambda item: item["status"] == "published" and "r" in (item["title"] + item["body"]).lower(),
        ),
        ("category=nowhere", lambda item: False),
        ("search=%25", lambda item: "%" in item["title"] + item["body"]),
    ],
)
def test_a_filter_keeps_exactly_what_it_says(api: Inside, query: str, keeps: Any) -> None:
    everything = api.get("/content/items?limit=100").data["data"]
    page = api.get(f"/content/items?limit=100&{query}").data
    assert page["data"] == [item for item in everything if keeps(item)]
    assert page["pagination"]["total"] == len(page["data"])


def test_the_tree_counts_what_is_there(api: Inside) -> None:
    chance = random.Random(3)
    for _ in range(60):
        item = f"item-{chance.randint(1, 60):06d}"
        step = chance.choice(["archive", "publish", "revert", "move"])
        if step == "move":
            body = {"version": api.item(item)["version"], "category": chance.choice(["news", "guides", None])}
            api.put(f"/content/items/{item}", body)
        else:
            api.post(f"/content/items/{item}/{step}", {"versionId": f"{item}-v1"} if step == "revert" else {})
    items = api.get("/content/items?limit=100").data["data"]
    flat = list(_flat(api.get("/content/categories?includeEmpty=true").data))
    assert {c["id"]: c["itemCount"] for c in flat} == {
        c["id"]: sum(item["category"] == c["id"] for item in items) for c in flat
    }


def _flat(nodes: list[dict[str, Any]]) -> Any:
    for node in nodes:
        yield node
        yield from _flat(node["children"])


# Sync


@pytest.mark.parametrize("seed", range(3))
def test_chained_windows_replay_to_the_present_state(seed: int) -> None:
    api, chance = inside(), random.Random(seed)
    copy: dict[str, Any] = {}
    stamp, shown = "2020-01-01T00:00:00Z", []
    for _ in range(40):
        for _ in range(chance.randint(0, 4)):
            item = f"item-{chance.randint(1, 60):06d}"
            api.post(f"/content/items/{item}/{chance.choice(['publish', 'archive'])}", {})
            api.wait(chance.choice([0, 0, 0.5]))
        query = f"lastSyncTimestamp={stamp}&includeDeleted=true&platforms=web,ios,android"
        window = api.get(f"/content/sync?{query}").data
        stamps = [i["updatedAt"] for i in window["items"]] + [d["deletedAt"] for d in window["deleted"]]
        assert all(stamp < at <= window["syncTimestamp"] for at in stamps)
        shown += stamps
        copy |= {item["id"]: item for item in window["items"]}
        for gone in window["deleted"]:
            copy.pop(gone["id"], None)
        stamp = window["syncTimestamp"]
    assert len(shown) == len(set(shown)), "nothing is sent twice"
    everything = api.get("/content/items?limit=100").data["data"]
    assert copy == {item["id"]: item for item in everything}


def test_a_long_window_is_cut_and_goes_on_where_it_was_cut() -> None:
    api = inside(items=2300)
    stamp, sizes, ids = "2020-01-01T00:00:00Z", [], []
    while True:
        query = f"lastSyncTimestamp={stamp}&includeDeleted=true&platforms=web,ios,android"
        window = api.get(f"/content/sync?{query}").data
        sizes.append(len(window["items"]) + len(window["deleted"]))
        ids += [entry["id"] for entry in window["items"] + window["deleted"]]
        stamp = window["syncTimestamp"]
        if not window["hasMore"]:
            break
    assert sizes == [1000, 1000, 301]
    assert len(set(ids)) == 2301


# Idempotency, workspaces


def test_an_idempotency_key_creates_once(api: Inside) -> None:
    body = {"title": "One", "tags": ["a"]}
    first = api.post("/content/items", body, idempotency_key="k")
    api.put(f"/content/items/{first.data['id']}", {"version": 1, "title": "Changed"})
    again = api.raw(
        "POST",
        "/content/items",
        headers={
            "authorization": f"Bearer {api.access('demo')}", "content-type": "application/json",
            "idempotency-key": "k",
        },
        body=json.dumps(dict(reversed(body.items())), indent=1).encode(),
    )  # fmt: skip
    assert again.told == first.told, "the first answer, whatever happened since, however it is spelt"
    assert api.post("/content/items", {"title": "Two"}, idempotency_key="k").code == "IDEMPOTENCY_KEY_REUSED"
    other = api.post("/content/items", body, idempotency_key="k", user="editor")
    assert other.status == 201 and other.data["id"] != first.data["id"]
    api.wait(24 * 3600 + 1)
    api.pairs.clear()
    assert api.post("/content/items", body, idempotency_key="k").data["id"] != first.data["id"]


def test_a_refused_create_leaves_its_key_unused(api: Inside) -> None:
    assert api.post("/content/items", {"title": "A", "category": "no"}, idempotency_key="k").status == 409
    assert api.post("/content/items", {"title": "B"}, idempotency_key="k").status == 201


ON_ONE_ITEM: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/versions", None),
    ("PUT", "", {"version": 1, "title": "Mine"}),
    ("PUT", "", {"wrong": 1}),
    ("POST", "/publish", {}),
    ("POST", "/archive", {}),
    ("POST", "/revert", {"versionId": "v"}),
]


@pytest.mark.parametrize(("method", "rest", "body"), ON_ONE_ITEM)
def test_another_workspace_s_item_does_not_exist(api: Inside, method: str, rest: str, body: Any) -> None:
    secret = api.create("Secret")["id"]
    bodies = () if body is None else (body,)
    foreign = api.call(method, f"/content/items/{secret}{rest}", *bodies, user="other")
    absent = api.call(method, f"/content/items/{secret[::-1]}{rest}", *bodies, user="other")
    assert foreign.status == absent.status == 404
    assert str(foreign.told).replace(secret, "ID") == str(absent.told).replace(secret[::-1], "ID")
    assert api.item(secret)["version"] == 1


def test_workspaces_share_nothing(api: Inside) -> None:
    item = api.create("Secret")["id"]
    told = [
        api.get("/content/items?limit=100", user="other"),
        api.get("/content/items?search=Secret", user="other"),
        api.get("/content/sync?lastSyncTimestamp=2020-01-01T00:00:00Z", user="other"),
        api.post("/content/items/bulk", {"operations": [{"type": "archive", "id": item}]}, user="other"),
    ]
    assert b"Secret" not in b"".join(answer.body for answer in told)
    assert told[-1].data["failedOperations"][0]["code"] == "CONTENT_NOT_FOUND"
    # The same id in both: each sees and changes its own.
    api.put("/content/items/welcome", {"version": 2, "title": "Theirs"}, user="other")
    assert api.item("welcome")["title"] == "Welcome"
