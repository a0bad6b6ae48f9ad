"""Checks of lists: pages, totals, order, filters. They use their own items only, which a unique word in the title identifies."""

from collections.abc import Callable
from functools import partial
from typing import Any

from contracts.model.unpromised import flat
from contracts.suite.api.answered_lists import MOST, Item, Page, TooMany, pagination
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import FULL, some_category
from contracts.suite.contract_violation import ContractViolation, equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics", operations=["getContentItems"])

SORTS = ("updatedAt", "createdAt", "title", "publishedAt", "version")


def _some(api: Api, count: int) -> tuple[str, list[Item]]:
    """Items of which some have equal sort keys: equal titles, equal versions, no publication."""
    word = api.word()
    made = []
    titles = ("B", "a", "b", "A", "ä", "Z", "字", "😀", "b", "\uffee")
    for number in range(count):
        item = api.create(title=f"{word} {titles[number % len(titles)]}", tags=[str(number)])
        if number % 3 == 0:
            item = api.update(item, body=f"{word} again")
        if number % 4 == 1 and api.has("publish"):
            item = api.publish(item["id"])
        made.append(item)
    return word, made


def _again(item: Item) -> dict[str, Any]:
    data = {"body": "again"}
    return {"type": "update", "id": item["id"], "version": item["version"], "data": data}


def _expected_order(items: list[Item], key: str, descending: bool) -> list[str]:
    """The ids in the documented order: by the key, then by id in the same direction; null precedes every stamp."""

    def rank(item: Item) -> tuple[Any, ...]:
        value = item[key] or None
        return (value is not None, value if value is not None else "", item["id"])

    return [item["id"] for item in sorted(items, key=rank, reverse=descending)]


def _is_certain(key: str, value: Any) -> bool:
    """Whether every database has the same place for a value among others: a stamp, a number, of titles those that end with `a` or `b`."""
    return value is not None and (key != "title" or value[-1] in "ab")


@check("items.pages-disjoint", "S:102, openapi")
def pages_disjoint(api: Api) -> None:
    """Pages of an unchanged list, joined, are the whole list, each item once."""
    word, made = _some(api, 11)
    if "bulkUpdateContent" in api.spec:
        # What one request changes has one stamp of many servers, so that only the order of ids is left.
        with if_promised():
            api.bulk(*(_again(item) for item in made))
    for limit in (1, 2, 3, 5, 10, 11, 12):
        ids = [item["id"] for item in api.walk(limit=limit, search=word)]
        equal(sorted(ids), sorted(i["id"] for i in made), f"ids on all pages of {limit}")
        equal(len(ids), len(set(ids)), f"number of different ids on all pages of {limit}")


@check("items.pages-of-everything", "openapi", needs=())
def everything(api: Api) -> None:
    """The whole unfiltered list, page by page, has each item once and the same total on each page; of a long list, its beginning."""

    def walk() -> tuple[list[str], list[Page]]:
        large = [item["id"] for item in api.walk(limit=100, first=MOST)]
        return large, api.pages(37, first=len(large) + 1)

    large, pages = api.quiet(walk)
    ids = [id for page in pages for id in page.ids]
    equal(len(set(ids)), len(ids), "number of different ids")
    whole = len(large) < MOST
    equal(ids if whole else ids[: len(large)], large, "the list in pages of 37, against pages of 100")
    with if_promised():
        totals = {page.total for page in pages}
        equal(totals, {len(ids) if whole else max(len(ids), *totals)}, "total on every page")


@check("items.pagination-agrees", "openapi")
def pagination_agrees(api: Api) -> None:
    """page, limit, total, totalPages, hasNext and hasPrev agree with each other and the list."""
    word, made = _some(api, 7)
    for limit in (1, 2, 3, 6, 7, 8, 100):
        pages = -(-len(made) // limit)
        for number in (1, 2, pages, pages + 1, pages + 5):
            page = api.page(search=word, limit=limit, page=number)
            equal(
                page.pagination,
                pagination(number, limit, 7),
                f"pagination of page {number} of {limit}",
                page.answer,
            )
            count = max(0, min(limit, 7 - limit * (number - 1)))
            equal(len(page.items), count, f"items on page {number} of {limit}", page.answer)


@check("items.empty-list", "openapi", needs=())
def empty_list(api: Api) -> None:
    """A list without items has total 0, totalPages 0, and neither neighbour."""
    for number in (1, 2, 1_000_000):
        page = api.page(search=api.word(), page=number)
        equal(page.pagination, pagination(number, 20, 0), "pagination of an empty list", page.answer)
        equal(page.items, [], "items of an empty list", page.answer)


@check("items.past-the-end", "openapi")
def past_the_end(api: Api) -> None:
    """A page past the end is empty and 200, not an error, and hasPrev is still true."""
    word, _ = _some(api, 2)
    page = api.page(search=word, page=1_000_000, limit=100)
    equal(page.items, [], "items past the end", page.answer)
    equal(
        (page.pagination["hasNext"], page.pagination["hasPrev"]),
        (False, True),
        "hasNext, hasPrev",
        page.answer,
    )


@check("items.limit-bounds", "F13, openapi", needs=())
def limit_bounds(api: Api) -> None:
    """limit is 1 to 100 and page 1 to 1000000; one more or less is 400, the bounds are kept."""
    for query in (
        {"limit": 0},
        {"limit": 101},
        {"limit": -1},
        {"page": 0},
        {"page": 1_000_001},
        {"limit": "ten"},
    ):
        with if_promised():
            api.call("getContentItems", query=query).must(400, "VALIDATION_FAILED", why=str(query))
    for limit in (1, 100):
        page = api.page(limit=limit)
        expect(len(page.items) <= limit, f"at most {limit} items", f"{len(page.items)}", page.answer)
        with if_promised():
            expect(
                len(page.items) == min(limit, page.total), "a full page", f"{len(page.items)}", page.answer
            )


@check("items.defaults", "F13, S:83-110")
def defaults(api: Api) -> None:
    """Without parameters the list is page 1 of 20, by updatedAt descending."""
    api.create()

    def both() -> tuple[Page, Page]:
        return api.page(), api.page(page=1, limit=20, sortBy="updatedAt", sortOrder="desc")

    bare, spelled = api.quiet(both)
    equal(bare.ids, spelled.ids, "the list without parameters", bare.answer, spelled.answer)
    equal(bare.pagination, spelled.pagination, "its pagination", bare.answer)


@check("items.order", "openapi")
def order(api: Api) -> None:
    """Items come in the order asked for, ids break ties in the same direction, null stamps come first."""
    word, _ = _some(api, 14)
    now = api.walk(search=word)
    for key in SORTS:
        for direction in ("asc", "desc"):
            with if_promised():
                page = api.page(search=word, sortBy=key, sortOrder=direction, limit=100)
                if api.promises("total order"):
                    wanted = _expected_order(now, key, direction == "desc")
                    equal(page.ids, wanted, f"ids by {key} {direction}", page.answer)
                    continue
                told = [item[key] for item in page.items if _is_certain(key, item[key])]
                equal(told, sorted(told, reverse=direction == "desc"), f"{key} {direction}", page.answer)


@check("items.order-across-pages", "openapi")
def order_across(api: Api) -> None:
    """The order is one order over all pages, not one inside each page."""
    word, _ = _some(api, 9)
    for key in SORTS:
        for direction in ("asc", "desc"):
            with if_promised():
                whole = api.page(search=word, sortBy=key, sortOrder=direction, limit=100).ids
                joined = [i["id"] for i in api.walk(limit=2, search=word, sortBy=key, sortOrder=direction)]
                equal(joined, whole, f"pages of 2 by {key} {direction}, joined")


def _in_all_states(api: Api, categories: list[str | None]) -> str:
    """The word in the titles of new items: in each of the categories a draft, a published and an archived one."""
    word = api.word()
    for category in categories:
        _, published, archived = (api.create(title=word, category=category) for _ in range(3))
        api.publish(published["id"])
        api.archive(archived["id"])
    return word


def _filtered(api: Api, name: str, holds: Callable[[Item, Any], bool], values: list[Any]) -> None:
    """The filtered list is exactly the part of the unfiltered one for which the predicate holds. Both are those of new items of ours
    where a list has more items than a check reads."""
    ours: dict[str, Any] = {}

    def both(value: Any) -> tuple[list[Item], list[Item]]:
        # Archived items are a list of their own, so both lists together are everything.
        everything = api.walk(**ours) + api.walk(status="archived", **ours)
        found = api.walk(**{name: value}, **ours)
        # Whether a list shows archived ones unasked is the law of items.archived-hidden.
        return everything, [item for item in found if name == "status" or item["status"] != "archived"]

    for value in values:
        try:
            everything, found = api.quiet(partial(both, value))
        except TooMany:
            if ours or not (api.has("write") and api.has("publish")):
                raise
            ours["search"] = _in_all_states(api, values if name == "category" else [None])
            everything, found = api.quiet(partial(both, value))
        wanted = {item["id"] for item in everything if holds(item, value)}
        got = {item["id"] for item in found}
        if got != wanted:
            extra, lacking = sorted(got - wanted)[:3], sorted(wanted - got)[:3]
            raise ContractViolation(
                f"with {name}={value} the {len(wanted)} items that match of those listed without it",
                f"{len(got)}; only with it {extra}, only without it {lacking}",
            )


@check("items.filter-status", "openapi", needs=())
def filter_status(api: Api) -> None:
    """status keeps exactly the items of that status; without it, drafts and published ones."""
    _filtered(api, "status", lambda item, value: item["status"] == value, ["draft", "published", "archived"])


@check("items.filter-category", "openapi", needs=())
def filter_category(api: Api) -> None:
    """category keeps exactly the items of that category, without its subcategories."""
    ids = [node["id"] for node in flat(api.categories())]
    chosen = api.rng.sample(ids, min(4, len(ids)))

    def holds(item: Item, value: str) -> bool:
        return bool(item["category"] == value and item["status"] != "archived")

    _filtered(api, "category", holds, chosen)


@check("items.filter-category-unknown", "openapi", needs=())
def category_unknown(api: Api) -> None:
    """A category that does not exist gives an empty page, not an error."""
    page = api.page(category=f"none-{api.word()}")
    equal(page.items, [], "items of a category that does not exist", page.answer)


@check("items.filters-joined", "openapi", needs=("write", "publish"))
def filters_joined(api: Api) -> None:
    """Several filters keep only the items that match all of them."""
    category, word = some_category(api), api.word()
    both = api.publish(api.create(title=word, category=category)["id"])
    api.create(title=word, category=category)
    api.publish(api.create(title=word)["id"])
    api.publish(api.create(category=category)["id"])
    page = api.page(search=word, category=category, status="published")
    equal(page.ids, [both["id"]], "ids that match category, status and search", page.answer)
    with if_promised():
        equal(page.total, 1, "total", page.answer)


@check("items.list-shows-present-state", "openapi")
def present_state(api: Api) -> None:
    """A list shows each item as it is at once after every kind of write."""
    word = api.word()
    item = api.create(title=word, **FULL)
    equal(api.page(search=word).items, [item], "the list after create")
    item = api.update(item, body="changed")
    for _ in range(4):
        # More than once: a cache may be right at every second look.
        equal(api.page(search=word).items, [item], "the list after update")
        equal(api.get(item["id"]), item, "the item after update")
    equal(api.page(search=f"{word}x").items, [], "the list for another word")
    other = api.word()
    item = api.update(item, title=other)
    equal(api.page(search=word).items, [], "the list under the old title")
    equal(api.page(search=other).items, [item], "the list under the new title")
    if api.has("publish"):
        item = api.publish(item["id"])
        equal(api.page(search=other, status="published").items, [item], "published items after publish")
        equal(api.page(search=other, status="draft").items, [], "drafts after publish")
    item = api.revert(item["id"], api.versions(item["id"])[-1]["id"])
    equal(api.page(search=word).items, [item], "the list after revert")


@check("items.query-unknown-ignored", "R39, openapi", requires=["query rules"])
def unknown_query(api: Api) -> None:
    """A query name that the spec does not know is ignored; a known one twice is 400."""
    word, made = _some(api, 2)
    page = api.page(search=word, color="red", Limit="0", offset="9")
    equal(page.total, len(made), "total with unknown names", page.answer)
    api.call("getContentItems", query=[("limit", 1), ("limit", 2)]).must(400, why="limit twice")
    api.call("getContentItems", query=[("limit", 1), ("limit", 1)]).must(400, why="limit twice")
