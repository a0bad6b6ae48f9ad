"""Checks of HTTP: methods, Allow, unknown paths, HEAD, OPTIONS, safe methods."""

import json
import re

from contracts.model.unpromised import UnpromisedError
from contracts.network.http_fields import list_members
from contracts.spec import Operation, load
from contracts.suite.api.absent_ids import absent_id
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import parts, takes_json
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest, refused_on_the_way
from contracts.suite.client.request_builder import build
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family

check = family("semantics", needs=())

EVERY = load().operations
READING = [operation.id for operation in load() if operation.method == "GET"]
WITH_BODY = [operation.id for operation in load() if takes_json(operation) and operation.security]


def _methods(api: Api, operation: str) -> list[str]:
    """The methods of an operation's path, in the order of Allow."""
    methods = {other.method for other in api.spec.values() if other.path == api.spec[operation].path}
    return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))


def _path(operation: Operation) -> str:
    return re.sub(r"{[^{}/]+}", "x", operation.path)


@check("http.head", "RFC 9110 9.3.2, R37", over=READING, requires=["methods"])
def head(api: Api, value: str) -> None:
    """HEAD is answered like GET, with the same headers and no body."""
    made = parts(api, value)
    get = api.call(value, **made).must(200)
    path = build(api.spec[value], "", path=made.get("path"), query=made.get("query")).url
    answer = api.raw("HEAD", path, headers=api.bearer())
    equal(answer.status, 200, "status of HEAD", answer)
    equal(answer.body, b"", "body of HEAD", answer)
    again = api.call(value, **made).must(200)
    promised = {header.name.lower() for header in api.spec[value].success.headers}
    for name in ("content-type", "etag", "cache-control", "content-length"):
        # What is known only once the content is made may be left out (RFC 9110, 9.3.2), but not told wrong: the length, and an entity
        # tag of the content that the document does not promise.
        late = name not in promised | {"content-type", "cache-control"} and name not in answer.headers
        # Content that is another one at each reading (the stamp of a sync) has an entity tag and a length of its own each time.
        if name in get.headers and not late and again.headers.get(name) == get.headers[name]:
            equal(answer.headers.get(name), get.headers[name], f"{name} of HEAD", get, answer)
    if api.spec[value].security:
        equal(api.raw("HEAD", path).status, 401, "status of HEAD without a token")


@check("http.options", "RFC 9110 9.3.7, R37", over=EVERY, requires=["options"])
def options(api: Api, value: str) -> None:
    """OPTIONS needs no token and is 204 with exactly the path's methods in Allow, without a body."""
    answer = api.raw("OPTIONS", _path(api.spec[value]))
    equal(answer.status, 204, "status of OPTIONS", answer)
    equal(list_members(answer.headers.get("allow")), _methods(api, value), "Allow", answer)
    equal(answer.body, b"", "body of OPTIONS", answer)


@check("http.method-not-allowed", "RFC 9110 15.5.6, R26", over=EVERY, requires=["methods"])
def method_not_allowed(api: Api, value: str) -> None:
    """A method that the path does not have is 405 with exactly the path's methods in Allow."""
    operation, methods = api.spec[value], _methods(api, value)
    path, fields = _path(operation), api.bearer()
    if value == "refreshTokens" and not api.promises("order of judgement"):
        # The token may be judged before the method.
        fields = {"Authorization": f"Bearer {api.session.refresh}"}
    for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "QUERY", "TRACE"):
        if method in methods:
            continue
        answer = api.raw(method, path, headers=fields)
        if not api.target.direct and refused_on_the_way(answer.exchange):
            continue  # TRACE for safety, QUERY for its age
        equal(answer.status, 405, f"status of {method} {operation.path}", answer)
        equal(list_members(answer.headers.get("allow")), methods, f"Allow for {method}", answer)
    if not api.promises("order of judgement"):
        return
    # 405 is judged before 401.
    absent = next(method for method in ("DELETE", "PATCH", "PUT") if method not in methods)
    answer = api.raw(absent, path)
    equal(answer.status, 405, f"status of {absent} without a token", answer)


@check("http.bulk-is-no-id", "R26", operations=["bulkUpdateContent"], requires=["methods"])
def bulk_is_no_id(api: Api) -> None:
    """`bulk` is never the id of an item: GET and PUT of it are 405 with Allow: OPTIONS, POST."""
    for method in ("GET", "PUT", "HEAD"):
        answer = api.raw(method, "/content/items/bulk", headers=api.bearer())
        allow = list_members(answer.headers.get("allow"))
        equal((answer.status, allow), (405, ["OPTIONS", "POST"]), f"{method} of bulk", answer)


TELLING = frozenset({"openapi.json", "swagger", "docs", "health", "status"})
"""What tells how the API is called or that it lives: frameworks and platforms put it beside the document, and it hides nothing."""


@check("http.unknown-routes", "R33, R37, OWASP API9", requires=["problem documents"])
def unknown_routes(api: Api) -> None:
    """A path outside the document is 404 ROUTE_NOT_FOUND, with a trailing slash too, token or not."""
    documented = api.target.spec.match
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
    exact = api.promises("exact paths")
    for path in outside:
        if path.strip("/") in TELLING and api.target.dialect is not None:
            continue
        if not exact and documented("GET", path.rstrip("/").lower())[2]:
            continue  # many frameworks take both for one path
        if "//" in path and not api.target.direct:
            continue  # an intermediary may have joined the slashes; then it is another path
        if documented("GET", path)[2]:
            continue
        for headers in ({}, api.bearer()):
            answer = api.raw("GET", path, headers=headers)
            answer.must(404, "ROUTE_NOT_FOUND", why=path)
    if exact and not documented("POST", "/content/items/")[2]:
        api.raw("POST", "/content/items/", headers=api.bearer(), body=b"{}").must(404, "ROUTE_NOT_FOUND")


@check(
    "http.get-changes-nothing",
    "RFC 9110 9.2.1",
    operations=["getContentItem", "getContentItems", "getContentVersions", "syncContent"],
    needs=("write",),
)
def get_changes_nothing(api: Api) -> None:
    """GET, HEAD and OPTIONS change nothing, however often they are sent."""
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


@check("http.accept-ignored-or-honoured", "RFC 9110 12.5.1", operations=["getContentItems"])
def accept(api: Api) -> None:
    """A client that accepts JSON in any usual way gets it."""
    for value in ("*/*", "application/json", "application/*", "text/html, application/json;q=0.9, */*;q=0.1"):
        api.call("getContentItems", headers={"Accept": value}).must(200, why=f"Accept: {value}")


@check("http.foreign-origin", "R9", operations=["getContentItems", "login"])
def foreign_origin(api: Api) -> None:
    """A page of a foreign origin is never let in with credentials."""
    for origin in ("https://evil.example", "null"):
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        answers = [
            api.raw("GET", "/content/items", headers=api.bearer(Origin=origin)),
            api.raw("POST", "/auth/login", headers={"Origin": origin}),
            api.raw("OPTIONS", "/content/items", headers={"Origin": origin, **asked}),
        ]
        for answer in answers:
            allowed = answer.headers.get("access-control-allow-origin")
            credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
            # Without credentials a browser sends no session along, so any origin may read what anybody could.
            expect(
                not credentials or allowed not in (origin, "*"),
                f"no Access-Control-Allow-Credentials for the origin {origin}",
                f"Access-Control-Allow-Origin: {allowed} with it",
                answer,
            )


@check("http.own-origin", "R9", operations=["getContentItems", "getContentItem"], needs=("origin",))
def own_origin(api: Api) -> None:
    """The web client's own origin is let in with credentials, by name and in refusals too; preflights allow what its calls need."""
    origin = api.world.capabilities.origin
    answers = [
        api.raw("GET", "/content/items", headers=api.bearer(Origin=origin)).must(200),
        api.call(
            "getContentItem", path={"id": absent_id(api.target.spec, api.word())}, headers={"Origin": origin}
        ).must(404),
        api.raw("GET", "/content/items", headers={"Origin": origin}).must(401),
    ]
    for operation in api.target.spec:
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": operation.method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        path = _path(operation)
        preflight = _preflight(api, path, asked)
        answers.append(preflight)
        # A safelisted method needs no leave (Fetch, CORS-preflight fetch); with credentials `*` stands for itself.
        let = list_members(preflight.headers.get("access-control-allow-methods"))
        methods = {"GET", "HEAD", "POST", *let}
        expect(
            operation.method in methods, f"leave for {operation.method} {path}", sorted(methods), preflight
        )
        fields = _lowered(preflight.headers.get("access-control-allow-headers"))
        expect(
            {"authorization", "content-type"} <= fields,
            "leave for Authorization and Content-Type",
            sorted(fields),
            preflight,
        )
    plain = api.raw("GET", "/content/items", headers=api.bearer()).must(200)
    # Who lets one origin in and tells so to everybody has nothing that could vary.
    same = plain.headers.get("access-control-allow-origin") == origin
    for answer in answers:
        allowed = answer.headers.get("access-control-allow-origin")
        equal(allowed, origin, "Access-Control-Allow-Origin", answer)
        allowed = answer.headers.get("access-control-allow-credentials")
        equal(allowed, "true", "Access-Control-Allow-Credentials", answer)
        varies = _lowered(answer.headers.get("vary"))
        wanted = "Origin in Vary, for another origin gets another answer"
        expect(same or varies & {"origin", "*"} != set(), wanted, sorted(varies), answer)


@check(
    "http.exposed-headers",
    "R9, openapi",
    operations=["createContentItem", "getContentItem", "updateContentItem"],
    needs=("write", "origin"),
)
def exposed_headers(api: Api) -> None:
    """The web client's pages may read ETag, Location and Retry-After, and may send the state headers of each operation."""
    origin = api.world.capabilities.origin
    body = json.dumps({"title": api.word()}).encode()
    fields = api.bearer(Origin=origin, **{"Content-Type": "application/json"})
    made = api.raw("POST", "/content/items", headers=fields, body=body).must(201)
    read = api.raw("GET", f"/content/items/{made.data['id']}", headers=api.bearer(Origin=origin)).must(200)
    described = {
        header.name
        for one in api.spec.values()
        for response in one.answers.values()
        for header in response.headers
    }
    told = api.promises("exposed headers")
    names = [name for name in ("ETag", "Location", "Retry-After") if told and name in described]
    for answer in (made, read) if names else ():
        shown = _lowered(answer.headers.get("access-control-expose-headers"))
        wanted = f"{' and '.join(names)} exposed"
        expect({name.lower() for name in names} <= shown, wanted, sorted(shown), answer)
    for operation in api.target.spec:
        sent = {header.name.lower() for header in operation.state_headers}
        if sent:
            asked = {
                "Origin": origin, "Access-Control-Request-Method": operation.method,
                "Access-Control-Request-Headers": ",".join(sorted(sent)),
            }  # fmt: skip
            preflight = _preflight(api, _path(operation), asked)
            allowed = _lowered(preflight.headers.get("access-control-allow-headers"))
            expect(sent <= allowed, f"leave for {', '.join(sorted(sent))}", sorted(allowed), preflight)
    if not names and not any(operation.state_headers for operation in api.target.spec):
        raise UnpromisedError("the document names no header that the web client's pages may read or send")


def _preflight(api: Api, path: str, asked: dict[str, str]) -> HttpAnswer:
    """The successful answer to a preflight: 204 by our document; any other success lets a browser go on too (Fetch, CORS-preflight
    fetch)."""
    answer = api.raw("OPTIONS", path, headers=asked)
    return answer if not api.promises("options") and 200 <= answer.status < 300 else answer.must(204)


def _lowered(field: str | None) -> set[str]:
    return {name.lower() for name in list_members(field)}


@check(
    "http.request-id",
    "openapi",
    operations=["getContentItem"],
    requires=["problem documents", "request ids"],
)
def request_id(api: Api) -> None:
    """A problem repeats the caller's X-Request-Id where it has the form of an id, else has one of its own."""
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


@check("http.no-hidden-paths", "OWASP API9", requires=["problem documents"])
def no_hidden_paths(api: Api) -> None:
    """No usual path beside the document answers: no admin, debug, schema or version of the API."""
    usual = "admin debug internal health status metrics/export openapi.json swagger docs graphql env config dump actuator"
    usual += (
        " debug/accounts debug/vars admin/users admin/accounts internal/state actuator/env users accounts"
    )
    for name in usual.split():
        if name in TELLING and api.target.dialect is not None:
            continue
        for path in (
            f"/{name}",
            f"/content/{name}",
            f"/auth/{name}",
            f"/content/items/x/{name}",
            f"/v2/{name}",
        ):
            api.raw("GET", path, headers=api.bearer()).must(404, "ROUTE_NOT_FOUND", why=path)
        for base in api.target.recorder.judge.bases:
            request = HttpRequest(method="GET", url=f"{api.target.host}{base}/{name}", headers=api.bearer())
            api.target.send(request).must(404, "ROUTE_NOT_FOUND", why=f"{base}/{name}")


@check("http.token-before-body", "R17, openapi", over=WITH_BODY, requires=["order of judgement"])
def token_before_body(api: Api, value: str) -> None:
    """A bad token is told before a wrong body, a wrong media type or a body that is too long."""
    path = {"id": "x"}
    for token in (None, "a.b.c"):
        for body, kind in ((b"{", "application/json"), (b"x", "text/plain"), (b"{}", "")):
            answer = api.call(value, path=path, token=token, body=body, headers={"Content-Type": kind})
            answer.must(401, why=f"the body {body!r} of type {kind!r} with a bad token")
