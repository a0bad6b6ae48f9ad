"""Journeys that change nothing: lists, single items, categories, versions, synchronisation."""

from typing import Any

from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import DecodedAnswer, Journey, item_facts, page_facts, sync_facts, version_facts

PAGES = 5
VERSIONS = 10
PLATFORMS = ["web", "ios", "android"]


def _list(data_pool: DataPool) -> Draft:
    """The guide's list screens: newest first, one of the first pages, at times filtered (S:83-110)."""
    page = data_pool.rng.randrange(1, PAGES + 1)
    query: list[tuple[str, str]] = [
        ("page", str(page)),
        ("limit", "20"),
        ("sortBy", "updatedAt"),
        ("sortOrder", "desc"),
    ]
    choice = data_pool.rng.random()
    if choice < 0.3:
        query.append(("status", "published"))
    elif choice < 0.5 and data_pool.categories:
        query.append(("category", data_pool.any_category()))
    return Draft(query=tuple(query), session=data_pool.caller())


def _learn_page(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts |= page_facts(answer.value)


def _item(data_pool: DataPool) -> Draft:
    item = data_pool.any_id()
    return Draft(path={"id": item}, session=data_pool.caller(), facts={"item": item})


def _learn_item(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts |= item_facts(answer.value)
    draft.facts["etag"] = answer.headers.get("etag", "")


def _first_version(data_pool: DataPool) -> Draft:
    """Version 1 of an item exists for ever and never changes."""
    draft = _item(data_pool)
    draft.query = (("version", "1"),)
    draft.facts["asked"] = 1
    return draft


def _unchanged(data_pool: DataPool) -> Draft:
    """A conditional read of an item that nobody writes meanwhile: it is leased like for a write (RFC 9110, 13.1.2)."""
    lease = data_pool.lease("working", "revertable")
    return Draft(
        path={"id": lease.item.id},
        headers=(("If-None-Match", f'"v{lease.item.version}"'),),
        session=data_pool.caller(),
        leases=[lease],
        facts={"item": lease.item.id, "version": lease.item.version},
    )


def _learn_unchanged(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    data_pool.give_back(draft)


def _by_category(data_pool: DataPool) -> Draft:
    query = (("page", "1"), ("limit", "20"), ("includeSubcategories", "false"), ("status", "published"))
    return Draft(path={"category": data_pool.any_category()}, query=query, session=data_pool.caller())


def _categories(data_pool: DataPool) -> Draft:
    return Draft(query=(("includeEmpty", "true"),), session=data_pool.caller())


def _learn_categories(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    found: list[str] = []
    waiting: list[Any] = list(answer.value["data"])
    while waiting:
        node = waiting.pop()
        found.append(node["id"])
        waiting += node["children"]
    data_pool.categories = sorted(found)


def _versions(data_pool: DataPool) -> Draft:
    item = data_pool.any_id()
    return Draft(
        path={"id": item}, query=(("limit", str(VERSIONS)),), session=data_pool.caller(), facts={"item": item}
    )


def _learn_versions(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts |= version_facts(answer.value)


def _sync(data_pool: DataPool) -> Draft:
    chain = data_pool.take_chain()
    return Draft(
        query=(
            ("lastSyncTimestamp", chain.stamp),
            ("includeDeleted", "true"),
            ("platforms", ",".join(PLATFORMS)),
        ),
        session=data_pool.caller(),
        chain=chain,
        facts={"client": chain.name, "since": chain.stamp, "include_deleted": True, "platforms": PLATFORMS},
    )


def _learn_sync(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    draft.facts |= sync_facts(answer.value)
    if draft.chain is not None:
        draft.chain.stamp = draft.facts["stamp"]
        data_pool.give_back(draft)


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
