"""Checks of isolation: another workspace's items do not exist, for reads, writes, lists, counts, sync and bulk."""

import json
from collections.abc import Iterable

from contracts.model.unpromised import flat
from contracts.suite.api.absent_ids import absent_id
from contracts.suite.api.answered_lists import EPOCH, NEWEST
from contracts.suite.api.api import ALL_PLATFORMS, Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import Unchecked, equal, expect, if_promised
from contracts.suite.plugin.registry import family

NEEDS = ("write", "stranger")

check = family("auth", needs=NEEDS)

BODIES = {
    "updateContentItem": {"version": 1, "title": "mine now"},
    "publishContent": {},
    "archiveContent": {},
    "revertContentVersion": {"versionId": "x"},
}


@check("isolation.by-id", "R22, OWASP API1")
def by_id(api: Api) -> None:
    """Another workspace's item is 404 at every operation that takes an id, never 403 or 409."""
    item = api.create()
    path = {"id": item["id"]}
    version = api.versions(item["id"])[0]["id"]
    stranger = api.as_("stranger")
    for operation in ("getContentItem", "getContentVersions"):
        stranger.call(operation, path=path).must(404, "CONTENT_NOT_FOUND", why=operation)
    stranger.call("getContentItem", path=path, query={"version": "1"}).must(404, "CONTENT_NOT_FOUND")
    with if_promised():
        headers = {"If-None-Match": "*"}
        stranger.call("getContentItem", path=path, headers=headers).must(404, "CONTENT_NOT_FOUND")
    for operation, body in {**BODIES, "revertContentVersion": {"versionId": version}}.items():
        stranger.call(operation, path=path, body=body).must(404, "CONTENT_NOT_FOUND", why=operation)
    equal(api.get(item["id"]), item, "the item after a stranger's attempts")


@check("isolation.same-as-missing", "R22", operations=["getContentItem"])
def same_as_missing(api: Api) -> None:
    """The answer for another's item is the one for an item that never was."""
    stranger = api.as_("stranger")
    ids = (api.create()["id"], *(absent_id(api.target.spec, api.word()) for _ in range(2)))
    left, right, other = (stranger.call("getContentItem", path={"id": id}).must(404) for id in ids)
    leaks = [
        json.loads(answer.body.replace(id.encode(), b"...")) if answer.body else {}
        for answer, id in zip((left, right, other), ids, strict=True)
    ]
    mine, missing, another = (value if isinstance(value, dict) else {"": value} for value in leaks)
    equal(mine.keys(), missing.keys(), "members of the refusal", left, right)
    for name, value in missing.items():
        # What differs each time, by a time or an incident's number, tells nothing.
        if value == another.get(name):
            equal(mine[name], value, f"{name or 'the refusal'}, without the id", left, right)


@check("isolation.lists", "R22, OWASP API1", needs=(*NEEDS, "publish"))
def lists(api: Api) -> None:
    """No list, search, category, count or sync window shows another workspace's item."""
    stranger = api.as_("stranger")
    categories = [node["id"] for node in flat(api.categories())]
    common = [node["id"] for node in flat(stranger.categories()) if node["id"] in categories]
    word = api.word()
    before = {node["id"]: node["itemCount"] for node in flat(stranger.categories())}
    since = stranger.now()
    shared = api.create(title=word, category=(common or categories)[0], platforms=ALL_PLATFORMS)
    api.publish(shared["id"])
    made = {shared["id"], *(api.create(title=word)["id"] for _ in range(2))}
    api.archive(max(made - {shared["id"]}))

    def unseen(ids: Iterable[str], where: str, *answers: HttpAnswer) -> None:
        seen = made.intersection(ids)
        expect(not seen, f"none of another workspace's items in {where}", seen, *answers)

    for status in (None, "draft", "published", "archived"):
        equal(stranger.page(search=word, status=status).ids, [], f"a stranger's search with status {status}")
        unseen((item["id"] for item in stranger.walk(status=status, first=NEWEST)), "the list")
    for category in common[:1]:
        unseen((item["id"] for item in stranger.walk(category_path=category, first=NEWEST)), "the category")
    after = {node["id"]: node["itemCount"] for node in flat(stranger.categories())}
    equal(after, before, "a stranger's counts of categories")
    for start in (since, EPOCH):
        for window in stranger.sync_all(start, cut=True):
            unseen((one["id"] for one in (*window.items, *window.deleted)), "sync", window.answer)


@check("isolation.bulk", "R22", operations=["bulkUpdateContent"])
def bulk(api: Api) -> None:
    """In a bulk request another workspace's item is CONTENT_NOT_FOUND, and is not touched."""
    item = api.create()
    operations = [
        {"type": "update", "id": item["id"], "version": 1, "data": {"title": "mine"}},
        {"type": "publish", "id": item["id"]},
        {"type": "archive", "id": item["id"]},
    ]
    answer = api.as_("stranger").bulk(*operations)
    equal(answer.member("data", "successfulOperations"), 0, "successfulOperations", answer)
    codes = [f["code"] for f in answer.member("data", "failedOperations")]
    equal(codes, ["CONTENT_NOT_FOUND"] * 3, "codes of the failures", answer)
    equal(api.get(item["id"]), item, "the item after a stranger's bulk request")


@check("isolation.versions", "R22", operations=["revertContentVersion"])
def versions(api: Api) -> None:
    """A version of another workspace's item is not found as the target of a revert."""
    stranger = api.as_("stranger")
    theirs = api.versions(api.create(title="secret")["id"])[0]["id"]
    mine = stranger.create()
    answer = stranger.call("revertContentVersion", path={"id": mine["id"]}, body={"versionId": theirs})
    answer.must(404, "VERSION_NOT_FOUND")
    equal(stranger.get(mine["id"]), mine, "the item after the refused revert")


@check("isolation.categories", "R22", operations=["createContentItem", "getContentByCategory"])
def categories(api: Api) -> None:
    """A category that only another workspace has does not exist here."""
    stranger = api.as_("stranger")
    mine = {node["id"] for node in flat(api.categories())}
    theirs = sorted({node["id"] for node in flat(stranger.categories())} - mine)
    if not theirs:
        raise Unchecked("the other workspace has no category that this one has not")
    api.call("createContentItem", body={"title": api.word(), "category": theirs[0]}).must(
        409, "CATEGORY_UNKNOWN"
    )
    api.call("getContentByCategory", path={"category": theirs[0]}).must(404, "CATEGORY_NOT_FOUND")
