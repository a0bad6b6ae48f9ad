"""Journeys that change items: create, update, publish, archive, bulk, revert, and a conflict on purpose."""

from __future__ import annotations

from load.journeys.journey import Answer, Journey, Unlearnable, restock, show
from load.world import Draft, Item, World

BODY = "Text of an item that a load run has made; its length is that of a short announcement. " * 3
BULK_SMALL = 3
BULK_LARGE = 40


def _create(world: World) -> Draft:
    body: dict[str, object] = {"title": world.title(), "body": BODY, "tags": ["load", world.name]}
    if world.categories:
        body["category"] = world.any_category()
    return Draft(body=body, session=world.caller())


def _learn_create(world: World, draft: Draft, answer: Answer) -> None:
    item = answer.value["data"]
    show(draft, item)
    draft.facts["at"] = item["updatedAt"]
    world.adopt(Item(item["id"], item["version"]))
    world.stamp = max(world.stamp, item["updatedAt"])


def _update(world: World) -> Draft:
    lease = world.lease("working", "revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"version": lease.item.version, "title": world.title()},
        session=world.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


def _learn_written(world: World, draft: Draft, answer: Answer) -> None:
    item = answer.value["data"]
    show(draft, item)
    draft.facts["at"] = item["updatedAt"]
    restock(world, draft, item["version"])


def _conflict(world: World) -> Draft:
    """An update made from version 1 of an item that is known to be past it: 409 and nothing else (S:272-276)."""
    lease = world.lease("revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"version": 1, "title": "this must not be written"},
        session=world.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": 1},
    )


def _learn_conflict(world: World, draft: Draft, answer: Answer) -> None:
    draft.facts["code"] = answer.value["code"]
    if answer.value["code"] != "VERSION_CONFLICT":
        raise Unlearnable(f"409 {answer.value['code']} where only VERSION_CONFLICT can be right")
    draft.facts["current"] = answer.value["details"]["currentVersion"]
    world.give_back(draft)


def _publish(world: World) -> Draft:
    """A draft where there is one; else an item that is published already, which is answered 200 without a change."""
    lease = world.lease("drafts", "published", "working")
    facts = {"item": lease.item.id, "base": lease.item.version}
    return Draft(path={"id": lease.item.id}, body={}, session=world.caller(), leases=[lease], facts=facts)


def _learn_publish(world: World, draft: Draft, answer: Answer) -> None:
    item = answer.value["data"]
    show(draft, item)
    draft.facts["at"] = item["updatedAt"]
    (lease,) = draft.leases
    came_from_drafts = lease.home is world.shelves["drafts"]
    restock(world, draft, item["version"], "published" if came_from_drafts else None)


def _archive(world: World) -> Draft:
    """The end of an item that this run has made: creations keep the two shelves filled."""
    lease = world.lease("published", "drafts")
    return Draft(
        path={"id": lease.item.id},
        body={"reason": "end of a load journey"},
        session=world.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


def _learn_archive(world: World, draft: Draft, answer: Answer) -> None:
    """It stays readable by id (R21) and is never written again."""
    draft.settle()


def _bulk(size: int) -> Journey:
    """`size` operations on as many items: updates, and one publish of what may be published already."""

    def build(world: World) -> Draft:
        draft = Draft(session=world.caller())
        try:
            for _ in range(size):
                draft.leases.append(world.lease("working"))
        except BaseException:
            world.give_back(draft)
            raise
        title = world.title()
        operations: list[dict[str, object]] = []
        rows: list[list[object]] = []
        for index, lease in enumerate(draft.leases):
            item = lease.item
            operations.append(
                {
                    "type": "update",
                    "id": item.id,
                    "version": item.version,
                    "data": {"title": f"{title}.{index}"},
                }
            )
            rows.append(["update", item.id, item.version])
        draft.body = {"operations": operations}
        draft.facts["ops"] = rows
        return draft

    name = "bulkUpdateContent" if size == BULK_SMALL else "bulkUpdateContent:large"
    return Journey(name=name, expects=200, build=build, learn=_learn_bulk)


def _learn_bulk(world: World, draft: Draft, answer: Answer) -> None:
    result = answer.value["data"]
    failed = [[row["index"], row["code"], row["id"]] for row in result["failedOperations"]]
    draft.facts["failed"] = failed
    draft.facts["succeeded"] = result["successfulOperations"]
    refused = {row[0] for row in failed}
    for index, lease in enumerate(draft.leases):
        if index not in refused:
            lease.item.version += 1
            lease.home.append(lease.item)
    asked = len(draft.leases)
    draft.settle()
    if failed:
        raise Unlearnable(
            f"{len(failed)} of {asked} operations failed on items that nobody else writes; "
            f"the first with {failed[0][1]}"
        )


def _revert(world: World) -> Draft:
    lease = world.lease("revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"versionId": lease.item.ancestor, "createBackup": False},
        session=world.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


JOURNEYS = (
    Journey(name="createContentItem", expects=201, build=_create, learn=_learn_create),
    Journey(name="updateContentItem", expects=200, build=_update, learn=_learn_written),
    Journey(name="updateContentItem:conflict", expects=409, build=_conflict, learn=_learn_conflict),
    Journey(name="publishContent", expects=200, build=_publish, learn=_learn_publish),
    Journey(name="archiveContent", expects=200, build=_archive, learn=_learn_archive),
    _bulk(BULK_SMALL),
    _bulk(BULK_LARGE),
    Journey(name="revertContentVersion", expects=200, build=_revert, learn=_learn_written),
)
