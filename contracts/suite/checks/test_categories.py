"""Checks of the category tree and of a category's list: nesting, counts, subcategories, date ranges."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.model.unpromised import flat
from contracts.suite.api.absent_ids import must_be_absent
from contracts.suite.api.answered_lists import (
    MOST,
    NEWEST,
    Item,
    Page,
    TooMany,
    at_offset,
    must_tell_apart,
    newest_of_all,
    pagination,
    promised,
    shifted,
    step,
    tells_apart,
)
from contracts.suite.api.api import Api
from contracts.suite.contract_violation import Unchecked, equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics", operations=["getContentByCategory"])

MOST_BELOW = 50
"""The most categories that a check makes an item in, or asks for one by one."""
SMALL = 200
"""The most items that are read in pages of two."""


def _parent(api: Api) -> dict[str, Any]:
    """A category with subcategories, at most `MOST_BELOW` of them if there is such a one. Raises Unchecked if there is none."""
    parents: dict[int, dict[str, Any]] = {
        len(flat(node["children"])): node for node in reversed(flat(api.categories())) if node["children"]
    }
    if parents:
        # The deeper the better: a wrong server may stop after one level.
        few = [below for below in parents if below <= MOST_BELOW]
        return parents[max(few) if few else min(parents)]
    raise Unchecked("no category of the workspace has subcategories, and the API cannot make one")


def _leaf(api: Api) -> str:
    """The category without subcategories that has the fewest items, as far as the document promises their number."""
    leaves = [node for node in flat(api.categories()) if not node["children"]]
    if leaves:
        return str(min(leaves, key=lambda node: int(promised(node["itemCount"], 0)))["id"])
    raise Unchecked("the workspace has no category")


@check("categories.tree", "R29, openapi", operations=["getContentCategories"], needs=())
def tree(api: Api) -> None:
    """Each category stands once, under its parent, siblings ordered by id."""
    roots = api.categories()
    nodes = flat(roots)
    equal(len({node["id"] for node in nodes}), len(nodes), "number of different ids in the tree")

    def look(children: list[dict[str, Any]], parent: str | None) -> None:
        ids = [node["id"] for node in children]
        if api.promises("category order"):
            equal(ids, sorted(ids), f"order of the children of {parent or 'the root'}")
        for node in children:
            equal(node["parentId"], parent, f"parentId of {node['id']}")
            look(node["children"], node["id"])

    look(roots, None)


@check("categories.include-empty", "R29, F13", operations=["getContentCategories"], needs=())
def include_empty(api: Api) -> None:
    """Without includeEmpty exactly the categories are left out whose subtree has no item."""

    def prune(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [{**node, "children": prune(node["children"])} for node in nodes]
        return [node for node in kept if node["itemCount"] or node["children"]]

    whole, pruned, bare = api.quiet(
        lambda: (
            api.categories(),
            api.categories(include_empty=False),
            api.call("getContentCategories").must(200).data,
        )
    )
    equal(pruned, prune(whole), "the tree without empty categories")
    listed = {node["id"] for node in flat(whole)}
    archived = [item["category"] for item in api.walk(status="archived", first=NEWEST)]
    for id in dict.fromkeys(("empty", *filter(None, archived))):
        if api.call("getContentByCategory", path={"category": id}).status == 200:
            expect(
                id in listed, f"the category {id} in the tree with includeEmpty: its list exists", "it is not"
            )
    equal(bare, pruned, "the tree without includeEmpty")
    if api.has("control") and api.has("write") and api.has("stranger"):
        _empty_above_filled(api.as_("stranger"))


def _empty_above_filled(api: Api) -> None:
    """Check that an empty category with filled subcategories is listed. The items of such a parent are archived for the moment, which is
    done only to a test server, one with a control interface."""
    parents = [
        n
        for n in flat(api.categories())
        if 0 < n["itemCount"] <= 5 and any(c["itemCount"] for c in n["children"])
    ]
    if not parents:
        return
    parent = min(parents, key=lambda node: int(node["itemCount"]))
    items = api.walk(category=parent["id"])
    try:
        for item in items:
            api.archive(item["id"])
        listed = {node["id"]: node["itemCount"] for node in flat(api.categories(include_empty=False))}
        wanted = [node["id"] for node in (parent, *parent["children"]) if node["itemCount"]]
        missing = [id for id in wanted if id not in listed]
        expect(
            not missing, f"{wanted} in the tree: what is below {parent['id']} has items", f"without {missing}"
        )
    finally:
        for item in items:
            api.revert(item["id"], api.versions(item["id"])[1]["id"], createBackup=False)
            if item["status"] == "published":
                api.publish(item["id"])


@check("categories.counts", "openapi", operations=["getContentCategories", "getContentItems"], needs=())
def counts(api: Api) -> None:
    """itemCount is the number of non-archived items directly in the category."""

    def look() -> tuple[Mapping[str, int], list[dict[str, Any]]]:
        nodes = flat(api.categories())
        try:
            return Counter(item["category"] for item in api.walk()), nodes
        except TooMany:
            nodes = api.rng.sample(nodes, min(MOST_BELOW, len(nodes)))
            return {node["id"]: api.page(category=node["id"], limit=1).total for node in nodes}, nodes

    wanted, nodes = api.quiet(look)
    for node in nodes:
        equal(node["itemCount"], wanted.get(node["id"], 0), f"itemCount of {node['id']}")


@check(
    "categories.counts-follow-writes",
    "openapi",
    operations=["getContentCategories"],
    needs=("write", "publish"),
)
def counts_follow(api: Api) -> None:
    """Counts follow create, move, archive and recovery at once."""
    ids = [node["id"] for node in flat(api.categories())]
    if len(ids) < 2:
        raise Unchecked("the workspace has fewer than two categories")
    one, two = api.rng.sample(ids, 2)

    def count() -> tuple[int, int]:
        found = {node["id"]: node["itemCount"] for node in flat(api.categories())}
        return found[one], found[two]

    before = count()

    def added(what: str, here: int, there: int) -> None:
        # Somebody else may write into the same category; then only the sum of what we know fails, and says so.
        changes = tuple(now - then for now, then in zip(count(), before, strict=True))
        equal(changes, (here, there), f"the changes of both categories' counts after {what}")

    item = api.create(category=one)
    added("create", 1, 0)
    item = api.update(item, category=two)
    added("move", 0, 1)
    api.archive(item["id"])
    added("archive", 0, 0)
    if not api.promises("status of a revert"):
        return
    item = api.revert(item["id"], api.versions(item["id"])[-1]["id"])
    added("revert to the first version", 1, 0)
    api.update(item, category=None)
    added("clearing the category", 0, 0)


@check("categories.items", "F13, openapi", needs=())
def items(api: Api) -> None:
    """A category's list has exactly its items of the status, by updatedAt and id descending."""
    nodes = flat(api.categories())
    parents = [node["id"] for node in nodes if any(child["itemCount"] for child in node["children"])]
    ids = [node["id"] for node in nodes if node["id"] not in parents]
    for category in (*parents[:2], *api.rng.sample(ids, min(2, len(ids)))):
        for status in ("published", "draft", "archived"):
            wanted, got, bare = api.quiet(
                lambda c=category, s=status: (  # type: ignore[misc]
                    api.walk(status=s, category=c),
                    api.walk(category_path=c, status=s),
                    api.walk(category_path=c),
                )
            )
            wanted.sort(key=lambda item: (item["updatedAt"], item["id"]), reverse=True)
            equal([i["id"] for i in got], [i["id"] for i in wanted], f"{status} items of {category}")
            if status == "published":
                equal(
                    [i["id"] for i in bare],
                    [i["id"] for i in wanted],
                    f"items of {category} without a status",
                )


@check("categories.subcategories", "openapi", needs=("write", "publish"))
def subcategories(api: Api) -> None:
    """includeSubcategories adds the items of all descendants and takes none away."""
    parent = _parent(api)
    below = [node["id"] for node in flat(parent["children"])]
    made = {
        category: api.publish(api.create(category=category)["id"])["id"]
        for category in (parent["id"], *below)
    }

    def look() -> tuple[list[Item], ...]:
        alone = (api.walk(category_path=c, first=MOST) for c in below)
        narrow, wide = (
            api.walk(category_path=parent["id"], includeSubcategories=asked, first=MOST)
            for asked in (False, True)
        )
        return narrow, wide, *alone

    _, (narrow, wide, *alone) = newest_of_all(*api.quiet(look))
    ids = [item["id"] for item in narrow]
    expect(made[parent["id"]] in ids, "the parent's own item without subcategories", "it is missing")
    for category in below:
        expect(made[category] not in ids, f"no item of {category} without includeSubcategories", "one")
    wanted = sorted(
        [*narrow, *(item for found in alone for item in found)],
        key=lambda item: (item["updatedAt"], item["id"]),
        reverse=True,
    )
    equal([i["id"] for i in wide], [i["id"] for i in wanted], "the list with subcategories")


@check("categories.paging", "openapi", needs=("write", "publish"))
def paging(api: Api) -> None:
    """Pages of a category's list, joined, are the list, each item once; pagination agrees."""
    category = _leaf(api)
    for _ in range(5):
        api.publish(api.create(category=category)["id"])

    def look() -> tuple[list[Item], list[Item], list[Page]]:
        second: list[Page] = []
        with if_promised():
            second.append(api.category_page(category, limit=2, page=2))
        return api.walk(category_path=category), api.walk(2, category, first=SMALL), second

    whole, joined, second = api.quiet(look)
    equal([i["id"] for i in joined], [i["id"] for i in whole[:SMALL]], "pages of 2, joined")
    for page in second:
        equal(page.pagination, pagination(2, 2, len(whole)), "pagination", page.answer)


@check("categories.unknown", "openapi", needs=())
def unknown(api: Api) -> None:
    """The list of a category that does not exist is 404 CATEGORY_NOT_FOUND."""
    for id in (f"none-{api.word()}", "x" * 65, "a.b"):
        must_be_absent(api.call("getContentByCategory", path={"category": id}), id, "CATEGORY_NOT_FOUND")
        if api.promises("order of judgement"):
            path = {"category": id}
            api.call("getContentByCategory", path=path, query={"limit": 0}).must(404, "CATEGORY_NOT_FOUND")


def _three(api: Api) -> tuple[str, list[Item]]:
    category = _leaf(api)
    return category, [api.publish(api.create(category=category)["id"]) for _ in range(3)]


@check("categories.dates-inclusive", "openapi", needs=("write", "publish"))
def dates_inclusive(api: Api) -> None:
    """startDate and endDate bound updatedAt, both inclusive to the last digit of stamps."""
    category, (first, second, third) = _three(api)
    low, high = first["updatedAt"], third["updatedAt"]
    must_tell_apart(api, low)
    next_to = step(low, second["updatedAt"], high)
    cases = (
        ({"startDate": low, "endDate": high}, [third, second, first]),
        ({"startDate": shifted(low, next_to), "endDate": high}, [third, second]),
        ({"startDate": low, "endDate": shifted(high, -next_to)}, [second, first]),
        ({"startDate": second["updatedAt"], "endDate": second["updatedAt"]}, [second]),
    )
    ours = {item["id"] for item in (first, second, third)}
    for query, wanted in cases:
        page = api.category_page(category, limit=100, **query)
        equal(
            [i for i in page.ids if i in ours], [i["id"] for i in wanted], f"items with {query}", page.answer
        )
    open_end = api.category_page(category, limit=100, startDate=second["updatedAt"]).ids
    equal([i for i in open_end if i in ours], [third["id"], second["id"]], "items with a startDate only")
    for item in api.walk(category_path=category, endDate=second["updatedAt"], first=NEWEST):
        expect(
            item["updatedAt"] <= second["updatedAt"],
            f"updatedAt up to {second['updatedAt']}",
            item["updatedAt"],
        )


@check("categories.dates-whole-days", "openapi", needs=("write", "publish"))
def whole_days(api: Api) -> None:
    """A full date as start is the first instant of that UTC day, as end its last."""
    category, (item, *_) = _three(api)
    day = item["updatedAt"][:10]
    before, after = ((datetime.fromisoformat(day) + timedelta(days=d)).date().isoformat() for d in (-1, 1))
    for query, there in (
        ({"startDate": day, "endDate": day}, True),
        ({"startDate": after}, False),
        ({"endDate": before}, False),
        ({"startDate": before, "endDate": after}, True),
        ({"startDate": before, "endDate": f"{day}T00:00:00Z"}, item["updatedAt"][11:] == "00:00:00.000000Z"),
    ):
        page = api.category_page(category, limit=100, **query)
        expect(
            (item["id"] in page.ids) == there,
            f"the item {'in' if there else 'not in'} the list with {query}",
            f"{'in' if not there else 'not in'} it",
            page.answer,
        )


@check("categories.dates-offsets", "RFC 3339 5.6, openapi", needs=("write", "publish"))
def offsets(api: Api) -> None:
    """A bound may have any offset, any fraction and lower-case t and z, and means one instant."""
    category, (first, second, _) = _three(api)
    stamp = second["updatedAt"]
    ours = (first["id"], second["id"]) if tells_apart(api, stamp) else (second["id"],)
    longer = [stamp.replace("Z", "9999Z")] if api.promises("cut fractions") else []
    for text in (at_offset(stamp, 5.5), at_offset(stamp, -8), stamp.lower(), *longer):
        page = api.category_page(category, limit=100, startDate=text)
        equal([i for i in page.ids if i in ours], [second["id"]], f"items with startDate={text}", page.answer)


@check("categories.dates-inverted", "R20, openapi", needs=())
def inverted(api: Api) -> None:
    """An inverted range is an empty page, never an error."""
    used = [node["id"] for node in flat(api.categories()) if node["itemCount"]]
    category = used[0] if used else _leaf(api)
    for start, end in (("9000-01-01", "1000-01-01"), ("9000-01-01T00:00:00Z", "1000-01-01T00:00:00Z")):
        with if_promised():
            page = api.category_page(category, startDate=start, endDate=end)
            equal((page.items, page.total), ([], 0), "items of an inverted range", page.answer)
    for query in (
        {"startDate": "yesterday"},
        {"endDate": "2026-13-01"},
        {"startDate": "2026-02-30"},
        {"endDate": ""},
        {"startDate": "2026-01-01T00:00:00"},
        {"startDate": "20260101"},
    ):
        with if_promised():
            api.call("getContentByCategory", path={"category": category}, query=query).must(
                400, why=str(query)
            )
