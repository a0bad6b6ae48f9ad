"""The six reads of the model, as list comprehensions over the workspace: each yields every answer that a correct server may give.

There is more than one only where something is unknown: an item whose id no answer has shown, a stamp that may lie on either side of a
bound, or the number of entries that the server puts into one sync window.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from contracts.model.allowed_outcome import AllowedOutcome
from contracts.model.messages import INVALID, ExpectedResponse, Request, Response, UndecidedError, refusal
from contracts.model.timestamps import first_of, instant, last_of
from contracts.model.unknown import Unknown
from contracts.model.workspace import Category, Item, Workspace

PAGE_CACHE = {"cache-control": "private, no-cache"}
SYNC_CAP = 1000
LIMIT_OF_BRANCHES = 256


def decided(space: Workspace, value: Any) -> Any:
    """A value that a filter or a sort order needs. Raises UndecidedError if no answer has shown it."""
    value = space.text(value)
    if isinstance(value, Unknown):
        raise UndecidedError(f"an answer depends on a {value.kind} that no answer has shown yet")
    return value


def get_items(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    query = request.query
    status, category, search = query.get("status"), query.get("category"), query.get("search")
    kept = [
        item
        for item in space.items
        if (item.now.snapshot["status"] == status if status else item.now.snapshot["status"] != "archived")
        and (category is None or decided(space, item.now.snapshot["category"]) == category)
        and (search is None or _contains(space, item, search))
    ]
    key = _sort_key(space, query.get("sortBy", "updatedAt"))
    for ordered in arrangements(space, kept, key, query.get("sortOrder", "desc") == "desc"):
        yield AllowedOutcome(space, _page(ordered, query))


def _contains(space: Workspace, item: Item, search: str) -> bool:
    return any(
        _folded(search) in _folded(decided(space, item.now.snapshot[name])) for name in ("title", "body")
    )


def _folded(text: str) -> str:
    """The text with A to Z in lower case and nothing else changed."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def _sort_key(space: Workspace, name: str) -> Callable[[Item], Any]:
    if name == "title":
        return lambda item: [ord(c) for c in decided(space, item.now.snapshot["title"])]
    if name == "version":
        return lambda item: item.now.number
    # Stamps sort by their position among all changes; null comes first.
    return lambda item: -1 if item.now.snapshot[name] is None else item.now.snapshot[name].key


def arrangements(
    space: Workspace, items: Sequence[Item], key: Callable[[Item], Any], descending: bool
) -> Iterator[list[Item]]:
    """The items sorted by key and id: every order that is possible while some ids are unknown."""
    groups = [
        list(group) for _, group in itertools.groupby(sorted(items, key=key, reverse=descending), key=key)
    ]
    choices = [list(_by_id(space, group, descending)) for group in groups]
    branches = 1
    for choice in choices:
        branches *= len(choice)
    if branches > LIMIT_OF_BRANCHES:
        raise UndecidedError("too many items without a known id have the same sort key")
    for picked in itertools.product(*choices):
        yield [item for group in picked for item in group]


def _by_id(space: Workspace, group: list[Item], descending: bool) -> Iterator[list[Item]]:
    named = [item for item in group if isinstance(space.id_of(item), str)]
    nameless = [item for item in group if not isinstance(space.id_of(item), str)]
    orders = [sorted(named, key=space.id_of, reverse=descending)]
    for item in nameless:
        orders = [[*o[:place], item, *o[place:]] for o in orders for place in range(len(o) + 1)]
        if len(orders) > LIMIT_OF_BRANCHES:
            raise UndecidedError("too many items without a known id have the same sort key")
    yield from orders


def _page(ordered: Sequence[Item], query: Any) -> ExpectedResponse:
    page, limit = query.get("page", 1), query.get("limit", 20)
    total = len(ordered)
    pages = -(-total // limit)
    pagination = {
        "page": page,
        "limit": limit,
        "total": total,
        "totalPages": pages,
        "hasNext": page < pages,
        "hasPrev": page > 1 and total != 0,
    }
    data = [item.now.snapshot for item in ordered[(page - 1) * limit : page * limit]]
    return ExpectedResponse(200, {"data": {"data": data, "pagination": pagination}}, PAGE_CACHE)


def get_item(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    item = space.items[index]
    wanted = int(request.query.get("version", item.now.number))
    version = next((v for v in item.versions if v.number == wanted), None)
    headers = {"etag": f'"v{wanted}"', **PAGE_CACHE}
    if version is None:
        answer = refusal(404, "VERSION_NOT_FOUND")
    elif "if-none-match" in request.headers and matches(request.headers["if-none-match"], wanted, weak=True):
        answer = ExpectedResponse(304, None, headers)
    else:
        answer = ExpectedResponse(200, {"data": version.snapshot}, headers)
    yield AllowedOutcome(space, answer)


def matches(condition: str, version: int, *, weak: bool) -> bool:
    """Whether a condition header has this version's entity tag (RFC 9110, 8.8.3.2), or is `*`."""
    tags = [tag.strip() for tag in condition.split(",")]
    own = f'"v{version}"'
    return condition == "*" or own in tags or (weak and f"W/{own}" in tags)


def get_by_category(
    space: Workspace, request: Request, response: Response | None
) -> Iterator[AllowedOutcome]:
    query = request.query
    category = request.path["category"]
    if category not in {c.id for c in space.categories}:
        yield AllowedOutcome(space, refusal(404, "CATEGORY_NOT_FOUND"))
        return
    if not request.valid:
        yield AllowedOutcome(space, INVALID)
        return
    wanted = {category}
    if query.get("includeSubcategories", False):
        wanted |= {c.id for c in space.categories if category in _ancestors(space, c)}
    kept = [
        item
        for item in space.items
        if item.now.snapshot["status"] == query.get("status", "published")
        and decided(space, item.now.snapshot["category"]) in wanted
    ]
    low = first_of(query["startDate"]) if "startDate" in query else None
    high = last_of(query["endDate"]) if "endDate" in query else None
    for chosen in _within(space, kept, low, high):
        for ordered in arrangements(space, chosen, _sort_key(space, "updatedAt"), True):
            yield AllowedOutcome(space, _page(ordered, query))


def _ancestors(space: Workspace, category: Category) -> list[str]:
    by_id = {c.id: c for c in space.categories}
    ancestors = []
    while category.parent is not None:
        ancestors.append(category.parent)
        category = by_id[category.parent]
    return ancestors


def _within(
    space: Workspace, items: Sequence[Item], low: int | None, high: int | None
) -> Iterator[list[Item]]:
    """The items with low <= updatedAt <= high: every selection that is possible while some stamps are unknown."""
    judged = [(item, inside(space, item.now.snapshot["updatedAt"], low, high)) for item in items]
    open_cases = [item for item, verdict in judged if verdict is None]
    if 2 ** len(open_cases) > LIMIT_OF_BRANCHES:
        raise UndecidedError("too many items have a stamp that no answer has shown yet")
    for picks in itertools.product((True, False), repeat=len(open_cases)):
        left_out = [item for item, pick in zip(open_cases, picks, strict=True) if not pick]
        yield [item for item, verdict in judged if verdict is not False and item not in left_out]


def inside(space: Workspace, stamp: Unknown, low: int | None, high: int | None) -> bool | None:
    """Whether a stamp lies in a closed range of microseconds; None if that is unknown."""
    earliest, latest = space.limits(stamp)
    # An unseen stamp lies after `earliest`, so one microsecond after at the soonest.
    known = stamp in space.known
    least = None if earliest == "" else instant(earliest) + (0 if known else 1)
    greatest = None if latest == "~" else instant(latest)
    if low is not None and greatest is not None and greatest < low:
        return False
    if high is not None and least is not None and least > high:
        return False
    above = low is None or (least is not None and least >= low)
    below = high is None or (greatest is not None and greatest <= high)
    return True if above and below else None


def get_categories(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    keep_empty = request.query.get("includeEmpty", False)
    counts = [
        decided(space, item.now.snapshot["category"])
        for item in space.items
        if item.now.snapshot["status"] != "archived"
    ]

    def branch(parent: str | None) -> list[dict[str, Any]]:
        nodes = [
            {
                "id": c.id,
                "name": c.name,
                "parentId": c.parent,
                "itemCount": counts.count(c.id),
                "children": branch(c.id),
            }
            for c in sorted(space.categories, key=lambda c: c.id)
            if c.parent == parent
        ]
        # Empty children are already left out, so a node without items and children has an empty subtree.
        return [node for node in nodes if keep_empty or node["itemCount"] or node["children"]]

    yield AllowedOutcome(space, ExpectedResponse(200, {"data": branch(None)}, PAGE_CACHE))


def get_versions(space: Workspace, index: int, request: Request) -> Iterator[AllowedOutcome]:
    newest = list(reversed(space.items[index].versions))[: request.query.get("limit", 10)]
    rows = [
        {
            "id": version.id,
            "contentId": version.snapshot["id"],
            "version": version.number,
            "changeType": version.change,
            "createdAt": version.snapshot["updatedAt"],
            "createdBy": version.snapshot["updatedBy"],
            "snapshot": version.snapshot,
            "backup": version.backup,
        }
        for version in newest
    ]
    yield AllowedOutcome(space, ExpectedResponse(200, {"data": rows}, PAGE_CACHE))


def sync(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    query = request.query
    since = instant(query["lastSyncTimestamp"])
    platforms = query.get("platforms", ["web"])
    shown = [
        item
        for item in space.items
        if query.get("includeDeleted", False) or item.now.snapshot["status"] != "archived"
        if _shows(decided(space, item.now.snapshot["platforms"]), platforms)
    ]
    for chosen in _within(space, shown, since + 1, None):
        changed = sorted(chosen, key=lambda item: item.now.snapshot["updatedAt"].key)
        # The server chooses how many entries one answer has: at most 1000, and at least one if there are any.
        lengths = {min(len(changed), SYNC_CAP)} | {n for n in [_entries(response)] if 0 < n < len(changed)}
        for length in sorted(lengths):
            yield AllowedOutcome(space, _window(space, changed[:length], len(changed) > length))


def _shows(has: Sequence[str], asked: Sequence[str]) -> bool:
    return not has or any(platform in asked for platform in has)


def _entries(response: Response | None) -> int:
    """The number of entries in the answer; 0 if it is not a sync window."""
    try:
        data = response.body["data"] if response else {}
        return min(len(data["items"]) + len(data["deleted"]), SYNC_CAP)
    except (KeyError, TypeError):
        return 0


def _window(space: Workspace, entries: Sequence[Item], more: bool) -> ExpectedResponse:
    stamp: Any = entries[-1].now.snapshot["updatedAt"] if more else Unknown("present", len(space.presents))
    data = {
        "items": [i.now.snapshot for i in entries if i.now.snapshot["status"] != "archived"],
        "deleted": [
            {"id": i.now.snapshot["id"], "deletedAt": i.now.snapshot["updatedAt"]}
            for i in entries
            if i.now.snapshot["status"] == "archived"
        ],
        "syncTimestamp": stamp,
        "hasMore": more,
    }
    return ExpectedResponse(200, {"data": data}, PAGE_CACHE)
