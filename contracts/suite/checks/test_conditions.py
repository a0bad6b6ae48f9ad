"""Checks of entity tags, conditional requests and idempotency keys."""

import json

from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import control
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics")

BEYOND = f'"v{"9" * 20}"'
"""An entity tag whose number 64 bits do not hold."""


@check("http.etag", "openapi", operations=["getContentItem"], needs=("write", "publish"))
def etag(api: Api) -> None:
    """ETag is the strong tag of the version sent, on read, create, update, publish and revert."""
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


def _opaque(answer: HttpAnswer) -> str:
    """The answer's entity tag without the mark of a weak one, which If-None-Match ignores."""
    tag = answer.must(200 if answer.body else 304).exchange.field("etag").removeprefix("W/")
    expect(tag != "", "an ETag", "none", answer)
    return tag


@check("http.not-modified", "RFC 9110 13.1.2", operations=["getContentItem"], requires=["conditional reads"])
def not_modified(api: Api) -> None:
    """If-None-Match with the item's tag, weak or strong or *, is 304 with ETag and no body."""
    path = {"id": api.update(api.create(), body="x")["id"]}
    tag = _opaque(api.call("getContentItem", path=path))
    for value in (tag, f"W/{tag}", "*", f'"v1", {tag}', f'"x",{tag}', f'W/"a", W/{tag}'):
        answer = api.call("getContentItem", path=path, headers={"If-None-Match": value})
        equal(answer.status, 304, f"status with If-None-Match: {value}", answer)
        equal(answer.body, b"", "body of 304", answer)
        equal(_opaque(answer), tag, "ETag of 304", answer)
    for value in ('"v1"', 'W/"v1"', '"v3"', '"V2"', '"v22"', '"v"', '""', BEYOND):
        answer = api.call("getContentItem", path=path, headers={"If-None-Match": value})
        equal(answer.status, 200, f"status with If-None-Match: {value}", answer)
        equal(answer.data["version"], 2, "version of the item sent", answer)


@check(
    "http.not-modified-follows",
    "RFC 9110 13.1.2",
    operations=["getContentItem"],
    requires=["conditional reads"],
)
def not_modified_follows(api: Api) -> None:
    """After any change the old tag no longer gives 304; the read of an old version has its own."""
    item = api.create()
    path = {"id": item["id"]}
    first = api.call("getContentItem", path=path)
    _opaque(first)
    tag = {
        "If-None-Match": first.exchange.field("etag")
    }  # as it came: another law says that a weak one may be sent as a strong one
    equal(api.call("getContentItem", path=path, headers=tag).status, 304, "status before the change")
    api.update(item, body="x")
    api.call("getContentItem", path=path, headers=tag).must(200)
    old = api.call("getContentItem", path=path, query={"version": "1"}, headers=tag)
    equal(old.status, 304, "status of the old version with its own tag", old)
    other = api.call("getContentItem", path=path, query={"version": "1"}, headers={"If-None-Match": '"v2"'})
    equal(other.status, 200, "status of the old version with the new tag", other)


@check("http.if-match", "RFC 9110 13.1.1, R17", operations=["updateContentItem"], requires=["version tags"])
def if_match(api: Api) -> None:
    """If-Match lets an update through only with the item's strong tag or *; else 412 and nothing changed."""
    item = api.create()
    path = {"id": item["id"]}
    for value in ('"v2"', 'W/"v1"', '"x"', '"v2", "v3"', '""', 'W/"v1", "v0"', BEYOND):
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
    "RFC 9110 8.8.3",
    operations=["getContentItem", "updateContentItem"],
    requires=["conditional reads"],
)
def tags_syntax(api: Api) -> None:
    """An If-Match or If-None-Match that is no list of entity tags is 400."""
    path = {"id": api.create()["id"]}
    for value in ("v1", '"v1', 'w/"v1"', '"v1" "v2"', '*, "v1"', "'v1'", '"a b"', '"' + "x" * 300 + '"'):
        api.call("getContentItem", path=path, headers={"If-None-Match": value}).must(400, why=value[:20])
        body = {"version": 1, "title": "x"}
        api.call("updateContentItem", path=path, body=body, headers={"If-Match": value}).must(
            400, why=value[:20]
        )


@check("http.idempotency-replay", "R31, openapi", operations=["createContentItem"])
def replay(api: Api) -> None:
    """The same Idempotency-Key with the same JSON value replays the first answer and creates nothing."""
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    value, dialect = {"title": title, "tags": ["a"]}, api.target.dialect
    first = api.call("createContentItem", body=value, headers=headers).must(201)
    sent = dialect.body("createContentItem", value) if dialect else value
    differently = [json.dumps(dict(reversed(sent.items())), indent=1).encode()]
    for body in (value, *(differently if api.promises("same JSON value") else ())):
        answer = api.call("createContentItem", body=body, headers=headers).must(201)
        equal(answer.data, first.data, "the item replayed", first, answer)
        equal(answer.headers.get("location"), first.headers.get("location"), "Location replayed", answer)
        equal(answer.headers.get("etag"), first.headers.get("etag"), "ETag replayed", answer)
    equal(len(api.page(search=title).ids), 1, "items created")


@check("http.idempotency-reuse", "R31, openapi", operations=["createContentItem"])
def reuse(api: Api) -> None:
    """The same Idempotency-Key with another value is 422 and creates nothing."""
    title, other = api.word(), api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    api.call("createContentItem", body={"title": title}, headers=headers).must(201)
    answer = api.call("createContentItem", body={"title": other}, headers=headers)
    answer.must(422, "IDEMPOTENCY_KEY_REUSED")
    equal(api.page(search=other).ids, [], "items of the refused creation")
    api.call("createContentItem", body={"title": other}, headers={"Idempotency-Key": f"k-{other}"}).must(201)


@check("http.idempotency-refused-unused", "openapi", operations=["createContentItem"])
def refused_unused(api: Api) -> None:
    """A refused creation leaves its key unused."""
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    api.call("createContentItem", body={"title": title, "category": f"none-{title}"}, headers=headers).must(
        409
    )
    api.call("createContentItem", body={"title": ""}, headers=headers).must(400)
    api.call("createContentItem", body={"title": title}, headers=headers).must(201)


@check(
    "http.idempotency-kept",
    "openapi",
    operations=["createContentItem"],
    needs=("write", "control", "alone"),
)
def key_kept(api: Api) -> None:
    """A key and its first success are kept for 24 hours."""
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    first = api.call("createContentItem", body={"title": title}, headers=headers).must(201)
    control(api).advance(24 * 3600 - 60)
    answer = api.fresh().call("createContentItem", body={"title": title}, headers=headers).must(201)
    equal(answer.data, first.data, "the item replayed", first, answer)


@check(
    "http.idempotency-key-per-account",
    "openapi",
    operations=["createContentItem"],
    needs=("write", "editor", "stranger"),
)
def key_per_account(api: Api) -> None:
    """A key belongs to the caller's account: another's same key is another request."""
    title = api.word()
    headers = {"Idempotency-Key": f"k-{title}"}
    ids = {api.call("createContentItem", body={"title": title}, headers=headers).must(201).data["id"]}
    for role in ("editor", "stranger"):
        answer = api.as_(role).call("createContentItem", body={"title": title}, headers=headers)
        ids.add(answer.must(201).data["id"])
        equal(answer.data["createdBy"], api.as_(role).session.user, "createdBy", answer)
    equal(len(ids), 3, "number of different items of three accounts")


@check("http.idempotency-key-syntax", "openapi", operations=["createContentItem"])
def key_syntax(api: Api) -> None:
    """A key is 1 to 64 visible ASCII characters; anything else is 400."""
    word = api.word()  # a server that takes one keeps it
    for key in (word.ljust(65, "x"), f"{word} b", f"{word}ä"):
        with if_promised():
            answer = api.call("createContentItem", body={"title": word}, headers={"Idempotency-Key": key})
            answer.must(400, why=f"Idempotency-Key {key[-10:]!r}")
            if api.promises("members of problems"):
                equal(answer.member("details", "errors")[0]["in"], "header", "details.errors/0/in", answer)
    key = (api.word() + "x" * 64)[:64]
    api.call("createContentItem", body={"title": api.word()}, headers={"Idempotency-Key": key}).must(201)


@check("http.without-key-creates-twice", "R31", operations=["createContentItem"])
def without_key(api: Api) -> None:
    """Without a key each repeat of a creation creates."""
    title = api.word()
    for _ in range(2):
        api.call("createContentItem", body={"title": title}).must(201)
    equal(len(api.page(search=title).ids), 2, "items created")
