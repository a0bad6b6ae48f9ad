"""HTTP itself: methods, media types, conditions, idempotency keys, limits, and paths that do not exist."""

from __future__ import annotations

import json

from contracts.spec import load
from contracts.suite.api import Api
from contracts.suite.breach import equal, expect
from contracts.suite.recipes import parts
from contracts.suite.registry import family

check = family("semantics")

WITH_BODY = [operation.id for operation in load() if operation.body]
READING = [operation.id for operation in load() if operation.method == "GET"]


def _every() -> list[str]:
    return list(load().operations)


def _with_body() -> list[str]:
    return WITH_BODY


def _reading() -> list[str]:
    return READING


@check(
    "http.head",
    "HEAD is answered like GET, with the same headers and no body.",
    "RFC 9110 9.3.2, R37",
    over=_reading,
    needs=(),
)
def head(api: Api, value: str) -> None:
    from contracts.suite.request import build

    made = parts(api, value)
    get = api.call(value, **made).must(200)
    path = build(api.spec[value], "", made.get("path"), made.get("query"), ..., None, None).url
    answer = api.raw("HEAD", path, headers=api.bearer())
    equal(answer.status, 200, "status of HEAD", answer)
    equal(answer.body, b"", "body of HEAD", answer)
    for name in ("content-type", "etag", "cache-control", "content-length"):
        if name in get.headers and not (name == "content-length" and value in ("syncContent", "verifyToken")):
            equal(answer.headers.get(name), get.headers[name], f"{name} of HEAD", get, answer)
    equal(api.raw("HEAD", path).status, 401, "status of HEAD without a token")


@check(
    "http.options",
    "OPTIONS needs no token and is 204 with exactly the path's methods in Allow, without a body.",
    "RFC 9110 9.3.7, R37",
    over=_every,
    needs=(),
)
def options(api: Api, value: str) -> None:
    operation = api.spec[value]
    methods = {o.method for o in api.spec.values() if o.path == operation.path} | {"OPTIONS"}
    allow = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    path = operation.path.replace("{id}", "x").replace("{category}", "x")
    answer = api.raw("OPTIONS", path)
    equal(answer.status, 204, "status of OPTIONS", answer)
    equal(answer.headers.get("allow"), allow, "Allow", answer)
    equal(answer.body, b"", "body of OPTIONS", answer)


@check(
    "http.method-not-allowed",
    "A method that the path does not have is 405 with exactly the path's methods in Allow.",
    "RFC 9110 15.5.6, R26",
    over=_every,
    needs=(),
)
def method_not_allowed(api: Api, value: str) -> None:
    operation = api.spec[value]
    methods = {o.method for o in api.spec.values() if o.path == operation.path} | {"OPTIONS"}
    methods |= {"HEAD"} if "GET" in methods else set()
    path = operation.path.replace("{id}", "x").replace("{category}", "x")
    for method in sorted({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"} - methods):
        answer = api.raw(method, path, headers=api.bearer())
        equal(answer.status, 405, f"status of {method} {operation.path}", answer)
        equal(answer.headers.get("allow"), ", ".join(sorted(methods)), f"Allow for {method}", answer)
    # 405 is judged before 401.
    answer = api.raw("DELETE", path)
    equal(answer.status, 405, "status of DELETE without a token", answer)


@check(
    "http.bulk-is-no-id",
    "`bulk` is never the id of an item: GET and PUT of it are 405 with Allow: OPTIONS, POST.",
    "R26",
    operations=["bulkUpdateContent"],
    needs=(),
)
def bulk_is_no_id(api: Api) -> None:
    for method in ("GET", "PUT", "HEAD"):
        answer = api.raw(method, "/content/items/bulk", headers=api.bearer())
        equal(
            (answer.status, answer.headers.get("allow")), (405, "OPTIONS, POST"), f"{method} of bulk", answer
        )


@check(
    "http.unknown-routes",
    "A path outside the document is 404 ROUTE_NOT_FOUND, with a trailing slash too, token or not.",
    "R33, R37, OWASP API9",
    needs=(),
)
def unknown_routes(api: Api) -> None:
    outside = (
        "/",
        "/content",
        "/content/items/",
        "/content/item",
        "/users/me",
        "/user/profile",
        "/admin",
        "/content/items/x/",
        "/content/items/x/version",
        "/content/items/x/publish/",
        "/auth",
        "/auth/login/",
        "/auth/token",
        "/metrics/",
        "/content/categories/",
        "/content/categories/x",
        "/content//items",
        "/Content/items",
        "/debug",
        "/health",
        "/content/items/bulk/x",
        "/content/items/x/y/z",
        "/.env",
        "/openapi.json",
        "/docs",
        "/content/items;a=b",
    )
    for path in outside:
        for headers in ({}, api.bearer()):
            answer = api.raw("GET", path, headers=headers)
            answer.must(404, "ROUTE_NOT_FOUND", why=path)
    api.raw("POST", "/content/items/", headers=api.bearer(), body=b"{}").must(404, "ROUTE_NOT_FOUND")


@check(
    "http.etag",
    "ETag is the strong tag of the version sent, on read, create, update, publish and revert.",
    "openapi",
    operations=["getContentItem"],
    needs=("write", "publish"),
)
def etag(api: Api) -> None:
    made = api.call("createContentItem", body={"title": api.word()}).must(201)
    path = {"id": made.data["id"]}
    answers = [
        made,
        api.call("updateContentItem", path=path, body={"version": 1, "body": "x"}).must(200),
        api.call("publishContent", path=path, body={}).must(200),
        api.call("publishContent", path=path, body={}).must(200),
    ]
    version = {"versionId": api.versions(path["id"])[-1]["id"]}
    answers += [
        api.call("revertContentVersion", path=path, body=version).must(200),
        api.call("getContentItem", path=path),
    ]
    for answer, number in zip(answers, (1, 2, 3, 3, 4, 4), strict=True):
        equal(answer.headers.get("etag"), f'"v{number}"', "ETag", answer)


@check(
    "http.not-modified",
    "If-None-Match with the item's tag, weak or strong or *, is 304 with ETag and no body.",
    "RFC 9110 13.1.2",
    operations=["getContentItem"],
)
def not_modified(api: Api) -> None:
    path = {"id": api.update(api.create(), body="x")["id"]}
    for value in ('"v2"', 'W/"v2"', "*", '"v1", "v2"', '"x","v2"', 'W/"a", W/"v2"'):
        answer = api.call("getContentItem", path=path, headers={"If-None-Match": value})
        equal(answer.status, 304, f"status with If-None-Match: {value}", answer)
        equal(answer.body, b"", "body of 304", answer)
        equal(answer.headers.get("etag"), '"v2"', "ETag of 304", answer)
    for value in ('"v1"', 'W/"v1"', '"v3"', '"V2"', '"v22"', '"v"', '""'):
        answer = api.call("getContentItem", path=path, headers={"If-None-Match": value})
        equal(answer.status, 200, f"status with If-None-Match: {value}", answer)
        equal(answer.data["version"], 2, "version of the item sent", answer)


@check(
    "http.not-modified-follows",
    "After any change the old tag no longer gives 304; the read of an old version has its own.",
    "RFC 9110 13.1.2",
    operations=["getContentItem"],
)
def not_modified_follows(api: Api) -> None:
    item = api.create()
    path = {"id": item["id"]}
    tag = {"If-None-Match": '"v1"'}
    equal(api.call("getContentItem", path=path, headers=tag).status, 304, "status before the change")
    api.update(item, body="x")
    api.call("getContentItem", path=path, headers=tag).must(200)
    old = api.call("getContentItem", path=path, query={"version": "1"}, headers=tag)
    equal(old.status, 304, "status of the old version with its own tag", old)
    other = api.call("getContentItem", path=path, query={"version": "1"}, headers={"If-None-Match": '"v2"'})
    equal(other.status, 200, "status of the old version with the new tag", other)


@check(
    "http.if-match",
    "If-Match lets an update through only with the item's strong tag or *; else 412 and nothing changed.",
    "RFC 9110 13.1.1, R17",
    operations=["updateContentItem"],
)
def if_match(api: Api) -> None:
    item = api.create()
    path = {"id": item["id"]}
    for value in ('"v2"', 'W/"v1"', '"x"', '"v2", "v3"', '""', 'W/"v1", "v0"'):
        body = {"version": 1, "title": "no"}
        answer = api.call("updateContentItem", path=path, body=body, headers={"If-Match": value})
        answer.must(412, "PRECONDITION_FAILED", why=f"If-Match: {value}")
    equal(api.get(item["id"]), item, "the item after refused updates")
    for number, value in enumerate(('"v1"', "*", '"x", "v3"', '"v4","x"'), 1):
        body = {"version": number, "title": api.word()}
        api.call("updateContentItem", path=path, body=body, headers={"If-Match": value}).must(
            200, why=f"If-Match: {value}"
        )
    # It adds to `version` and does not replace it.
    body = {"version": 1, "title": "no"}
    api.call("updateContentItem", path=path, body=body, headers={"If-Match": "*"}).must(
        409, "VERSION_CONFLICT"
    )


@check(
    "http.entity-tags-syntax",
    "An If-Match or If-None-Match that is no list of entity tags is 400.",
    "RFC 9110 8.8.3",
    operations=["getContentItem", "updateContentItem"],
)
def tags_syntax(api: Api) -> None:
    path = {"id": api.create()["id"]}
    for value in ("v1", '"v1', 'w/"v1"', '"v1" "v2"', '*, "v1"', "'v1'", '"a b"', '"' + "x" * 300 + '"'):
        api.call("getContentItem", path=path, headers={"If-None-Match": value}).must(400, why=value[:20])
        body = {"version": 1, "title": "x"}
        api.call("updateContentItem", path=path, body=body, headers={"If-Match": value}).must(
            400, why=value[:20]
        )


@check(
    "http.media-type",
    "A body is application/json, with any parameters; another type or none is 415.",
    "RFC 9110 15.5.16",
    over=_with_body,
)
def media_type(api: Api, value: str) -> None:
    made = parts(api, value)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/jsonx",
        "json",
        "application/problem+json",
        "multipart/form-data; boundary=x",
        None,
    ):
        answer = api.call(value, **{**made, "headers": {"Content-Type": kind}})
        answer.must(415, "UNSUPPORTED_MEDIA_TYPE", why=f"Content-Type {kind}")
    for kind in (
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;charset=latin1;x=y",
    ):
        made = parts(api, value)
        answer = api.call(value, **{**made, "headers": {"Content-Type": kind}})
        equal(answer.status, api.spec[value].success.status, f"status with Content-Type {kind}", answer)


@check(
    "http.no-json",
    "A body that is no JSON text in UTF-8, or none at all, is 400.",
    "RFC 8259, openapi",
    over=_with_body,
)
def no_json(api: Api, value: str) -> None:
    made = parts(api, value)
    for body in (
        b"",
        b"{",
        b"{]",
        b'{"a":1,}',
        b"nil",
        b"NaN",
        b"{'a':1}",
        b'{"title":"\xff"}',
        b'{"title":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"\x00",
        b'{"title":"a\tb"}',
        b'{"title": NaN}',
        b'{"title": 01}',
        b"[" * 10000,
        b'"text"',
        b"null",
        b"[]",
        b"1",
    ):
        answer = api.call(value, **{**made, "body": body, "headers": {"Content-Type": "application/json"}})
        answer.must(400, "VALIDATION_FAILED", why=f"the body {body[:20]!r}")


@check(
    "http.closed-bodies",
    "An unknown member of a request body is 400, at any depth that is closed.",
    "openapi",
    over=_with_body,
)
def closed(api: Api, value: str) -> None:
    made = parts(api, value)
    answer = api.call(value, **{**made, "body": {**made["body"], "zzz": 1}})
    answer.must(400, "VALIDATION_FAILED", why="the member zzz")
    equal(answer.member("details", "errors")[0]["in"], "body", "details.errors/0/in", answer)


@check(
    "http.duplicate-members",
    "Of members with the same name the last one counts.",
    "RFC 8259 4, openapi",
    operations=["createContentItem"],
)
def duplicate_members(api: Api) -> None:
    first, second = api.word(), api.word()
    body = f'{{"title":"{first}","title":"{second}"}}'.encode()
    answer = api.call("createContentItem", body=body).must(201)
    equal(answer.data["title"], second, "title", answer)
    body = f'{{"title":1,"title":"{second}"}}'.encode()
    api.call("createContentItem", body=body).must(201)
    body = f'{{"title":"{first}","title":1}}'.encode()
    api.call("createContentItem", body=body).must(400)


@check(
    "http.integers-with-zero-fraction",
    'In JSON 2.0 and 2e0 are the integer 2; 1.5 and "2" are not.',
    "openapi",
    operations=["updateContentItem"],
)
def zero_fraction(api: Api) -> None:
    item = api.create()
    path = {"id": item["id"]}
    for number, text in enumerate(("1.0", "2e0", "30e-1"), 1):
        body = f'{{"version":{text},"body":"{number}"}}'.encode()
        answer = api.call("updateContentItem", path=path, body=body).must(200, why=f"version {text}")
        equal(answer.data["version"], number + 1, "version", answer)
    for text in ("4.5", '"4"', "true", "null", "0", "-1", "2147483648", "1e99", "[4]"):
        body = f'{{"version":{text},"body":"x"}}'.encode()
        api.call("updateContentItem", path=path, body=body).must(400, why=f"version {text}")


@check(
    "http.too-large",
    "A body over x-body-limit is 413; one of exactly the limit is judged by its content.",
    "RFC 9110 15.5.14, openapi",
    over=_with_body,
)
def too_large(api: Api, value: str) -> None:
    made = parts(api, value)
    body = api.spec[value].body
    assert body is not None
    text = json.dumps(made["body"]).encode()
    if value in ("createContentItem", "ingestMetrics", "login"):
        fitting = text + b" " * (body.limit - len(text))
        answer = api.call(value, **{**made, "body": fitting})
        equal(answer.status, api.spec[value].success.status, f"status with {body.limit} bytes", answer)
    over = text + b" " * (body.limit + 1 - len(text))
    answer = api.call(value, **{**made, "body": over})
    api.world.connection.close()  # the server need not read the rest
    answer.must(413, "PAYLOAD_TOO_LARGE", why=f"{body.limit + 1} bytes")


@check(
    "http.validation-tells-where",
    "400 names every break found: a JSON pointer, the keyword broken, and the part of the request.",
    "R18, openapi",
    operations=["createContentItem", "getContentItems"],
)
def tells_where(api: Api) -> None:
    body = {"title": "", "tags": ["a", "a"], "createdBy": "me"}
    answer = api.call("createContentItem", body=body).must(400, "VALIDATION_FAILED")
    got = {(e["pointer"], e["rule"], e["in"]) for e in answer.member("details", "errors")}
    for pointer, rule in (("/title", "minLength"), ("/tags", "uniqueItems")):
        expect((pointer, rule, "body") in got, f"{rule} at {pointer} among the errors", sorted(got), answer)
    expect(
        any(rule == "additionalProperties" for _, rule, _ in got),
        "additionalProperties among the errors",
        sorted(got),
        answer,
    )
    answer = api.call("getContentItems", query={"limit": 0, "sortBy": "x"}).must(400)
    got = {(e["pointer"], e["rule"], e["in"]) for e in answer.member("details", "errors")}
    equal(got, {("/limit", "minimum", "query"), ("/sortBy", "enum", "query")}, "details.errors", answer)
    answer = api.call("getContentItems", query=[("page", 1), ("page", 2)]).must(400)
    got = {(e["pointer"], e["rule"], e["in"]) for e in answer.member("details", "errors")}
    equal(got, {("/page", "duplicate", "query")}, "details.errors of a name twice", answer)


@check(
    "http.idempotency-replay",
    "The same Idempotency-Key with the same JSON value replays the first answer and creates nothing.",
    "R31, openapi",
    operations=["createContentItem"],
)
def replay(api: Api) -> None:
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    first = api.call("createContentItem", body={"title": title, "tags": ["a"]}, headers=headers).must(201)
    # The same value, written differently.
    again = f'{{ "tags": ["a"], "title": "{title}" }}'.encode()
    for body in ({"title": title, "tags": ["a"]}, again):
        answer = api.call("createContentItem", body=body, headers=headers).must(201)
        equal(answer.data, first.data, "the item replayed", first, answer)
        equal(answer.headers.get("location"), first.headers.get("location"), "Location replayed", answer)
        equal(answer.headers.get("etag"), first.headers.get("etag"), "ETag replayed", answer)
    equal(api.page(search=title).total, 1, "items created")


@check(
    "http.idempotency-reuse",
    "The same Idempotency-Key with another value is 422 and creates nothing.",
    "R31, openapi",
    operations=["createContentItem"],
)
def reuse(api: Api) -> None:
    title, other = api.word(), api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    api.call("createContentItem", body={"title": title}, headers=headers).must(201)
    answer = api.call("createContentItem", body={"title": other}, headers=headers)
    answer.must(422, "IDEMPOTENCY_KEY_REUSED")
    equal(api.page(search=other).total, 0, "items of the refused creation")
    api.call("createContentItem", body={"title": other}, headers={"Idempotency-Key": f"k-{other}"}).must(201)


@check(
    "http.idempotency-refused-unused",
    "A refused creation leaves its key unused.",
    "openapi",
    operations=["createContentItem"],
)
def refused_unused(api: Api) -> None:
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    api.call("createContentItem", body={"title": title, "category": f"none-{title}"}, headers=headers).must(
        409
    )
    api.call("createContentItem", body={"title": ""}, headers=headers).must(400)
    api.call("createContentItem", body={"title": title}, headers=headers).must(201)


@check(
    "http.idempotency-key-per-account",
    "A key belongs to the caller's account: another's same key is another request.",
    "openapi",
    operations=["createContentItem"],
    needs=("write", "editor", "stranger"),
)
def key_per_account(api: Api) -> None:
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    ids = {api.call("createContentItem", body={"title": title}, headers=headers).must(201).data["id"]}
    for role in ("editor", "stranger"):
        answer = api.as_(role).call("createContentItem", body={"title": title}, headers=headers)
        ids.add(answer.must(201).data["id"])
        equal(answer.data["createdBy"], api.as_(role).session.user, "createdBy", answer)
    equal(len(ids), 3, "number of different items of three accounts")


@check(
    "http.idempotency-key-syntax",
    "A key is 1 to 64 visible ASCII characters; anything else is 400.",
    "openapi",
    operations=["createContentItem"],
)
def key_syntax(api: Api) -> None:
    for key in ("x" * 65, "a b", "ä"):
        answer = api.call("createContentItem", body={"title": api.word()}, headers={"Idempotency-Key": key})
        answer.must(400, why=f"Idempotency-Key {key[:10]!r}")
        equal(answer.member("details", "errors")[0]["in"], "header", "details.errors/0/in", answer)
    key = (api.word() + "x" * 64)[:64]
    api.call("createContentItem", body={"title": api.word()}, headers={"Idempotency-Key": key}).must(201)


@check(
    "http.without-key-creates-twice",
    "Without a key each repeat of a creation creates.",
    "R31",
    operations=["createContentItem"],
)
def without_key(api: Api) -> None:
    title = api.word()
    for _ in range(2):
        api.call("createContentItem", body={"title": title}).must(201)
    equal(api.page(search=title).total, 2, "items created")


@check(
    "http.get-changes-nothing",
    "GET, HEAD and OPTIONS change nothing, however often they are sent.",
    "RFC 9110 9.2.1",
    operations=["getContentItem", "getContentItems", "getContentVersions", "syncContent"],
)
def get_changes_nothing(api: Api) -> None:
    item = api.create()
    id = item["id"]

    def look() -> None:
        for _ in range(3):
            api.get(id)
            api.get(id, 1)
            api.versions(id)
            api.page(search=item["title"])
            api.categories()
            api.raw("HEAD", f"/content/items/{id}", headers=api.bearer())

    api.quiet(look)
    equal(api.get(id), item, "the item after many reads")


@check(
    "http.accept-ignored-or-honoured",
    "A client that accepts JSON in any usual way gets it.",
    "RFC 9110 12.5.1",
    operations=["getContentItems"],
    needs=(),
)
def accept(api: Api) -> None:
    for value in ("*/*", "application/json", "application/*", "text/html, application/json;q=0.9, */*;q=0.1"):
        api.call("getContentItems", headers={"Accept": value}).must(200, why=f"Accept: {value}")


@check(
    "http.metrics-count",
    "accepted is the number of measurements sent; a batch is taken whole or not at all.",
    "F11",
    operations=["ingestMetrics"],
)
def metrics_count(api: Api) -> None:
    from contracts.suite.recipes import METRICS

    one = METRICS["metrics"][0]
    for count in (1, 2, 1000, 10000):
        answer = api.call("ingestMetrics", body={**METRICS, "metrics": [one] * count}).must(202)
        equal(answer.json, {"accepted": count}, "the answer", answer)
    for count in (0, 10001):
        api.call("ingestMetrics", body={**METRICS, "metrics": [one] * count}).must(
            400, why=f"{count} measurements"
        )
    api.call("ingestMetrics", body={**METRICS, "metrics": [one, {**one, "value": "fast"}]}).must(400)


@check(
    "http.request-id",
    "A problem repeats the caller's X-Request-Id where it has the form of an id, else has one of its own.",
    "openapi",
    operations=["getContentItem"],
    needs=(),
)
def request_id(api: Api) -> None:
    path = {"id": f"none-{api.word()}"}
    for name in ("req-7c1f0a", "x" * 64, "_"):
        answer = api.call("getContentItem", path=path, headers={"X-Request-Id": name}).must(404)
        equal(answer.member("requestId"), name, "requestId", answer)
    seen = set()
    for name in ("", "x" * 65, "a b", "a.b", "ä"):
        answer = api.call("getContentItem", path=path, headers={"X-Request-Id": name}).must(404)
        expect(
            answer.member("requestId") != name,
            "a requestId of the server's own",
            answer.member("requestId"),
            answer,
        )
        seen.add(answer.member("requestId"))
    equal(len(seen), 5, "number of different ids of five requests")
