"""The six writes of the model: each yields every answer that a correct server may give, with the workspace afterwards.

All ids and stamps that a write creates are `Unknown`s. A write whose answer was lost therefore differs from an answered one only in
that its ids and stamps have not been seen yet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts.model.allowed_outcome import AllowedOutcome, ItemRule, on_item
from contracts.model.messages import INVALID, ExpectedResponse, Request, Response, refusal
from contracts.model.reads import matches
from contracts.model.unknown import Located, Partial, Unknown, same
from contracts.model.workspace import CONTENT, THIS_CHANGE, Item, KeptResponse, Version, Workspace, change

INVALID_STATE = refusal(409, "INVALID_STATE")
CATEGORY_UNKNOWN = refusal(409, "CATEGORY_UNKNOWN")
IN_FLIGHT = refusal(409, "IDEMPOTENCY_IN_FLIGHT")
SUCCESS = ExpectedResponse(200, {"success": True})


def create(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    body = request.body
    key = (request.caller.user, request.headers.get("idempotency-key", ""))
    if key[1]:
        kept = space.kept.get(key)
        if kept is not None:
            answer = kept.answer if same(kept.body, body) else refusal(422, "IDEMPOTENCY_KEY_REUSED")
            yield AllowedOutcome(space, answer)
            return
        if any(key == (r.caller.user, r.headers.get("idempotency-key")) for r in space.limbo):
            yield AllowedOutcome(space, IN_FLIGHT)
    if not _category_exists(space, body):
        yield AllowedOutcome(space, CATEGORY_UNKNOWN)
        return
    index = len(space.items)
    space, stamp = space.new_stamp()
    name = Unknown("item", index)
    snapshot = {
        "id": name,
        "title": body["title"],
        "body": body.get("body", ""),
        "category": body.get("category"),
        "tags": body.get("tags", []),
        "platforms": body.get("platforms", ["web", "ios", "android"]),
        "metadata": body.get("metadata", {}),
        "status": "draft",
        "version": 1,
        "createdAt": stamp,
        "updatedAt": stamp,
        "publishedAt": None,
        "createdBy": request.caller.user,
        "updatedBy": request.caller.user,
    }
    first = Version(number=1, change="created", id=Unknown("version", index, 1), snapshot=snapshot)
    answer = ExpectedResponse(201, {"data": snapshot}, {"etag": '"v1"', "location": Located(name)})
    space = replace(space, items=(*space.items, Item((first,))))
    if key[1]:
        space = replace(space, kept={**space.kept, key: KeptResponse(body, answer)})
    yield AllowedOutcome(space, answer)


def _category_exists(space: Workspace, body: Any) -> bool:
    category = body.get("category")
    return category is None or category in {c.id for c in space.categories}


def _shown(space: Workspace, index: int) -> AllowedOutcome:
    """200 with the item's present state."""
    now = space.items[index].now
    return AllowedOutcome(space, ExpectedResponse(200, {"data": now.snapshot}, {"etag": f'"v{now.number}"'}))


def _may_be_none(space: Workspace, index: int, fields: Mapping[str, Any]) -> bool:
    """Whether this content is that of the item, and no document says that writing it is a change all the same."""
    now = space.items[index].now.snapshot
    return "unchanged content" in space.silent and all(now[name] == value for name, value in fields.items())


def update(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    body = request.body
    now = space.items[index].now
    condition = request.headers.get("if-match")
    if condition is not None and not matches(condition, now.number, weak=False):
        yield AllowedOutcome(space, refusal(412, "PRECONDITION_FAILED"))
        return
    if now.snapshot["status"] == "archived":
        yield AllowedOutcome(space, INVALID_STATE)
        if "archived items" not in space.silent:
            return
    if body["version"] != now.number:
        details = {"currentVersion": now.number, "yourVersion": body["version"]}
        yield AllowedOutcome(space, refusal(409, "VERSION_CONFLICT", **details))
    elif not _category_exists(space, body):
        yield AllowedOutcome(space, CATEGORY_UNKNOWN)
    else:
        fields = {name: body[name] for name in CONTENT if name in body}
        yield _shown(change(space, index, request, "updated", **fields), index)
        if _may_be_none(space, index, fields):
            yield _shown(space, index)


def publish(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    options = request.body or {}
    snapshot = space.items[index].now.snapshot
    if snapshot["status"] == "archived":
        yield AllowedOutcome(space, INVALID_STATE)
        if "archived items" not in space.silent:
            return
    if snapshot["status"] == "published":
        yield _shown(space, index)
    else:
        fields: dict[str, Any] = {"status": "published"}
        if "platforms" in options:
            fields["platforms"] = options["platforms"]
        if snapshot["publishedAt"] is None:
            fields["publishedAt"] = THIS_CHANGE
        notify = options.get("notify", False)
        yield _shown(change(space, index, request, "published", notify=notify, **fields), index)


def archive(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    if space.items[index].now.snapshot["status"] == "archived":
        yield AllowedOutcome(space, SUCCESS)
    else:
        yield AllowedOutcome(change(space, index, request, "archived", status="archived"), SUCCESS)


def revert(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    wanted = request.body["versionId"]
    versions = space.items[index].versions
    named = [v for v in versions if space.text(v.id) == wanted]
    if named:
        yield from _reverted(space, index, request, named[0])
        return
    yield AllowedOutcome(space, refusal(404, "VERSION_NOT_FOUND"))
    # A new id may belong to any version whose id no answer has shown.
    taken = {space.text(v.id) for item in space.items for v in item.versions}
    if wanted not in taken:
        for version in versions:
            if isinstance(space.text(version.id), Unknown):
                known = {**space.known, version.id: wanted}
                yield from _reverted(replace(space, known=known), index, request, version)


def _reverted(space: Workspace, index: int, request: Request, target: Version) -> Iterator[AllowedOutcome]:
    status = space.items[index].now.snapshot["status"]
    kept = "draft" if status == "archived" else status
    silent = "status of a revert" in space.silent
    statuses = dict.fromkeys((kept, *((status, "draft", target.snapshot["status"]) if silent else ())))
    for after in statuses:
        yield _reverted_as(space, index, request, target, after)
    if status in statuses and _may_be_none(space, index, {name: target.snapshot[name] for name in CONTENT}):
        yield _shown(space, index)


def _reverted_as(
    space: Workspace, index: int, request: Request, target: Version, status: Any
) -> AllowedOutcome:
    fields = {name: target.snapshot[name] for name in CONTENT}
    after = change(space, index, request, "reverted", **fields, status=status)
    if request.body.get("createBackup", True):
        versions = after.items[index].versions
        marked = replace(versions[-2], backup=True)
        after = after.with_item(index, Item((*versions[:-2], marked, versions[-1])))
    return _shown(after, index)


SINGLE: dict[str, tuple[str, ItemRule]] = {
    "update": ("content:write", update),
    "publish": ("content:publish", publish),
    "archive": ("content:archive", archive),
}


def bulk(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    """The operations one after another, each with the meaning of its single call; worlds branch only where an id is not known."""
    if not request.valid:
        yield AllowedOutcome(space, INVALID)
        return
    worlds: list[tuple[Workspace, list[Any]]] = [(space, [])]
    operations = request.body["operations"]
    for number, operation in enumerate(operations):
        worlds = [
            (outcome.space, failures + _failure(number, operation, outcome.answer))
            for world, failures in worlds
            for outcome in _single(world, operation, request)
        ]
    for world, failures in worlds:
        data = {"successfulOperations": len(operations) - len(failures), "failedOperations": failures}
        yield AllowedOutcome(world, ExpectedResponse(200, {"data": data}))


def _single(space: Workspace, operation: Any, request: Request) -> Iterator[AllowedOutcome]:
    permission, write = SINGLE[operation["type"]]
    if permission not in request.caller.permissions:
        yield AllowedOutcome(space, refusal(403, "FORBIDDEN"))
        return
    body = dict(operation.get("data", {}))
    if operation["type"] == "update":
        body["version"] = operation["version"]
    single = replace(request, path={"id": operation["id"]}, headers={}, body=body)
    yield from on_item(write)(space, single, None)


def _failure(number: int, operation: Any, answer: ExpectedResponse) -> list[Any]:
    if answer.status < 400:
        return []
    assert isinstance(answer.body, Partial)
    code = answer.body.members["code"]
    return [{"index": number, "id": operation["id"], "code": code, "error": Unknown("text", number)}]
