"""Journeys that change items: create, update, publish, archive, bulk, revert, and a conflict on purpose."""

from contracts.model.unpromised import is_promised
from load.journeys.data_pool import DataPool, Draft, KnownItem
from load.journeys.journey import DecodedAnswer, Journey, Unlearnable, bulk_facts, restock, write_facts

BODY = "Text of an item that a load run has made; its length is that of a short announcement. " * 3
BULK_SMALL = 3
CREATE = ("createContentItem",)
PAST = (*CREATE, "updateContentItem", "getContentVersions")
"""What makes an item with a past, and tells the id of its first version."""
BULK_LARGE = 40
LARGE = "bulkUpdateContent:large"


def _create(data_pool: DataPool) -> Draft:
    body: dict[str, object] = {"title": data_pool.title(), "body": BODY, "tags": ["load", data_pool.name]}
    if data_pool.categories:
        body["category"] = data_pool.any_category()
    return Draft(body=body, session=data_pool.caller())


def _learn_create(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    item = answer.value["data"]
    draft.facts |= write_facts(answer.value)
    data_pool.adopt(KnownItem(item["id"], item["version"]))
    data_pool.stamp = max(data_pool.stamp, item["updatedAt"])


def _update(data_pool: DataPool) -> Draft:
    lease = data_pool.lease("working", "revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"version": lease.item.version, "title": data_pool.title()},
        session=data_pool.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


def _learn_written(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    item = answer.value["data"]
    draft.facts |= write_facts(answer.value)
    restock(data_pool, draft, item["version"])


def _conflict(data_pool: DataPool) -> Draft:
    """An update made from version 1 of an item that is known to be past it: 409 and nothing else (S:272-276)."""
    lease = data_pool.lease("revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"version": 1, "title": "this must not be written"},
        session=data_pool.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": 1},
    )


def _learn_conflict(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts["code"] = answer.value["code"]
    if is_promised(answer.value["code"]) and answer.value["code"] != "VERSION_CONFLICT":
        raise Unlearnable(f"409 {answer.value['code']} where only VERSION_CONFLICT can be right")
    if is_promised(answer.value["details"]):
        draft.facts["current"] = answer.value["details"]["currentVersion"]
    data_pool.give_back(draft)


def _publish(data_pool: DataPool) -> Draft:
    """A draft where there is one; else an item that is published already, which is answered 200 without a change."""
    lease = data_pool.lease("drafts", "published", "working")
    facts = {"item": lease.item.id, "base": lease.item.version}
    return Draft(path={"id": lease.item.id}, body={}, session=data_pool.caller(), leases=[lease], facts=facts)


def _learn_publish(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    item = answer.value["data"]
    draft.facts |= write_facts(answer.value)
    (lease,) = draft.leases
    came_from_drafts = lease.home is data_pool.by_state["drafts"]
    restock(data_pool, draft, item["version"], "published" if came_from_drafts else None)


def _archive(data_pool: DataPool) -> Draft:
    """The end of an item that this run has made: creations keep both states filled."""
    lease = data_pool.lease("published", "drafts")
    return Draft(
        path={"id": lease.item.id},
        body={"reason": "end of a load journey"},
        session=data_pool.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


def _learn_archive(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    """Forget the archived item, which stays readable by id (R21) and is never written again."""
    for lease in draft.leases:
        data_pool.made.pop(lease.item.id, None)
    draft.settle()


def bulk(size: int, name: str = "bulkUpdateContent") -> Journey:
    """The journey of a bulk request. `size` operations on as many items: updates, and one publish of what may be published
    already."""

    def build(data_pool: DataPool) -> Draft:
        draft = Draft(session=data_pool.caller())
        try:
            for _ in range(size):
                draft.leases.append(data_pool.lease("working"))
        except BaseException:
            data_pool.give_back(draft)
            raise
        title = data_pool.title()
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

    return Journey(name=name, expects=200, build=build, learn=_learn_bulk, needs=CREATE)


def _learn_bulk(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts |= bulk_facts(answer.value)
    failed = draft.facts["failed"]
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


def _revert(data_pool: DataPool) -> Draft:
    lease = data_pool.lease("revertable")
    return Draft(
        path={"id": lease.item.id},
        body={"versionId": lease.item.ancestor, "createBackup": False},
        session=data_pool.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "base": lease.item.version},
    )


JOURNEYS = (
    Journey(name="createContentItem", expects=201, build=_create, learn=_learn_create),
    Journey(name="updateContentItem", expects=200, build=_update, learn=_learn_written, needs=CREATE),
    Journey(
        name="updateContentItem:conflict", expects=409, build=_conflict, learn=_learn_conflict, needs=CREATE
    ),
    Journey(name="publishContent", expects=200, build=_publish, learn=_learn_publish, needs=CREATE),
    Journey(name="archiveContent", expects=200, build=_archive, learn=_learn_archive, needs=CREATE),
    bulk(BULK_SMALL),
    bulk(BULK_LARGE, LARGE),
    Journey(name="revertContentVersion", expects=200, build=_revert, learn=_learn_written, needs=PAST),
)
