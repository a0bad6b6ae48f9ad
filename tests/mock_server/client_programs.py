"""What a client does to see a fault: short programs that label their answers.

A program is deterministic: two servers of the same seed give the same answers to it, byte for byte, so any
difference under one fault is that fault's.
"""

import json
from collections.abc import Callable
from typing import Any

from mock_server.build import DEV_ORIGINS

from .access_programs import (
    consents,
    logins,
    logout,
    oauth_tokens,
    rotation,
    tokens,
    workspaces,
)
from .inside import Enough, Inside

ClientProgram = Callable[[Inside], None]


def lists(api: Inside) -> None:
    api.post("/content/items/item-000003/archive", {})
    amber = api.create("amber, not capital")
    api.create("Ärger über 100% Ümlaute", category="news-local-events")
    for label, target in {
        "list": "/content/items",
        "status": "/content/items?status=published&limit=100",
        "category": "/content/items?category=news&limit=100",
        "search": "/content/items?search=AMBER",
        "search-body": "/content/items?search=amber&sortBy=title",
        "search-middle": "/content/items?search=1&limit=100",
        "search-percent": "/content/items?search=a%25e&limit=100",
        "search-blank": "/content/items?search=%20amber%20&limit=100",
        "search-turned": "/content/items?search=capital+not&limit=100",
        "title-asc": "/content/items?sortBy=title&sortOrder=asc&limit=100",
        "version-asc": "/content/items?sortBy=version&sortOrder=asc&limit=7&page=2",
        "published-asc": "/content/items?sortBy=publishedAt&sortOrder=asc&limit=100",
        "page-2": "/content/items?page=2&limit=7",
        "last": "/content/items?page=8&limit=8&status=published",
        "whole": "/content/items?limit=100",
        "past-end": "/content/items?page=99&limit=10",
        "limit-beyond": "/content/items?limit=101",
        "page-zero": "/content/items?page=0",
        "unknown-sort": "/content/items?sortBy=size",
        "twice": "/content/items?page=1&page=2",
        "unknown-name": "/content/items?colour=red",
        "quote": "/content/items?search=%22a",
    }.items():
        api.get(target, label=label)
    last = api.get("/content/items?limit=7").data["pagination"]["totalPages"]
    api.get(f"/content/items?limit=7&page={last}", label="short-last")
    api.put("/content/items/item-000001", {"version": api.item("item-000001")["version"], "title": "Zzz"})
    api.get("/content/items?limit=5", label="after-write")
    api.put(f"/content/items/{amber['id']}", {"version": 1, "title": "􏿽 zzz"})
    api.get("/content/items?sortBy=title&sortOrder=desc&limit=3", label="title-after-write")
    api.get("/content/items?search=zzz", label="search-after-write")
    api.call("HEAD", "/content/items", label="head")
    api.get("/content/items?limit=1", accept_encoding="gzip;q=x", label="quality-of-no-number")


def categories(api: Inside) -> None:
    api.get("/content/categories", label="tree-before")
    event = api.create("Party", category="news-local-events")
    api.post(f"/content/items/{event['id']}/publish", {})
    api.create("Draft", category="news")
    gone = api.create("Gone", category="news")
    api.post(f"/content/items/{gone['id']}/archive", {})
    for label, target in {
        "tree": "/content/categories",
        "tree-all": "/content/categories?includeEmpty=true",
        "news": "/content/categories/news/items?limit=100",
        "news-drafts": "/content/categories/news/items?status=draft",
        "news-deep": "/content/categories/news/items?includeSubcategories=true&limit=100",
        "news-page": "/content/categories/news/items?includeSubcategories=true&limit=3&page=2",
        "unknown": "/content/categories/nowhere/items",
        "bad-date": "/content/categories/news/items?startDate=yesterday",
    }.items():
        api.get(target, label=label)
    items = api.get("/content/categories/news/items?includeSubcategories=true&limit=100").data["data"]
    first, last = items[-1]["updatedAt"], items[1]["updatedAt"]
    deep = "/content/categories/news/items?includeSubcategories=true&limit=100"
    api.get(f"{deep}&startDate={first}&endDate={last}", label="range")
    api.get(f"{deep}&startDate={last}&endDate={first}", label="range-inverted")
    api.get(f"{deep}&endDate={last[:10]}", label="range-day")
    parent = api.create("Only below", category="guides-admin")
    for item in api.get("/content/items?category=guides&limit=100").data["data"]:
        api.post(f"/content/items/{item['id']}/archive", {})
    api.get("/content/categories", label="tree-hollow")
    assert parent["category"] == "guides-admin"


def one_item(api: Inside) -> None:
    api.get("/content/items/welcome", label="item")
    api.get("/content/items/nothing", label="unknown")
    api.get("/content/items/welcome?version=1", label="old")
    api.get("/content/items/welcome?version=99", label="unknown-version")
    api.get("/content/items/welcome", if_none_match='"v2"', label="not-modified")
    api.get("/content/items/welcome", if_none_match='"v1"', label="modified")
    api.get("/content/items/welcome", if_none_match=f'"v{"9" * 20}"', label="beyond-64-bits")
    api.get("/content/items/welcome/versions", label="versions")
    api.get("/content/items/welcome/versions?limit=1", label="versions-limit")
    api.call("HEAD", "/content/items/welcome", label="head")
    api.put("/content/items/welcome", {"version": 2, "title": "Hello"})
    for number in (1, 2, 3, 4):
        api.get("/content/items/welcome", label=f"read-{number}")
    api.get("/content/items/welcome/versions", label="history")
    api.get("/content/items/welcome?version=2", label="past")
    api.create("Ümläut", category=None, label="created")
    api.item(api.create("Łódź", category=None)["id"], label="no-category")


def history(api: Inside) -> None:
    item = api.create("First", body="one", tags=["b", "a"])
    path = f"/content/items/{item['id']}"
    api.put(path, {"version": 1, "title": "Second", "body": "two"})
    api.post(f"{path}/publish", {})
    api.put(path, {"version": 3, "tags": ["z"]})
    api.post(f"{path}/revert", {"versionId": f"{item['id']}-v1"}, label="revert")
    api.get(path, label="after-revert")
    api.get(f"{path}/versions", label="versions")
    api.post(f"{path}/revert", {"versionId": "welcome-v1"}, label="foreign-version")
    api.post(f"{path}/revert", {"versionId": f"{item['id']}-v{'9' * 20}"}, label="beyond-64-bits")
    api.post(f"{path}/archive", {})
    api.post(f"{path}/revert", {"versionId": f"{item['id']}-v3", "createBackup": False}, label="recover")
    api.post(f"{path}/publish", {}, label="publish-again")


def sync(api: Inside) -> None:
    start = "/content/sync?lastSyncTimestamp=2026-01-01T00:00:00Z"
    api.create("Latest", platforms=["web", "ios", "android"])
    stamp = api.get(start, label="first").data["syncTimestamp"]
    api.get(f"{start}&platforms=ios", label="ios")
    api.get(f"{start}&includeDeleted=true", label="deleted")
    window = f"/content/sync?lastSyncTimestamp={stamp}"
    api.get(window, label="nothing-new")
    api.wait(0.001)
    api.create("New", platforms=[])
    api.put("/content/items/welcome", {"version": 2, "title": "Changed"})
    api.wait(0.001)
    api.post("/content/items/item-000001/archive", {})
    api.get(window, label="news")
    api.get(f"{window}&includeDeleted=true", label="news-deleted")
    middle = api.item("welcome")["updatedAt"]
    api.get(f"/content/sync?lastSyncTimestamp={middle}&includeDeleted=true", label="border")
    api.get("/content/sync?lastSyncTimestamp=yesterday", label="bad-stamp")


def updates(api: Inside) -> None:
    new: dict[str, Any] = {
        "title": " Über " + "x" * 120 + " ",
        "tags": ["b", "A"],
        "metadata": {"A": "1"},
        "category": "news",
    }
    item = api.create(label="create", **new)
    path = f"/content/items/{item['id']}"
    api.get(path, label="created")
    api.put(path, {"version": 1, "body": "text"}, label="merge")
    api.put(path, {"version": 1, "body": "late"}, label="conflict")
    api.put(path, {"version": 0, "body": "late"}, label="version-zero")
    api.get(path, label="after-conflict")
    api.put(path, {"version": 2, "tags": ["d", "c"], "metadata": {"b": "2"}, "title": "T"}, label="members")
    api.put(path, {"version": 3, "category": None}, label="null")
    api.put(path, {"version": 4, "body": "no"}, if_match='"v1"', label="if-match")
    api.put(path, {"version": 4, "body": "weak"}, if_match='W/"v4"', label="if-match-weak")
    api.get(path, label="after-if-match")
    api.put(path, {"version": 4, "title": "Mine"}, user="editor", label="by-editor")
    api.wait(1)
    api.post(f"{path}/publish", {"platforms": ["ios"], "notify": True}, label="publish")
    api.wait(1)
    api.post(f"{path}/publish", {}, label="publish-repeat")
    api.put(path, {"version": 6, "title": "Still out"}, label="published-update")
    api.post(f"{path}/archive", {}, label="archive")
    api.get(path, label="archived")
    api.post(f"{path}/archive", {}, label="archive-repeat")
    api.get(path, label="archived-twice")
    api.put(path, {"version": 8, "title": "No"}, label="update-archived")
    api.post(f"{path}/publish", {}, label="publish-archived")
    api.post(f"{path}/revert", {"versionId": f"{item['id']}-v6"}, label="revert")
    api.wait(1)
    api.post(f"{path}/publish", {}, label="published-anew")
    api.get(f"{path}/versions?limit=100", label="versions")


def creates(api: Inside) -> None:
    api.create("Plain", label="create")
    api.post("/content/items", {"title": "X", "category": "nowhere"}, label="category")
    api.post("/content/items", {"title": "X"}, idempotency_key="key-1", label="keyed")
    api.post("/content/items", {"title": "X"}, idempotency_key="key-1", label="keyed-again")
    api.post("/content/items", {"title": "Y"}, idempotency_key="key-1", label="keyed-other")
    api.post("/content/items", {"title": "X"}, idempotency_key="key-1", user="editor", label="keyed-editor")
    api.post("/content/items", {"title": "S", "status": "published"}, label="server-member")
    api.post("/content/items", {"title": "x" * 201}, label="long")
    api.post("/content/items", {"title": "x" * 150}, label="fairly-long")
    api.post("/content/items", {"title": ""}, label="empty")
    api.post("/content/items", {"body": "x"}, label="untitled")
    api.post("/content/items", {"title": "日本語"}, label="japanese")
    token = {"authorization": f"Bearer {api.access('demo')}"}
    raw = {"utf-8": '{"title":"日本語"}'.encode(), "bad-json": b'{"title":', "xml": b"<x/>"}
    for label, body in raw.items():
        media = "text/xml" if label == "xml" else "application/json"
        api.note(
            label, api.raw("POST", "/content/items", headers={**token, "content-type": media}, body=body)
        )
    api.note("no-media-type", api.raw("POST", "/content/items", headers=token, body=b'{"title":"a"}'))
    charset = {**token, "content-type": "application/json; charset=utf-8"}
    api.note("charset", api.raw("POST", "/content/items", headers=charset, body=b'{"title":"a"}'))
    json_type = {**token, "content-type": "application/json"}
    large = json.dumps({"title": "a", "body": "x" * 1_200_000}).encode()
    api.note("large", api.raw("POST", "/content/items", headers=json_type, body=large))
    api.get("/content/items?limit=100", label="list")
    api.call("POST", "/content/items/nothing/publish", {"colour": 1}, label="two-wrongs")
    api.call("POST", "/content/items", {"colour": 1}, user=None, label="no-token-bad-body")
    api.post("/content/items/bulk", {"operations": []}, label="bulk-empty")
    api.put(f"/content/items/{api.seen['keyed'].data['id']}", {"version": 1, "title": "Later"})
    api.post("/content/items", {"title": "X"}, idempotency_key="key-1", label="keyed-late")
    api.wait(2 * 3600)
    access = api.login().json["tokens"]["accessToken"]
    api.post(
        "/content/items", {"title": "X"}, token=access, idempotency_key="key-1", label="keyed-hours-later"
    )


def bulk(api: Inside) -> None:
    first, second, third = (api.create(title)["id"] for title in ("A", "B", "C"))
    update = {"type": "update", "id": first, "version": 1, "data": {"title": "A2"}}
    late = {"type": "update", "id": first, "version": 1, "data": {"title": "A3"}}
    missing = {"type": "archive", "id": "nothing"}
    api.bulk(
        update,
        late,
        missing,
        {"type": "publish", "id": second},
        {"type": "archive", "id": third},
        label="mixed",
    )
    for label, item in (("first", first), ("second", second), ("third", third)):
        api.item(item, label=label)
    api.bulk(missing, label="all-failed")
    api.bulk(
        {"type": "publish", "id": third}, {"type": "archive", "id": second}, user="editor", label="editor"
    )
    api.bulk(
        {"type": "publish", "id": first},
        {"type": "update", "id": first, "version": 2, "data": {"title": "Z"}},
        label="ordered",
    )
    api.item(first, label="first-after")


def methods(api: Inside) -> None:
    for label, method, path in (
        ("delete", "DELETE", "/content/items/welcome"),
        ("patch", "PATCH", "/content/items"),
        ("options", "OPTIONS", "/content/items/welcome"),
        ("head", "HEAD", "/content/items/welcome"),
        ("slash", "GET", "/content/items/"),
        ("bulk-path", "GET", "/content/items/bulk"),
        ("debug", "GET", "/debug/accounts"),
        ("nowhere", "GET", "/nowhere"),
        ("odd-path", "GET", "/no%20where"),
    ):
        api.call(method, path, label=label)
    own, other = DEV_ORIGINS[0], "https://evil.example"
    api.get("/content/items/welcome", origin=own, label="own-origin")
    api.get("/content/items/nothing", origin=own, label="own-origin-refused")
    api.get("/content/items/welcome", origin=other, label="foreign-origin")
    api.call(
        "OPTIONS",
        "/content/items/welcome",
        origin=own,
        access_control_request_method="PUT",
        label="preflight",
    )
    api.get("/content/items/welcome", accept="text/html, application/json;q=0.9", label="accept")
    api.get("/content/items/nothing", x_request_id="req-1", label="named")
    api.get("/content/items/nothing", x_request_id="a b", label="misnamed")
    metric = {"name": "n", "value": 1, "timestamp": 1, "tags": {}}
    session = {
        "sessionId": "s", "userAgent": "u", "platform": "web", "viewport": {"width": 1, "height": 1},
        "connection": {"effectiveType": "4g", "downlink": 1, "rtt": 1, "saveData": False},
    }  # fmt: skip
    api.post("/metrics", {"metrics": [metric] * 3, "session": session}, label="metrics")
    api.post("/metrics", {"metrics": [], "session": session}, label="metrics-none")


PROGRAMS: dict[str, ClientProgram] = {
    program.__name__: program
    for program in (
        lists, categories, one_item, history, sync, updates, creates, bulk, methods, logins, tokens, rotation,
        logout, consents, oauth_tokens, workspaces,
    )
}  # fmt: skip


def run(program: ClientProgram, api: Inside) -> dict[str, Any]:
    """Label -> the whole answer. A program that a fault makes impossible to go on ends early."""
    try:
        program(api)
    except Enough:
        pass
    except (KeyError, TypeError, ValueError, IndexError, AssertionError, AttributeError):
        if not api.server.faults.on:
            raise
    return {label: answer.told for label, answer in api.seen.items()}
