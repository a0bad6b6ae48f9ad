"""Checks of publish and archive: each takes effect once, may be repeated, and can be undone."""

from contracts.suite.api.answered_lists import later
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import FULL
from contracts.suite.contract_violation import equal
from contracts.suite.plugin.registry import family

check = family("semantics", needs=("write", "publish"))


@check("items.publish", "S:287-300, openapi", operations=["publishContent"])
def publish(api: Api) -> None:
    """Publish makes a draft published: one version further, publishedAt = that change's stamp."""
    item = api.create(**FULL)
    answer = api.call("publishContent", path={"id": item["id"]}, body={}).must(200)
    after = answer.data
    wanted = {
        **item,
        "status": "published",
        "version": 2,
        "updatedAt": after["updatedAt"],
        "publishedAt": after["updatedAt"],
        "updatedBy": api.session.user,
    }
    if not api.promises("stamps"):
        wanted["publishedAt"] = after["publishedAt"] or after["updatedAt"]
    equal(after, wanted, "the published item", answer)
    later(api, after, item, answer)
    equal(api.get(item["id"]), after, "the item read after its publication")


@check("items.publish-idempotent", "openapi", operations=["publishContent"])
def publish_idempotent(api: Api) -> None:
    """Publishing again, with whatever options, changes nothing and is 200 with the item."""
    item = api.create(platforms=["web"])
    once = api.publish(item["id"])
    equal(
        api.publish(item["id"], notify=True, platforms=["ios"]), once, "the answer of the second publication"
    )
    equal(api.get(item["id"]), once, "the item after the second publication")
    equal(len(api.versions(item["id"])), 2, "number of versions after two publications")


@check("items.publish-platforms", "openapi", operations=["publishContent"])
def publish_platforms(api: Api) -> None:
    """Platforms in a publication replace the item's own; omitted, the item keeps its own."""
    kept = api.publish(api.create(platforms=["ios"])["id"], notify=True)
    equal(kept["platforms"], ["ios"], "platforms after a publication without any")
    replaced = api.publish(api.create(platforms=["ios"])["id"], platforms=["android", "web"])
    equal(replaced["platforms"], ["android", "web"], "platforms after a publication with some")
    equal(api.get(replaced["id"])["platforms"], ["android", "web"], "platforms read after it")


@check(
    "items.publish-once-stamped",
    "openapi",
    operations=["publishContent", "archiveContent", "revertContentVersion"],
    requires=["status of a revert"],
)
def published_once(api: Api) -> None:
    """publishedAt is the stamp of the first publication and never changes again."""
    item = api.create()
    first = api.publish(item["id"])
    after = api.update(first, title=api.word())
    equal(after["publishedAt"], first["publishedAt"], "publishedAt after an update")
    api.archive(item["id"])
    version = api.versions(item["id"])[-1]["id"]
    reverted = api.revert(item["id"], version)
    equal(reverted["publishedAt"], first["publishedAt"], "publishedAt after archive and revert")
    again = api.publish(item["id"])
    equal(again["publishedAt"], first["publishedAt"], "publishedAt after the second publication")
    equal(again["status"], "published", "status after the second publication")


@check("items.update-keeps-published", "openapi", operations=["updateContentItem", "publishContent"])
def update_keeps_published(api: Api) -> None:
    """A published item stays published when it is updated."""
    after = api.update(api.publish(api.create()["id"]), title=api.word())
    equal(after["status"], "published", "status after an update")
    equal(after["version"], 3, "version after an update")


@check("items.archive", "F1, S:302-313, R21", operations=["archiveContent", "getContentItem"])
def archive(api: Api) -> None:
    """Archive is a soft delete: bare {success: true}, one version further, readable by id."""
    for published in (False, True):
        item = api.create(**FULL)
        if published:
            item = api.publish(item["id"])
        answer = api.archive(item["id"], reason="over")
        equal(answer.json, {"success": True}, "the answer of archive", answer)
        after = api.get(item["id"])
        wanted = {
            **item,
            "status": "archived",
            "version": item["version"] + 1,
            "updatedAt": after["updatedAt"],
        }
        equal(after, wanted, "the archived item")
        later(api, after, item)


@check("items.archive-idempotent", "openapi", operations=["archiveContent"])
def archive_idempotent(api: Api) -> None:
    """Archiving again changes nothing and is 200."""
    item = api.create()
    api.archive(item["id"])
    once = api.get(item["id"])
    equal(api.archive(item["id"], reason="again").json, {"success": True}, "the second answer")
    equal(api.get(item["id"]), once, "the item after the second archive")
    equal(len(api.versions(item["id"])), 2, "number of versions after two archives")


@check("items.archived-hidden", "R21, openapi", operations=["getContentItems", "archiveContent"])
def archived_hidden(api: Api) -> None:
    """An archived item is in no list but status=archived, and keeps its content there."""
    word = api.word()
    gone, kept = api.create(title=f"{word} a"), api.create(title=f"{word} b")
    api.archive(gone["id"])
    equal(api.page(search=word).ids, [kept["id"]], "items in the list")
    equal(api.page(search=word, status="draft").ids, [kept["id"]], "drafts in the list")
    archived = api.page(search=word, status="archived")
    equal(archived.items, [api.get(gone["id"])], "archived items", archived.answer)


@check(
    "items.archived-refuses-writes",
    "openapi",
    operations=["updateContentItem", "publishContent"],
    requires=["archived items"],
)
def archived_refuses(api: Api) -> None:
    """An archived item cannot be updated or published: 409 INVALID_STATE, first of all 409s."""
    item = api.create()
    api.archive(item["id"])
    before = api.get(item["id"])
    path = {"id": item["id"]}
    unknown = {"version": 1, "category": f"none-{api.word()}"}
    unknowns = [unknown] if api.promises("known categories") else []
    for body in ({"version": 2, "title": "x"}, {"version": 1, "title": "x"}, *unknowns):
        api.call("updateContentItem", path=path, body=body).must(409, "INVALID_STATE")
    api.call("publishContent", path=path, body={}).must(409, "INVALID_STATE")
    equal(api.get(item["id"]), before, "the archived item after refused writes")


@check("items.create-once", "R31, openapi", operations=["createContentItem"], needs=("write",))
def create_once(api: Api) -> None:
    """One creation makes one item, one version and one entry of sync."""
    title = api.word()
    since = api.now()
    item = api.create(title=title)
    equal(api.page(search=title).ids, [item["id"]], "items with this title")
    equal(len(api.versions(item["id"])), 1, "number of its versions")
    seen = [i["id"] for window in api.sync_all(since) for i in window.items if i["title"] == title]
    equal(seen, [item["id"]], "its entries in sync")
