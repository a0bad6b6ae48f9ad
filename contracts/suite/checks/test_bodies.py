"""Checks of request bodies: media type, JSON, closed objects, limits, and the details of a 400."""

import json
from dataclasses import replace
from typing import Any

from contracts.dialect import is_closed
from contracts.dialect.schema_members import request_members, response_members
from contracts.dialect.values.value_forms import word_in_their_form
from contracts.model.unpromised import UnpromisedError
from contracts.spec import load
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import METRICS, parts, takes_json
from contracts.suite.client.http_exchange import HttpAnswer, refused_on_the_way
from contracts.suite.contract_violation import Unchecked, equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics")

WITH_BODY = [operation.id for operation in load() if takes_json(operation)]
CLOSED = [operation.id for operation in load() if takes_json(operation) and is_closed(load(), operation)]

OF_SERVER = {
    "id": "zq-chosen", "status": "published", "version": 41, "createdBy": "zq-chosen", "updatedBy": "zq-chosen", "workspace": "zq-chosen",
    **dict.fromkeys(("createdAt", "updatedAt", "publishedAt"), "2001-02-03T04:05:06.000000Z"),
}  # fmt: skip
"""The members that only the server sets, with values that it would not give of itself."""


@check("items.server-fields-refused", "OWASP API3, openapi", operations=["createContentItem", "updateContentItem"])  # fmt: skip
def server_fields(api: Api) -> None:
    """What the server sets is refused in a creation and in an update; where the document allows more members than it names, it has no effect."""
    item = api.create()
    for name, value in OF_SERVER.items():
        created = _with(api, "createContentItem", name, value, body={"title": api.word()})
        body = {"version": item["version"], "title": api.word()}
        updated = _with(api, "updateContentItem", name, value, path={"id": item["id"]}, body=body)
        for answer in (created, updated):
            if answer is None or not 200 <= answer.status < 300:
                continue
            shown = api.get(answer.data["id"])
            for found in (answer.data, shown):
                with if_promised():
                    expect(
                        found.get(name, ...) != value, f"another {name} than that of the body", value, answer
                    )
            item = shown if answer is updated else item
    equal(api.get(item["id"]), item, "the item after refused updates")


def _with(api: Api, operation: str, name: str, value: Any, **parts: Any) -> HttpAnswer | None:
    """The answer to a request with one more member in its body; None if the document lets clients set it."""
    target, dialect = api.target, api.target.dialect
    theirs = target.spec[operation]
    request = target.build(operation, target.base, token=api.session.access, **parts)
    if dialect is not None:
        shown = response_members(target.spec, target.spec["getContentItem"], 200).of("data")
        name, first = dialect.their_members.get(name, name), dialect.first_version
        value = value + first - 1 if isinstance(value, int) else word_in_their_form(value, shown, name)
    if name in request_members(target.spec, theirs).named:
        return None
    body = json.dumps({**json.loads(request.body or b"{}"), name: value}).encode()
    answer = target.send(replace(request, body=body), operation)
    return answer.must(400, why=f"{name} in the body") if is_closed(target.spec, theirs) else answer


@check("http.media-type", "RFC 9110 15.5.16", over=WITH_BODY, requires=["media types"])
def media_type(api: Api, value: str) -> None:
    """A body is application/json, with any parameters; another type or none is 415."""
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
    odd = ("application/json;charset=latin1;x=y",) if api.promises("media type parameters") else ()
    for kind in ("application/json; charset=utf-8", "Application/JSON", *odd):
        made = parts(api, value)
        answer = api.call(value, **{**made, "headers": {"Content-Type": kind}})
        answer.must(api.success(value), why=f"Content-Type {kind}")


OPEN = (b'{"title":"\\ud800"}', b"\xef\xbb\xbf{}")
"""What RFC 8259 leaves to the reader: an escaped lone surrogate (8.2) and a byte order mark (8.1)."""


@check("http.no-json", "RFC 8259, openapi", over=WITH_BODY)
def no_json(api: Api, value: str) -> None:
    """A body that is not JSON in UTF-8, or a missing one, is 400."""
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
        if body in OPEN and not api.promises("query rules"):
            continue
        with if_promised():
            headers = {"Content-Type": "application/json"}
            answer = api.call(value, **{**made, "body": body, "headers": headers})
            answer.must(400, "VALIDATION_FAILED", why=f"the body {body[:20]!r}")


@check("http.closed-bodies", "openapi", over=CLOSED)
def closed(api: Api, value: str) -> None:
    """An unknown member of a request body is 400, at any depth that is closed."""
    made = parts(api, value)
    answer = api.call(value, **{**made, "body": {**made["body"], "zzz": 1}})
    answer.must(400, "VALIDATION_FAILED", why="the member zzz")
    if api.promises("members of problems"):
        equal(answer.member("details", "errors")[0]["in"], "body", "details.errors/0/in", answer)


@check(
    "http.duplicate-members",
    "RFC 8259 4, openapi",
    operations=["createContentItem"],
    requires=["duplicate members"],
)
def duplicate_members(api: Api) -> None:
    """Of members with the same name the last one counts."""
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
    "openapi",
    operations=["updateContentItem"],
    requires=["zero fractions"],
)
def zero_fraction(api: Api) -> None:
    """In JSON 2.0 and 2e0 are the integer 2; 1.5 and "2" are not."""
    item = api.create()
    path = {"id": item["id"]}
    for number, text in enumerate(("1.0", "2e0", "30e-1"), 1):
        body = f'{{"version":{text},"body":"{number}"}}'.encode()
        answer = api.call("updateContentItem", path=path, body=body).must(200, why=f"version {text}")
        equal(answer.data["version"], number + 1, "version", answer)
    for text in ("4.5", '"4"', "true", "null", "0", "-1", "2147483648", "1e99", "[4]"):
        body = f'{{"version":{text},"body":"x"}}'.encode()
        api.call("updateContentItem", path=path, body=body).must(400, why=f"version {text}")


@check("http.too-large", "RFC 9110 15.5.14, openapi", over=WITH_BODY, requires=["body limits"])
def too_large(api: Api, value: str) -> None:
    """A body over x-body-limit is 413; one of exactly the limit is judged by its content."""
    made = parts(api, value)
    body = api.spec[value].body
    assert body is not None
    if not body.limited:
        raise UnpromisedError("the document states no limit of a body (x-body-limit)")
    text = json.dumps(made["body"]).encode()
    if value in ("createContentItem", "ingestMetrics", "login"):
        fitting = text + b" " * (body.limit - len(text))
        answer = api.call(value, **{**made, "body": fitting})
        if not api.target.direct and refused_on_the_way(answer.exchange):
            refusal = f"a body of {body.limit} bytes is refused with {answer.status} and no code"
            raise Unchecked(f"{refusal}, by the server or by what stands before it")
        equal(answer.status, api.success(value), f"status with {body.limit} bytes", answer)
    over = text + b" " * (body.limit + 1 - len(text))
    answer = api.call(value, **{**made, "body": over})
    api.target.connection.close()  # the server need not read the rest
    if not api.target.direct and refused_on_the_way(answer.exchange):
        return
    answer.must(413, "PAYLOAD_TOO_LARGE", why=f"{body.limit + 1} bytes")


@check(
    "http.validation-tells-where",
    "R18, openapi",
    operations=["createContentItem", "getContentItems"],
    requires=["members of problems"],
)
def tells_where(api: Api) -> None:
    """400 names every violation: a JSON pointer, the violated keyword, and the part of the request."""
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


@check("http.metrics-count", "F11", operations=["ingestMetrics"])
def metrics_count(api: Api) -> None:
    """accepted is the number of measurements sent; a batch is accepted as a whole or not at all."""
    one = METRICS["metrics"][0]
    for count in (1, 2, 1000, 10000):
        answer = api.call("ingestMetrics", body={**METRICS, "metrics": [one] * count}).must(202)
        equal(answer.json, {"accepted": count}, "the answer", answer)
    for count in (0, 10001):
        with if_promised():
            api.call("ingestMetrics", body={**METRICS, "metrics": [one] * count}).must(
                400, why=f"{count} measurements"
            )
    with if_promised():
        api.call("ingestMetrics", body={**METRICS, "metrics": [one, {**one, "value": "fast"}]}).must(400)
