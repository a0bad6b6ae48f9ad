"""Journeys that change nothing: lists, single items, categories, versions, synchronisation."""

from __future__ import annotations

from typing import Any

from load.journeys.journey import Answer, Journey, digest, show
from load.world import Draft, World

PAGES = 5
VERSIONS = 10
PLATFORMS = ["web", "ios", "android"]


def _list(world: World) -> Draft:
    """The guide's list screens: newest first, one of the first pages, at times filtered (S:83-110)."""
    page = world.rng.randrange(1, PAGES + 1)
    query: list[tuple[str, str]] = [
        ("page", str(page)),
        ("limit", "20"),
        ("sortBy", "updatedAt"),
        ("sortOrder", "desc"),
    ]
    choice = world.rng.random()
    if choice < 0.3:
        query.append(("status", "published"))
    elif choice < 0.5 and world.categories:
        query.append(("category", world.any_category()))
    return Draft(query=tuple(query), session=world.caller())


def _learn_page(world: World, draft: Draft, answer: Answer) -> None:
    rows = answer.value["data"]["data"]
    draft.facts["items"] = [[row["id"], row["version"], row["updatedAt"], digest(row)] for row in rows]


def _item(world: World) -> Draft:
    item = world.any_id()
    return Draft(path={"id": item}, session=world.caller(), facts={"item": item})


def _learn_item(world: World, draft: Draft, answer: Answer) -> None:
    show(draft, answer.value["data"])
    draft.facts["etag"] = answer.headers.get("etag", "")


def _first_version(world: World) -> Draft:
    """Version 1 of an item exists for ever and never changes."""
    draft = _item(world)
    draft.query = (("version", "1"),)
    draft.facts["asked"] = 1
    return draft


def _unchanged(world: World) -> Draft:
    """A conditional read of an item that nobody writes meanwhile: it is leased like for a write (RFC 9110, 13.1.2)."""
    lease = world.lease("working", "revertable")
    return Draft(
        path={"id": lease.item.id},
        headers=(("If-None-Match", f'"v{lease.item.version}"'),),
        session=world.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "version": lease.item.version},
    )


def _learn_unchanged(world: World, draft: Draft, answer: Answer) -> None:
    world.give_back(draft)


def _by_category(world: World) -> Draft:
    query = (("page", "1"), ("limit", "20"), ("includeSubcategories", "false"), ("status", "published"))
    return Draft(path={"category": world.any_category()}, query=query, session=world.caller())


def _categories(world: World) -> Draft:
    return Draft(query=(("includeEmpty", "true"),), session=world.caller())


def _learn_categories(world: World, draft: Draft, answer: Answer) -> None:
    found: list[str] = []
    waiting: list[Any] = list(answer.value["data"])
    while waiting:
        node = waiting.pop()
        found.append(node["id"])
        waiting += node["children"]
    world.categories = sorted(found)


def _versions(world: World) -> Draft:
    item = world.any_id()
    return Draft(
        path={"id": item}, query=(("limit", str(VERSIONS)),), session=world.caller(), facts={"item": item}
    )


def _learn_versions(world: World, draft: Draft, answer: Answer) -> None:
    rows = answer.value["data"]
    draft.facts["version"] = rows[0]["version"]
    draft.facts["versions"] = [row["version"] for row in rows]


def _sync(world: World) -> Draft:
    chain = world.take_chain()
    return Draft(
        query=(
            ("lastSyncTimestamp", chain.stamp),
            ("includeDeleted", "true"),
            ("platforms", ",".join(PLATFORMS)),
        ),
        session=world.caller(),
        chain=chain,
        facts={"client": chain.name, "since": chain.stamp, "include_deleted": True, "platforms": PLATFORMS},
    )


def _learn_sync(world: World, draft: Draft, answer: Answer) -> None:
    window = answer.value["data"]
    draft.facts |= {
        "stamp": window["syncTimestamp"],
        "items": [[row["id"], row["version"], row["updatedAt"]] for row in window["items"]],
        "deleted": [[row["id"], row["deletedAt"]] for row in window["deleted"]],
        "has_more": window["hasMore"],
    }
    if draft.chain is not None:
        draft.chain.stamp = window["syncTimestamp"]
        world.give_back(draft)


JOURNEYS = (
    Journey(name="getContentItems", expects=200, build=_list, learn=_learn_page),
    Journey(name="getContentItem", expects=200, build=_item, learn=_learn_item),
    Journey(name="getContentItem:first", expects=200, build=_first_version, learn=_learn_item),
    Journey(name="getContentItem:unchanged", expects=304, build=_unchanged, learn=_learn_unchanged),
    Journey(name="getContentByCategory", expects=200, build=_by_category, learn=_learn_page),
    Journey(name="getContentCategories", expects=200, build=_categories, learn=_learn_categories),
    Journey(name="getContentVersions", expects=200, build=_versions, learn=_learn_versions),
    Journey(name="syncContent", expects=200, build=_sync, learn=_learn_sync),
)
