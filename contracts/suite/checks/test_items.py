"""Checks of one item: create, read, update, conflict."""

from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from contracts.model.timestamps import instant
from contracts.model.unpromised import UnpromisedError
from contracts.model.workspace import CONTENT
from contracts.suite.api.absent_ids import absent_id, must_be_absent
from contracts.suite.api.answered_lists import Item, later, promised, tells_apart
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import FULL, some_category
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics")

ZONE = 14 * 60
"""Seconds by which two clocks may differ; two time zones differ by 15 minutes at least."""


@check("items.create-keeps-what-was-sent", "openapi, S:197-241", operations=["createContentItem"])
def create_keeps(api: Api) -> None:
    """A new item has exactly the content that was sent."""
    sent = {"title": f"  {api.word()} Zoë 𝄞\t ", "category": some_category(api), **FULL}
    answer = api.call("createContentItem", body=sent).must(201)
    for name, value in sent.items():
        equal(answer.member("data", name), value, f"{name} of the new item", answer)
    item = api.get(answer.data["id"])
    equal(item, answer.data, "the item read after its creation", answer)


@check("items.create-defaults", "openapi", operations=["createContentItem"], requires=["minimal create"])
def create_defaults(api: Api) -> None:
    """Omitted members get their documented defaults: no text, no category, all platforms."""
    answer = api.call("createContentItem", body={"title": api.word()}).must(201)
    wanted: dict[str, Any] = {
        "body": "",
        "category": None,
        "tags": [],
        "platforms": ["web", "ios", "android"],
        "metadata": {},
    }
    for name, value in wanted.items():
        with if_promised():
            got = sorted(answer.data[name]) if name == "platforms" else answer.data[name]
            equal(got, sorted(value) if name == "platforms" else value, f"{name} of a minimal item", answer)


@check("items.create-is-draft", "F7, S:206-219", operations=["createContentItem"])
def create_is_draft(api: Api) -> None:
    """A new item is a draft of version 1 by its creator, never published, with equal stamps of the time at which it was made."""
    answer = api.call("createContentItem", body={"title": api.word()}).must(201)
    item: Item = answer.data
    user = api.session.user
    wanted = {"status": "draft", "version": 1, "publishedAt": None, "createdBy": user, "updatedBy": user}
    for name, value in wanted.items():
        equal(item[name], value, f"{name} of a new item", answer)
    if api.promises("stamps"):
        equal(item["updatedAt"], item["createdAt"], "updatedAt of a new item", answer)
    told = answer.exchange.field("date")
    if told and not api.world.capabilities.has("control"):
        # Whose clock the control moves, or a run before this one has moved, Date may tell another one.
        for name in ("createdAt", "updatedAt"):
            with if_promised(), suppress(ValueError):  # a stamp of another form has no known instant
                off = abs(instant(str(item[name])) / 1e6 - parsedate_to_datetime(told).timestamp())
                expect(off < ZONE, f"{name} of a new item near its Date, {told}", item[name], answer)


@check("items.ids-fresh", "F7, S:230", operations=["createContentItem"])
def ids_fresh(api: Api) -> None:
    """Each creation makes a new id, also for the same content."""
    title = api.word()
    ids = [api.create(title=title)["id"] for _ in range(5)]
    equal(len(set(ids)), 5, "number of different ids of five creations")
    expect(not any(i.startswith("temp-") for i in ids), "no id that begins with temp-", ids)
    equal(sorted(i["id"] for i in api.walk(search=title)), sorted(ids), "items with this title")


@check("items.location-resolves", "RFC 9110 10.2.2, R25", operations=["createContentItem", "getContentItem"])
def location_resolves(api: Api) -> None:
    """Location of a creation is a path that reads the new item."""
    answer = api.call("createContentItem", body={"title": api.word()}).must(201)
    # A URI reference (RFC 9110, 10.2.2) may be the whole URL.
    location = answer.headers.get("location", "").removeprefix(api.target.host)
    path = api.target.spec.spelled(f"/content/items/{answer.data['id']}")
    equal(location, f"{api.target.settings.prefix}{path}", "Location", answer)
    read = api.raw("GET", location.removeprefix(api.target.settings.prefix), headers=api.bearer())
    equal(read.must(200).data, answer.data, "the item at Location", answer, read)


@check(
    "items.category-unknown",
    "R20, openapi",
    operations=["createContentItem", "updateContentItem"],
    requires=["known categories"],
)
def category_unknown(api: Api) -> None:
    """A category that does not exist is 409 CATEGORY_UNKNOWN, and nothing is made."""
    title = api.word()
    body = {"title": title, "category": f"none-{api.word()}"}
    api.call("createContentItem", body=body).must(409, "CATEGORY_UNKNOWN")
    equal(api.page(search=title).ids, [], "items of a refused creation")
    item = api.create()
    changed = {"version": 1, "category": f"none-{api.word()}"}
    api.call("updateContentItem", path={"id": item["id"]}, body=changed).must(409, "CATEGORY_UNKNOWN")
    equal(api.get(item["id"]), item, "the item after a refused update")


@check("items.update-merges", "R17, F9, S:262", operations=["updateContentItem"])
def update_merges(api: Api) -> None:
    """An update sets the members given and keeps every other one."""
    item = api.create(title=api.word(), category=some_category(api), **FULL)
    for name, value in (
        ("body", "new"),
        ("tags", ["z"]),
        ("metadata", {"n": "1"}),
        ("platforms", ["android"]),
    ):
        try:
            after = api.update(item, **{name: value})
        except UnpromisedError:
            continue  # the document has no such member
        wanted = {**{key: item[key] for key in CONTENT}, name: value}
        equal({key: after[key] for key in CONTENT}, wanted, f"content after an update of {name}")
        for fixed in ("id", "status", "createdAt", "createdBy", "publishedAt"):
            equal(after[fixed], item[fixed], f"{fixed} after an update of {name}")
        equal(api.get(item["id"]), after, "the item read after its update")
        item = after


@check("items.update-replaces-members-whole", "openapi", operations=["updateContentItem"])
def update_whole(api: Api) -> None:
    """A member given replaces the old value whole; metadata is not merged inside."""
    item = api.create(metadata={"a": "1", "b": "2"}, tags=["x", "y"])
    after = api.update(item, metadata={"b": "3"}, tags=[])
    equal(after["metadata"], {"b": "3"}, "metadata")
    equal(after["tags"], [], "tags")


@check("items.update-null-clears-category", "openapi", operations=["updateContentItem"])
def null_clears(api: Api) -> None:
    """Null in an update clears the category."""
    item = api.create(category=some_category(api))
    after = api.update(item, category=None)
    equal(after["category"], None, "category after null")
    equal(api.get(item["id"])["category"], None, "category read after null")


@check("items.update-bumps-version", "S:216-219, openapi", operations=["updateContentItem"])
def update_bumps(api: Api) -> None:
    """An update makes version + 1, also when nothing differs, with a later updatedAt."""
    item = api.create()
    # An ORM with dirty checking (Eloquent, Hibernate, Active Record) writes nothing where nothing differs.
    same = api.promises("unchanged content")
    for version in (2, 3, 4):
        after = api.update(item, title=item["title"] if same else api.word())
        equal(after["version"], version, "version after an update")
        later(api, after, item)
        equal(after["createdAt"], item["createdAt"], "createdAt after an update")
        equal(after["createdBy"], item["createdBy"], "createdBy after an update")
        item = after


@check("items.conflict-on-stale-version", "R17, S:272-276", operations=["updateContentItem"])
def stale_version(api: Api) -> None:
    """An update from any version but the present one is 409 with both numbers."""
    item = api.update(api.create(), title=api.word())
    for base in (1, 3, 2147483647):
        answer = api.call("updateContentItem", path={"id": item["id"]}, body={"version": base, "title": "no"})
        answer.must(409, "VERSION_CONFLICT", why=f"the item is at 2, the update from {base}")
        with if_promised():
            equal(answer.member("details", "currentVersion"), 2, "details.currentVersion", answer)
            equal(answer.member("details", "yourVersion"), base, "details.yourVersion", answer)
    equal(api.get(item["id"]), item, "the item after refused updates")


@check("items.update-once", "R17, RFC 9110 9.2.2", operations=["updateContentItem"])
def update_once(api: Api) -> None:
    """An update sent twice is applied once: the second is a conflict."""
    item = api.create()
    body = {"version": 1, "title": api.word()}
    first = api.call("updateContentItem", path={"id": item["id"]}, body=body).must(200)
    api.call("updateContentItem", path={"id": item["id"]}, body=body).must(409, "VERSION_CONFLICT")
    equal(api.get(item["id"]), first.data, "the item after the repeat")


@check(
    "items.failed-write-inert",
    "openapi",
    operations=["createContentItem", "updateContentItem", "revertContentVersion"],
)
def failed_write_inert(api: Api) -> None:
    """A refused write leaves no trace: not in the item, its versions, the lists or sync."""
    item = api.create()
    word = api.word()
    path = {"id": item["id"]}
    since = api.now()
    categories = api.promises("known categories")
    for status, code, body in (
        (400, "", {"version": 1, "title": ""}),
        (409, "VERSION_CONFLICT", {"version": 9, "title": word}),
        (400, "", {"version": 1, "tags": [word], "x": 1}),
        *([(409, "", {"version": 1, "title": word, "category": f"none-{word}"})] if categories else []),
    ):
        with if_promised():
            api.call("updateContentItem", path=path, body=body).must(status, code)
    headers = {"If-Match": '"v9"'}
    with if_promised():
        api.call("updateContentItem", path=path, body={"version": 1, "title": word}, headers=headers).must(
            412
        )
    _refused_creations(api, word)
    api.call("revertContentVersion", path=path, body={"versionId": f"none-{word}"}).must(
        404, "VERSION_NOT_FOUND"
    )
    equal(api.get(item["id"]), item, "the item after refused writes")
    equal(len(api.versions(item["id"])), 1, "its number of versions")
    equal(api.page(search=word).ids, [], "items with the refused title")
    changed = [i for window in api.sync_all(since) for i in window.items]
    expect(item["id"] not in [i["id"] for i in changed], "no change of the item in sync", changed)
    strays = _strays(api, changed)
    # Others may use the account as well, but make no item beside the same creations three times more.
    caused = strays and api.has("alone") and all(_strays(api, _after_refusal(api)) for _ in range(3))
    expect(not caused, "no item made by a refused creation", strays)


def _refused_creations(api: Api, word: str) -> None:
    api.call("createContentItem", body={"title": word, "tags": 1}).must(400)
    if api.promises("known categories"):
        api.call("createContentItem", body={"title": word, "category": f"none-{word}"}).must(409)


def _strays(api: Api, changed: list[Item]) -> list[str]:
    """The new items of this account that no 201 has answered, of whichever test process."""
    mine = [i for i in changed if i["version"] == 1 and promised(i["createdBy"], "") == api.session.user]
    return [i["id"] for i in mine if i["id"] not in api.target.recorder.created]


def _after_refusal(api: Api) -> list[Item]:
    """The items that have changed while creations were refused."""
    since = api.now()
    _refused_creations(api, api.word())
    return [item for window in api.sync_all(since) for item in window.items]


@check("items.conflict-order", "openapi, RFC 9110 13.2.1", operations=["updateContentItem"])
def conflict_order(api: Api) -> None:
    """409 is judged in the order INVALID_STATE, VERSION_CONFLICT, CATEGORY_UNKNOWN; 412 before it."""
    path = {"id": api.create()["id"]}
    unknown = {"category": f"none-{api.word()}"} if api.promises("known categories") else {"body": "x"}
    both = {"version": 9, **unknown}
    api.call("updateContentItem", path=path, body=both).must(409, "VERSION_CONFLICT")
    stale = {"If-Match": '"v9"'}
    api.call("updateContentItem", path=path, body=both, headers=stale).must(412, "PRECONDITION_FAILED")
    api.call("updateContentItem", path=path, body={"version": 0}, headers=stale).must(400)


@check(
    "items.not-found",
    "openapi",
    operations=[
        "getContentItem",
        "updateContentItem",
        "getContentVersions",
        "publishContent",
        "archiveContent",
        "revertContentVersion",
    ],
)
def not_found(api: Api) -> None:
    """An id that names nothing is 404 CONTENT_NOT_FOUND everywhere, also one of no valid form."""
    bodies = {
        "updateContentItem": {"version": 1, "title": "x"},
        "revertContentVersion": {"versionId": f"none-{api.word()}"},
        "publishContent": {},
        "archiveContent": {},
    }
    for operation in ("getContentItem", "getContentVersions", *bodies):
        for id in (absent_id(api.target.spec, api.word()), "a.b", "x" * 65, "ä", "%", "a b"):
            parts = {"body": bodies[operation]} if operation in bodies else {}
            must_be_absent(api.call(operation, path={"id": id}, **parts), id, "CONTENT_NOT_FOUND")


@check(
    "items.not-found-before-body",
    "R17, openapi",
    operations=[
        "updateContentItem",
        "publishContent",
        "archiveContent",
        "revertContentVersion",
        "getContentItem",
    ],
    requires=["order of judgement"],
)
def not_found_first(api: Api) -> None:
    """A missing item is told before a wrong body, media type or query is."""
    path = {"id": f"none-{api.word()}"}
    for operation in ("updateContentItem", "publishContent", "archiveContent", "revertContentVersion"):
        api.call(operation, path=path, body={"?": 1}).must(404, "CONTENT_NOT_FOUND")
        api.call(operation, path=path, body=b"x", headers={"Content-Type": "text/plain"}).must(404)
    api.call("getContentItem", path=path, query={"version": "latest"}).must(404, "CONTENT_NOT_FOUND")


@check("items.stamps-order-changes", "R30, openapi", operations=["createContentItem", "updateContentItem"])
def stamps_order(api: Api) -> None:
    """Each change of a workspace has its own stamp, greater than all before."""
    first, second = api.create(), api.create()
    stamps = [first["updatedAt"], second["updatedAt"]]
    for _ in range(10):
        first = api.update(first, title=api.word())
        second = api.update(second, title=api.word())
        stamps += [first["updatedAt"], second["updatedAt"]]
    apart = tells_apart(api, stamps[0])
    equal(stamps, sorted(set(stamps) if apart else stamps), "stamps in the order of the changes")
