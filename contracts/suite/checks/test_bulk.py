"""Checks of bulk requests: each operation is accounted for exactly once and applied in order, with the meaning of its single call."""

from typing import Any

from contracts.suite.api.absent_ids import absent_id
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import equal, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics", operations=["bulkUpdateContent"])


def _update(id: str, version: int, **data: Any) -> dict[str, Any]:
    return {"type": "update", "id": id, "version": version, "data": data}


def _shows(api: Api, id: str, where: str, **wanted: Any) -> None:
    item = api.get(id)
    equal({name: item[name] for name in wanted}, wanted, f"{' and '.join(wanted)} {where}")


def _codes(answer: HttpAnswer) -> list[tuple[int, str]]:
    """Index -> code of the failed operations of a bulk request."""
    return [(f["index"], f["code"]) for f in answer.member("data", "failedOperations")]


@check("bulk.all-succeed", "F8, S:315-363", needs=("write", "publish"))
def all_succeed(api: Api) -> None:
    """Operations that all succeed are counted, and each is done."""
    one, two, three = api.create(), api.create(), api.create()
    word = api.word()
    answer = api.bulk(
        _update(one["id"], 1, title=word),
        {"type": "publish", "id": two["id"]},
        {"type": "archive", "id": three["id"], "data": {"reason": "x"}},
    )
    equal(answer.data, {"successfulOperations": 3, "failedOperations": []}, "the result", answer)
    got = api.get(one["id"])
    equal({**got, "updatedAt": ""}, {**one, "title": word, "version": 2, "updatedAt": ""}, "the updated item")
    _shows(api, two["id"], "of the published item", status="published", version=2)
    _shows(api, three["id"], "of the archived item", status="archived", version=2)


@check("bulk.partial-failure", "R19, F8", needs=("write", "publish"))
def partial(api: Api) -> None:
    """A failed operation stops no other: the answer is 200 with its index, id and code, and all others are done."""
    one, two, gone = api.create(), api.create(), api.create()
    api.archive(gone["id"])
    none = absent_id(api.target.spec, api.word())
    script: list[tuple[dict[str, Any], str, str]] = [
        (_update(one["id"], 7, title="no"), "VERSION_CONFLICT", "versions in bulk"),
        (_update(one["id"], 1, title="yes"), "", ""),
        ({"type": "publish", "id": none}, "CONTENT_NOT_FOUND", ""),
        (_update(gone["id"], 2, title="no"), "INVALID_STATE", "archived items"),
        ({"type": "publish", "id": gone["id"]}, "INVALID_STATE", "archived items"),
        (_update(two["id"], 1, category=f"none-{api.word()}"), "CATEGORY_UNKNOWN", "known categories"),
        ({"type": "archive", "id": none}, "CONTENT_NOT_FOUND", ""),
        ({"type": "publish", "id": two["id"]}, "", ""),
    ]
    script = [row for row in script if not row[2] or api.promises(row[2])]
    answer = api.bulk(*(operation for operation, _, _ in script))
    failures = [(f["index"], f["id"], f["code"]) for f in answer.member("data", "failedOperations")]
    wanted = [(place, row["id"], code) for place, (row, code, _) in enumerate(script) if code]
    equal(failures, wanted, "the failures", answer)
    equal(answer.data["successfulOperations"], 2, "successfulOperations", answer)
    _shows(api, one["id"], "of the updated item", title="yes", version=2)
    _shows(api, two["id"], "after its failed update", status="published", version=2)
    _shows(api, gone["id"], "of the archived item", version=2)


@check("bulk.all-fail", "R19")
def all_fail(api: Api) -> None:
    """A request of which every operation fails is still 200, and nothing is changed."""
    item = api.create()
    none = absent_id(api.target.spec, api.word())
    stale = item["id"] if api.promises("versions in bulk") else none
    answer = api.bulk(_update(stale, 3, title="x"), _update(none, 1, title="x"))
    equal(answer.data["successfulOperations"], 0, "successfulOperations", answer)
    equal([f["index"] for f in answer.data["failedOperations"]], [0, 1], "indexes of the failures", answer)
    equal(api.get(item["id"]), item, "the item after the request")


@check(
    "bulk.in-order", "openapi", needs=("write", "publish"), requires=["versions in bulk", "archived items"]
)
def in_order(api: Api) -> None:
    """Operations are applied in the order given; later ones see what earlier ones did."""
    id = api.create()["id"]
    answer = api.bulk(
        _update(id, 1, body="1"),
        _update(id, 2, body="2"),
        _update(id, 2, body="stale"),
        {"type": "publish", "id": id},
        _update(id, 4, body="4"),
        {"type": "archive", "id": id},
        _update(id, 6, body="too late"),
        {"type": "publish", "id": id},
        {"type": "archive", "id": id},
    )
    wanted = [(2, "VERSION_CONFLICT"), (6, "INVALID_STATE"), (7, "INVALID_STATE")]
    equal(_codes(answer), wanted, "the failures", answer)
    done = answer.data["successfulOperations"]
    equal(done, 6, "successfulOperations, the repeat without effect included", answer)
    kinds = [(v["version"], v["changeType"], v["snapshot"]["body"]) for v in api.versions(id)]
    history = [
        (6, "archived", "4"),
        (5, "updated", "4"),
        (4, "published", "2"),
        (3, "updated", "2"),
        (2, "updated", "1"),
        (1, "created", ""),
    ]
    equal(kinds, history, "the item's history")


@check("bulk.same-as-single", "openapi", needs=("write", "publish"), requires=["versions in bulk"])
def same_as_single(api: Api) -> None:
    """A bulk request equals its single calls in sequence, on items in the same states."""
    rng = api.rng
    for _ in range(3):
        pairs = [(api.create(tags=["x"]), api.create(tags=["x"])) for _ in range(3)]
        script = [
            (rng.randrange(3), rng.choice(("update", "update", "publish", "archive")), rng.randrange(1, 5))
            for _ in range(12)
        ]
        bulk = [_script(pairs[which][0]["id"], kind, base) for which, kind, base in script]
        alone = [_single(api, pairs[which][1]["id"], kind, base) for which, kind, base in script]
        answer = api.bulk(*bulk)
        failed = dict(_codes(answer))
        # Where the document names no codes for the single call, it is enough that both fail.
        codes = [
            one.code if one.status < 400 or one.promises_code else failed.get(index, "a failure")
            for index, one in enumerate(alone)
        ]
        got = [failed.get(index, "") for index in range(len(script))]
        equal(got, codes, "codes of the operations, against their single calls", answer)
        for ours, theirs in pairs:
            left, right = api.get(ours["id"]), api.get(theirs["id"])
            for name in ("body", "tags", "status", "version", "platforms"):
                equal(left[name], right[name], f"{name} after bulk, against single calls", answer)


def _script(id: str, kind: str, base: int) -> dict[str, Any]:
    if kind == "update":
        return _update(id, base, body=f"from {base}")
    return {"type": kind, "id": id, **({"data": {"platforms": ["ios"]}} if kind == "publish" else {})}


def _single(api: Api, id: str, kind: str, base: int) -> HttpAnswer:
    if kind == "update":
        body = {"version": base, "body": f"from {base}"}
        return api.call("updateContentItem", path={"id": id}, body=body)
    if kind == "publish":
        return api.call("publishContent", path={"id": id}, body={"platforms": ["ios"]})
    return api.call("archiveContent", path={"id": id}, body={})


@check("bulk.invalid-document", "R19, openapi")
def invalid(api: Api) -> None:
    """A document that breaks the schema in one operation is 400, and nothing at all is applied."""
    item = api.create()
    good = _update(item["id"], 1, title=api.word())
    bad: list[Any] = [
        {"type": "delete", "id": item["id"]},
        {"type": "update", "id": item["id"], "data": {"title": "x"}},
        {"type": "update", "id": item["id"], "version": 1, "data": {}},
        {"type": "publish"},
        "publish",
        None,
        {"type": "publish", "id": item["id"], "version": 1},
        {"type": "archive", "id": item["id"], "data": {"reason": ""}},
        {"type": "update", "id": "a b", "version": 1, "data": {"title": "x"}},
        {"id": item["id"]},
    ]
    for operation in bad:
        with if_promised():
            answer = api.call("bulkUpdateContent", body={"operations": [good, operation]})
            answer.must(400, "VALIDATION_FAILED", why=f"the operation {operation}")
    bodies: tuple[Any, ...] = (
        {"operations": []},
        {"operations": good},
        {},
        [good],
        {"operations": [good], "atomic": True},
        {"operations": [good] * 101},
    )
    for body in bodies:
        with if_promised():
            api.call("bulkUpdateContent", body=body).must(400)
    equal(api.get(item["id"]), item, "the item after invalid documents")


@check("bulk.hundred", "openapi")
def hundred(api: Api) -> None:
    """A hundred operations are accepted, and each is accounted for exactly once."""
    item = api.create()
    none = absent_id(api.target.spec, api.word())
    operations = [
        _update(item["id"], n // 2 + 1, body=str(n)) if n % 2 == 0 else _update(none, 1, body="x")
        for n in range(100)
    ]
    answer = api.bulk(*operations)
    equal(answer.data["successfulOperations"], 50, "successfulOperations", answer)
    equal([index for index, _ in _codes(answer)], list(range(1, 100, 2)), "indexes of the failures", answer)
    _shows(api, item["id"], "after fifty updates", version=51, body="98")


@check("bulk.permissions", "openapi, R23", needs=("write", "editor"), requires=["permissions"])
def permissions(api: Api) -> None:
    """publish and archive entries need their own permission; without it the entry fails FORBIDDEN."""
    editor = api.as_("editor")
    item = editor.create()
    none = absent_id(api.target.spec, api.word())
    answer = editor.bulk(
        {"type": "publish", "id": item["id"]},
        {"type": "archive", "id": item["id"]},
        {"type": "archive", "id": none},
        _update(item["id"], 1, body="x"),
    )
    equal(_codes(answer), [(0, "FORBIDDEN"), (1, "FORBIDDEN"), (2, "FORBIDDEN")], "the failures", answer)
    _shows(editor, item["id"], "after the update alone", status="draft", version=2, body="x")
