"""Pages of lists in the form of our contract: a list that is the whole answer, a page that is told in headers, a tree that is flat."""

import re
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Any

from contracts.dialect.schema_members import Members, kind
from contracts.model.unpromised import Unpromised, is_promised, unpromised

PAGE_HEADERS: Mapping[str, str] = MappingProxyType({
    "x-total": "total", "x-total-count": "total", "x-total-pages": "totalPages", "x-page-count": "totalPages",
    "x-page": "page", "x-current-page": "page", "x-per-page": "limit", "x-page-size": "limit",
})  # fmt: skip
"""The headers in which frameworks tell of a page (api-pagination and pagy of Rails, GitLab, json-server), and the members of our `pagination`."""
RELATION = re.compile(r""";\s*rel="?([^";,]*)""")


def listed(value: list[Any], ours: Members, theirs: Members) -> tuple[Any, Members]:
    """A list as the object that ours has around its only list (`{"data": [], "pagination": {}}`), with what its schema names then."""
    lists = [name for name in ours.required if ours.spec and kind(ours.spec, ours.named[name]) == "array"]
    if ours.items is not None or len(lists) != 1:
        return value, theirs
    around = Members(
        theirs.spec, {lists[0]: {"type": "array", "items": theirs.items or {}}}, frozenset(lists)
    )
    return {lists[0]: value}, around


def with_page_headers(value: Any, ours: Members, promised: Set[str], headers: Mapping[str, str]) -> Any:
    """The answer of a list whose `pagination` is told in headers. `promised` are the lower-case names of those in the target's document."""
    page = value.get("data") if isinstance(value, dict) else None
    known = page.get("pagination") if isinstance(page, dict) else None
    if not isinstance(page, dict) or not isinstance(known, Unpromised):
        return value
    told: dict[str, Any] = {
        member: int(headers[name])
        for name, member in PAGE_HEADERS.items()
        if name in promised and headers.get(name, "").isdecimal()
    }
    if "link" in promised:
        told["hasNext"] = "next" in " ".join(RELATION.findall(headers.get("link", ""))).split()
    if not told:
        return value
    names = ours.of("data").of("pagination").required
    whole = {name: unpromised(f"{name} of the {known.what}") for name in names} | told
    return {**value, "data": {**page, "pagination": without_empty_page(whole)}}


def without_empty_page(value: dict[str, Any]) -> dict[str, Any]:
    """A `pagination` in which an empty list has no page, as ours says; for others (Django) it has one, which is empty."""
    counts = value.get("total"), value.get("totalPages")
    return {**value, "totalPages": 0} if is_promised(list(counts)) and counts == (0, 1) else value


def nested(rows: list[Any]) -> list[Any]:
    """The tree of ours, if the rows are a flat list that names the parents of categories."""
    named = [row for row in rows if isinstance(row, dict) and isinstance(row.get("children"), Unpromised)]
    if len(named) < len(rows) or not all(isinstance(row.get("parentId"), str | None) for row in rows):
        return rows
    ids = [row.get("id") for row in rows]
    for row in rows:
        row["children"] = [other for other in rows if other.get("parentId") == row.get("id")]
    return [row for row in rows if row.get("parentId") not in ids]
