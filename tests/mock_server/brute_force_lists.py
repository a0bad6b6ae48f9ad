"""What the two lists must show, computed the obvious way from all items: no SQL, no index, nothing remembered.

compare(api, "/content/items?search=amber")    # None, or what differs
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from mock_server.seed.world import CATEGORIES

from .inside import Inside

Item = dict[str, Any]
_UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
CATEGORY = "/content/categories/"


def everything(api: Inside, workspace: str = "tchat") -> list[Item]:
    rows = api.server.database.all("SELECT doc FROM items WHERE workspace = ?", (workspace,))
    return [_read(row[0]) for row in rows]


@lru_cache(10_000)
def _read(text: bytes) -> Item:
    """Parsing again what was parsed before would be half of the time that these tests take."""
    item: Item = json.loads(text)
    return item


def compare(api: Inside, target: str, items: list[Item] | None = None) -> str | None:
    """What the answer to this list has in another way than it should."""
    came = api.get(target).data
    wanted = expected(everything(api) if items is None else items, target)
    if came == wanted:
        return None
    ids = [[item["id"] for item in page["data"]] for page in (came, wanted)]
    return f"{target}\n came {came['pagination']}, {ids[0]}\n not  {wanted['pagination']}, {ids[1]}"


def expected(items: list[Item], target: str) -> Any:
    path, _, text = target.partition("?")
    query = dict(parse_qsl(text, keep_blank_values=True))
    conditions = list(_conditions(path, query))
    kept = [item for item in items if all(keeps(item) for keeps in conditions)]
    name, descending = query.get("sortBy", "updatedAt"), query.get("sortOrder", "desc") == "desc"
    kept.sort(key=lambda item: (item[name] is not None, item[name] or 0, item["id"]), reverse=descending)
    page, limit, total = int(query.get("page", 1)), int(query.get("limit", 20)), len(kept)
    pages = -(-total // limit)
    return {
        "data": kept[(page - 1) * limit : page * limit],
        "pagination": {
            "page": page, "limit": limit, "total": total, "totalPages": pages, "hasNext": page < pages,
            "hasPrev": page > 1 and total > 0,
        },
    }  # fmt: skip


def _conditions(path: str, query: dict[str, str]) -> Iterator[Callable[[Item], bool]]:
    status = query.get("status")
    if path.startswith(CATEGORY):
        status = status or "published"
        root = path.removeprefix(CATEGORY).removesuffix("/items")
        roots = _below(root) if query.get("includeSubcategories") == "true" else {root}
        yield lambda item: item["category"] in roots
        yield lambda item: query.get("startDate", "") <= item["updatedAt"] <= query.get("endDate", "9999")
    if "category" in query:
        yield lambda item: item["category"] == query["category"]
    if "search" in query:
        term = query["search"].translate(_UPPER)
        yield lambda item: any(term in item[name].translate(_UPPER) for name in ("title", "body"))
    yield lambda item: item["status"] == status if status else item["status"] != "archived"


def _below(root: str) -> set[str]:
    children = [name for name, (_, parent) in CATEGORIES.items() if parent == root]
    return {root}.union(*map(_below, children))
