"""How a request is judged: the order, the methods, 400 exactly where the document says so, and determinism."""

import json
import random
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from contracts.schema import standalone
from contracts.spec import load

from .inside import Inside, inside


@pytest.fixture(scope="module")
def api() -> Inside:
    return inside()


# Each row is wrong in all ways from its own on; the first of them is the answer.
ORDER: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("no such path", "PATCH", "/nowhere", {}, 404, "ROUTE_NOT_FOUND"),
    ("no such method", "PATCH", "/content/items/nothing", {}, 405, "METHOD_NOT_ALLOWED"),
    ("no token", "PUT", "/content/items/nothing", {}, 401, "TOKEN_MISSING"),
    ("no permission", "PUT", "/content/items/nothing", {"user": "viewer"}, 403, "FORBIDDEN"),
    ("no such item", "PUT", "/content/items/nothing", {"user": "demo"}, 404, "CONTENT_NOT_FOUND"),
    ("too large", "PUT", "/content/items/welcome", {"user": "demo"}, 413, "PAYLOAD_TOO_LARGE"),
    ("wrong type", "PUT", "/content/items/welcome", {"user": "demo", "body": b"{"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ("invalid", "PUT", "/content/items/welcome", {"user": "demo", "body": b"{", "json": 1}, 400, "VALIDATION_FAILED"),
    ("precondition", "PUT", "/content/items/welcome", {"user": "demo", "body": b'{"version":9,"category":"no"}', "json": 1}, 412, "PRECONDITION_FAILED"),
    ("conflict", "PUT", "/content/items/welcome", {"user": "demo", "body": b'{"version":9,"category":"no"}', "json": 1, "free": 1}, 409, "VERSION_CONFLICT"),
]  # fmt: skip


@pytest.mark.parametrize("row", ORDER, ids=lambda row: row[0])
def test_the_first_wrong_in_order_is_the_answer(
    api: Inside, row: tuple[str, str, str, dict[str, Any], int, str]
) -> None:
    _, method, path, given, status, code = row
    headers = {"content-type": "application/json" if "json" in given else "text/plain"}
    if "user" in given:
        headers["authorization"] = f"Bearer {api.access(given['user'])}"
    if "free" not in given:
        headers["if-match"] = '"v77"'
    answer = api.raw(method, path, query="page=0", headers=headers, body=given.get("body", b"x" * 2_000_000))
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("path", sorted({operation.path for operation in load()}))
def test_methods_of_every_path(api: Inside, path: str, prefix: str) -> None:
    documented = {operation.method for operation in load() if operation.path == path}
    allowed = documented | {"OPTIONS"} | ({"HEAD"} if "GET" in documented else set())
    target = prefix + path.replace("{id}", "welcome").replace("{category}", "news")
    options = api.raw("OPTIONS", target)
    assert (options.status, options.body) == (204, b"")
    assert options.headers["allow"] == ", ".join(sorted(allowed))
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get"} - allowed:
        answer = api.raw(method, target)
        assert (answer.status, answer.headers["allow"]) == (405, ", ".join(sorted(allowed)))
    assert api.raw("GET", f"{target}/").status == 404
    assert api.raw("GET", f"{target}//").status == 404


def test_head_is_get_and_bulk_is_no_id(api: Inside) -> None:
    for target in ("/content/items", "/content/items/welcome", "/content/items/nothing", "/auth/verify"):
        got, head = api.get(target), api.call("HEAD", target)
        assert (head.status, head.headers) == (got.status, got.headers)
    for method in ("GET", "PUT", "HEAD"):
        answer = api.call(method, "/content/items/bulk")
        assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    "item", ["a%2Fb", "%00", "temp-1", "..", "ümlaut", "a" * 65, "%ff", "%20", "a b", "*"]
)
def test_an_id_of_no_valid_form_is_missing(api: Inside, item: str) -> None:
    path = f"/content/items/{item}".encode().decode("latin-1")
    headers = {"authorization": f"Bearer {api.access('demo')}"}
    answer = api.raw("GET", path, headers=headers)
    assert answer.status == 404


# 400 exactly where the document says so: python-jsonschema is the second opinion on every body.


def _values(chance: random.Random) -> Any:
    return chance.choice(
        [
            None, True, False, 0, 1, -1, 2.0, 1.5, 2**53, "", "a", "ä" * 200, "a" * 201, "𝄞" * 200, "\u0000",
            [], ["a"], ["web"], ["web", "web"], ["a"] * 21, {}, {"a": "b"}, {"a": 1}, {"": ""}, "news", "welcome-v1",
        ]
    )  # fmt: skip


BODIES: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "createContentItem": ("POST", "/content/items", [{"title": "A"}, {"title": "A", "tags": ["b"], "category": None}]),
    "updateContentItem": ("PUT", "/content/items/welcome", [{"version": 99, "title": "A"}, {"version": 99.0, "metadata": {}}]),
    "publishContent": ("POST", "/content/items/welcome/publish", [{}, {"notify": True, "platforms": ["ios"]}]),
    "archiveContent": ("POST", "/content/items/item-000001/archive", [{}, {"reason": "old"}]),
    "revertContentVersion": ("POST", "/content/items/welcome/revert", [{"versionId": "welcome-v1", "createBackup": False}]),
    "bulkUpdateContent": ("POST", "/content/items/bulk", [
        {"operations": [{"type": "archive", "id": "nothing"}]},
        {"operations": [{"type": "update", "id": "nothing", "version": 1, "data": {"title": "A"}}, {"type": "publish", "id": "x", "data": {"notify": False}}]},
    ]),
    "login": ("POST", "/auth/login", [{"email": "a@b.example", "password": "x"}, {"email": "a@b.example", "password": "x", "deviceId": "d", "platform": "ios"}]),
}  # fmt: skip


def _mutant(chance: random.Random, value: Any) -> Any:
    """A copy with one place changed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        roll = chance.random()
        if roll < 0.15:
            return {k: v for k, v in value.items() if k != key}
        if roll < 0.25:
            return {**value, chance.choice(["extra", "status", "id", "version", "title"]): _values(chance)}
        return {**value, key: _mutant(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value * chance.choice([0, 2, 60])
        return [*value[:place], _mutant(chance, value[place]), *value[place + 1 :]]
    return _values(chance)


@pytest.mark.parametrize("operation", BODIES)
def test_400_is_exactly_what_another_validator_says(api: Inside, operation: str) -> None:
    method, path, bases = BODIES[operation]
    spec = load()
    body = spec.operations[operation].body
    assert body is not None
    schema = standalone(spec, body.media_types["application/json"])
    second = Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    chance = random.Random(operation)
    verdicts = set()
    for _ in range(300):
        document = _mutant(chance, json.loads(json.dumps(chance.choice(bases))))
        valid = second.is_valid(document)
        answer = api.call(method, path, document, user=None if operation == "login" else "demo")
        assert (answer.status != 400) is valid, f"{document!r}: {answer.status}"
        assert answer.status < 500
        verdicts.add(valid)
    assert verdicts == {True, False}


QUERIES = [
    ("page=1&limit=100", 200), ("page=0", 400), ("page=1000001", 400), ("limit=101", 400), ("limit=+1", 400),
    ("limit=01", 400), ("limit=1.0", 400), ("limit=", 400), ("limit=%31", 200), ("limit=1&limit=1", 400),
    ("sortBy=title&sortOrder=asc", 200), ("sortBy=Title", 400), ("sortOrder=ASC", 400), ("status=", 400),
    ("status=archived", 200), ("search=", 400), ("search=a+b", 200), ("search=%2B", 200), ("search=%ff", 400),
    (f"search={'a' * 200}", 200), (f"search={'a' * 201}", 400), ("colour=red&colour=blue", 200), ("&&", 200),
    ("Page=0", 200), ("page", 400), ("category=a%20b", 400), ("search='%22%3B--", 200),
]  # fmt: skip


@pytest.mark.parametrize(("query", "status"), QUERIES)
def test_queries(api: Inside, query: str, status: int) -> None:
    answer = api.get(f"/content/items?{query}")
    assert answer.status == status
    if status == 400:
        assert answer.code == "VALIDATION_FAILED" and answer.json["details"]["errors"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"title":NaN}', 400),
        (b'{"title":"\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"title":"a"} x', 400),
        (b'{"title":1,"title":"last"}', 201),
        (b' \n{"title":"\\u0000"}', 400),
    ],
)
def test_bodies_that_are_not_json(api: Inside, body: bytes, status: int) -> None:
    headers = {"authorization": f"Bearer {api.access('demo')}", "content-type": "application/json"}
    assert api.raw("POST", "/content/items", headers=headers, body=body).status == status


def test_no_answer_repeats_a_password(api: Inside) -> None:
    for document in (
        {"email": 1, "password": "s3cret"},
        {"email": "a@b.c", "password": ["s3cret"], "x": "s3cret"},
    ):
        answer = api.post("/auth/login", document, user=None)
        assert answer.status == 400 and b"s3cret" not in answer.body


# Rate limiting, determinism


def test_rate_limits_are_a_user_s_own() -> None:
    api = inside(rate_limit=2.0)
    api.access("demo"), api.access("editor")
    answers = [api.get("/content/items/welcome") for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 4 + [429] * 2
    left = [(3, 1), (2, 1), (1, 2), (0, 2)]
    assert [answer.headers["ratelimit"] for answer in answers[:4]] == [
        f'"default";r={r};t={t}' for r, t in left
    ]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].headers["ratelimit"] == '"default";r=0;t=1'
    assert answers[-1].headers["ratelimit-policy"] == '"default";q=4;w=2'
    assert api.get("/content/items/welcome", user="editor").status == 200
    api.wait(1)
    assert [api.get("/content/items/welcome").status for _ in range(3)] == [200, 200, 429]


def _world(seed: int) -> list[bytes]:
    api = inside(seed=seed)
    api.create("New")
    api.post("/content/items/item-000007/archive", {})
    targets = (
        "/content/items?limit=100", "/content/items?status=archived", "/content/categories?includeEmpty=true",
        "/content/items/item-000002/versions", "/content/sync?lastSyncTimestamp=2020-01-01T00:00:00Z",
    )  # fmt: skip
    answers = [api.get(target).body for target in targets]
    return [*answers, *(api.login(user).body for user in ("demo", "other"))]


def test_the_same_seed_is_the_same_world_byte_for_byte() -> None:
    assert _world(5) == _world(5)
    assert _world(5) != _world(6)


def test_reset_is_as_good_as_a_new_server() -> None:
    api = inside(seed=5)
    api.create("Old")
    api.server.world.reset(6, 60)
    api.pairs.clear()
    fresh = inside(seed=6)
    for target in ("/content/items?limit=100", "/content/categories"):
        assert api.get(target).body == fresh.get(target).body
    assert api.create("New") == fresh.create("New")
