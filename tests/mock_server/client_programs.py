"""What a client does to see a fault: short programs that label their answers.

A program is deterministic: two servers of the same seed give the same answers to it, byte for byte, so any
difference under one fault is that fault's.
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from mock_server.build import DEV_ORIGINS

from .inside import Enough, Inside

ClientProgram = Callable[[Inside], None]

FORM = "application/x-www-form-urlencoded"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""


def lists(api: Inside) -> None:
    api.post("/content/items/item-000003/archive", {})
    api.create("amber, not capital")
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
    api.call("HEAD", "/content/items", label="head")


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


def logins(api: Inside) -> None:
    answer = api.login("demo", label="login")
    access = answer.json["tokens"]["accessToken"]
    api.login("DEMO@tchat.com", label="upper")
    api.post("/auth/login", {"email": "demo@tchat.com", "password": "wrong"}, user=None, label="wrong")
    api.post("/auth/login", {"email": "nobody@tchat.com", "password": "wrong"}, user=None, label="nobody")
    api.post("/auth/login", {"email": "demo@tchat.com", "password": ["secret"]}, user=None, label="invalid")
    api.get("/auth/verify", token=access, label="verify")
    segment = access.split(".")[1]
    assert (segment == segment.replace("-", "").replace("_", "")) == ("plain" in _kind(segment))
    first = api.login("viewer", deviceId="d-1", platform="ios").json["tokens"]["accessToken"]
    api.login("viewer", deviceId="d-1", platform="ios")
    api.get("/auth/verify", token=first, label="device")
    for _ in range(5):
        api.post("/auth/login", {"email": "editor@tchat.com", "password": "wrong"}, user=None)
    api.login("editor", label="throttled")
    api.post(
        "/auth/login", {"email": "editor@tchat.com", "password": "wrong"}, user=None, label="throttled-wrong"
    )


def _kind(segment: str) -> str:
    return "plain" if not set(segment) & set("-_") else "url"


def tokens(api: Inside) -> None:
    pair = api.login("demo").json["tokens"]
    access, refresh = pair["accessToken"], pair["refreshToken"]
    head, body, mac = access.split(".")
    api.get("/auth/verify", token=access, label="verify")
    for label, authorization in {
        "none": None,
        "undefined": "Bearer undefined",
        "basic": f"Basic {access}",
        "lower": f"bearer {access}",
        "forged": f"Bearer {head}.{_as_admin(body)}.{mac}",
        "alg-none": f"Bearer {_segment({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        "refresh-as-access": f"Bearer {refresh}",
    }.items():
        headers = {} if authorization is None else {"authorization": authorization}
        api.call("GET", "/content/items/welcome", user=None, label=label, **headers)
    api.call("POST", "/auth/refresh", token=access, label="access-as-refresh")
    api.post("/content/items", {"title": "No"}, user="viewer", label="viewer-writes")
    api.post("/content/items/welcome/archive", {}, user="editor", label="editor-archives")
    api.get("/content/items?limit=1&sortBy=createdAt", label="list")
    api.item("welcome", label="welcome")
    api.wait(500)
    api.get("/auth/verify", token=access, label="at-500")
    api.wait(400)
    api.get("/auth/verify", token=access, label="at-exp")
    api.wait(10)
    api.get("/auth/verify", token=access, label="past-exp")
    api.wait(100_000)
    api.get("/auth/verify", token=access, label="long-past-exp")


def rotation(api: Inside) -> None:
    pair = api.login("demo").json["tokens"]
    first = pair["refreshToken"]
    api.wait(1)
    second = api.refresh(first, label="refresh").json["tokens"]["refreshToken"]
    api.get("/auth/verify", token=pair["accessToken"], label="earlier-access")
    api.wait(1)
    api.refresh(first, label="in-grace")
    api.wait(1)
    api.refresh(second, label="second")
    api.wait(60)
    api.refresh(first, label="reuse")
    api.refresh(second, label="after-reuse")


def logout(api: Inside) -> None:
    pair, other = (api.login("demo").json["tokens"] for _ in range(2))
    api.call("POST", "/auth/logout", token=pair["accessToken"], label="logout")
    api.get("/auth/verify", token=pair["accessToken"], label="access")
    api.refresh(pair["refreshToken"], label="refresh")
    api.get("/auth/verify", token=other["accessToken"], label="other-session")
    api.call("POST", "/auth/logout", {}, token=other["accessToken"], label="with-body")


def oauth(api: Inside) -> None:
    """The flow by forms, each step right once and wrong in every way that a fault lets pass."""
    client, uri, state = "tchat-web", "https://app.tchat.com/oauth/callback", 'a+b"<i>'
    asked = {
        "response_type": "code", "client_id": client, "redirect_uri": uri, "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", "state": state,
    }  # fmt: skip
    user = {"email": "demo@tchat.com", "password": "demo-password", "decision": "allow"}

    def form(path: str, fields: dict[str, str], label: str) -> Any:
        answer = api.raw(
            "POST", path, headers={"content-type": FORM, "host": "h"}, body=urlencode(fields).encode()
        )
        api.note(label, answer)
        return answer

    def code(label: str, **changes: str) -> str:
        answer = form("/oauth/authorize", {**asked, **user, **changes}, label)
        return str(dict(parse_qsl(urlsplit(answer.headers["location"]).query)).get("code", ""))

    def redeem(code: str, label: str, **changes: str) -> Any:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": uri, "client_id": client}
        return form("/oauth/token", {**fields, "code_verifier": VERIFIER, **changes}, label)

    for label, changes in {"page": {}, "prefix": {"redirect_uri": f"{uri}/x"}}.items():
        api.note(label, api.raw("GET", "/oauth/authorize", query=urlencode({**asked, **changes})))
    api.note("metadata", api.raw("GET", "/.well-known/oauth-authorization-server", headers={"host": "h"}))
    form(
        "/oauth/authorize",
        {**asked, **user, "redirect_uri": "com.tchat.ios:/oauth/callback"},
        "redirect-of-ios",
    )
    form("/oauth/authorize", {**asked, **user, "password": "x"}, "wrong-password")
    for label, changes in {
        "denied": {"decision": "deny"}, "implicit": {"response_type": "token"}, "plain": {"code_challenge_method": "plain"},
        "bare": {"code_challenge": "", "code_challenge_method": ""},
    }.items():  # fmt: skip
        code(label, **changes)
    wrong = (
        {"code_verifier": VERIFIER[::-1]},
        {"client_id": "tchat-ios"},
        {"redirect_uri": "http://localhost:3000/oauth/callback"},
    )
    for number, changes in enumerate(wrong):
        redeem(code(f"code-{number}"), f"wrong-{number}", **changes)
    late = code("code-late")
    api.wait(61)
    redeem(late, "late")
    used = code("code")
    tokens = redeem(used, "tokens").json
    refresh = {"grant_type": "refresh_token", "client_id": client, "refresh_token": tokens["refresh_token"]}
    form("/oauth/token", {**refresh, "client_id": "tchat-ios"}, "refresh-of-ios")
    form("/oauth/token", refresh, "refresh")
    api.wait(1)
    form("/oauth/token", refresh, "in-grace")
    form("/oauth/revoke", {"token": tokens["access_token"], "client_id": "tchat-ios"}, "revoke-of-ios")
    api.get("/auth/verify", token=tokens["access_token"], label="verify")
    redeem(used, "reuse")
    api.get("/auth/verify", token=tokens["access_token"], label="after-reuse")
    another = redeem(code("code-again"), "tokens-again").json
    api.wait(1)
    form("/oauth/token", {**refresh, "refresh_token": another["refresh_token"]}, "refresh-again")
    api.wait(60)
    form("/oauth/token", {**refresh, "refresh_token": another["refresh_token"]}, "reuse-of-refresh")
    third = redeem(code("code-third"), "tokens-third").json
    form("/oauth/revoke", {"token": third["access_token"], "client_id": client}, "revoke")
    api.get("/auth/verify", token=third["access_token"], label="after-revoke")


def workspaces(api: Inside) -> None:
    item = api.create("Secret")["id"]
    path = f"/content/items/{item}"
    api.get(path, user="other", label="read")
    api.get(f"{path}/versions", user="other", label="versions")
    api.put(path, {"version": 1, "title": "Stolen"}, user="other", label="write")
    api.get(path, label="own")
    api.get("/content/items?limit=100", user="other", label="list")
    api.get("/content/sync?lastSyncTimestamp=2026-01-01T00:00:00Z", user="other", label="sync")


def _segment(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _as_admin(body: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return _segment({**claims, "sub": "u-editor"})


PROGRAMS: dict[str, ClientProgram] = {
    program.__name__: program
    for program in (
        lists, categories, one_item, history, sync, updates, creates, bulk, methods, logins, tokens, rotation,
        logout, oauth, workspaces,
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
