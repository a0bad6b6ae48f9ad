"""Pages of lists in the form of our contract: a list that is the whole answer, a `Page` of Spring Data, a page that is told in headers, a tree
that is flat."""

import re
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Any

from contracts.dialect.schema_members import Members
from contracts.dialect.values.value_forms import plain
from contracts.model.unpromised import Unpromised, is_promised, unpromised

PAGE_HEADERS: Mapping[str, str] = MappingProxyType({
    "x-total": "total", "x-total-count": "total", "x-total-pages": "totalPages", "x-page-count": "totalPages",
    "x-page": "page", "x-current-page": "page", "x-per-page": "limit", "x-page-size": "limit",
})  # fmt: skip
"""The headers in which frameworks tell of a page (api-pagination and pagy of Rails, GitLab, json-server), and the members of our `pagination`."""
SPRING: Mapping[str, str] = MappingProxyType(
    {"totalElements": "total", "totalPages": "totalPages", "number": "page", "size": "limit"}
)
"""The members in which Spring Data tells of a page, beside the list (`Page`) or in a `page` beside it (`PagedModel`), and ours."""
BESIDE: Mapping[str, str] = MappingProxyType({
    "total": "total", "totalcount": "total", "totalitems": "total", "currentpage": "page", "page": "page",
    "perpage": "limit", "pagesize": "limit", "itemsperpage": "limit", "limit": "limit", "lastpage": "totalPages",
    "totalpages": "totalPages", "pagecount": "totalPages", "pages": "totalPages",
})  # fmt: skip
"""The members, in lower case and without underscores, in which paginators tell of a page beside the list or in a `meta` there (Laravel's API
Resources and its `LengthAwarePaginator`, kaminari, nestjs-paginate, fastapi-pagination), and ours."""
LINKS: Mapping[str, str] = MappingProxyType({"next": "hasNext", "prev": "hasPrev", "previous": "hasPrev"})
DJANGO = frozenset({"count", "next", "previous", "results"})
"""Where all of these stand together, `count` is the total; elsewhere it may be that of the rows."""
FASTAPI = frozenset({"total", "page", "size", "pages"})
"""Where all of these stand together, `size` is the limit; elsewhere it may be the number of the rows."""
RELATION = re.compile(r""";\s*rel="?([^";,]*)""")


def paged(value: Any, ours: Members, theirs: Members, first_page: int) -> tuple[Any, Members]:
    """An answer of the target as the object that ours has around its list, with what its schema names then: a list without an object
    around it, or a list of any name with its page beside it. Anything else is left as it is."""
    whole = "pagination" in ours.of("data").named and theirs.kinds.get("data") in (None, "array")
    if isinstance(value, list) and ours.items is None and (around := "data" if whole else ours.only_list):
        return {around: value}, _around(theirs, {around: {"type": "array", "items": theirs.items or {}}})
    listed = theirs.only_list
    if not isinstance(value, dict):
        return value, theirs
    if (
        ours.only_list == "data"
        and "pagination" not in ours.named
        and listed in value
        and "data" not in theirs.named
    ):
        return {"data": value[listed]}, _around(theirs, {"data": theirs.named[listed]})
    if not (whole or "pagination" in ours.named):
        return value, theirs
    as_ours = listed == "data" and not whole and "pagination" in theirs.named
    if not listed or as_ours or not isinstance(value.get(listed), list | None):
        return value, theirs
    page = _spring_page(value, theirs, first_page) or _page_beside(value, theirs)
    if listed == "data" and not page:
        return value, theirs  # the page may be told in headers
    found = {"data": value[listed]} if listed in value else {}
    named: dict[str, Any] = {"data": theirs.named[listed]}
    if "pagination" in theirs.named:
        named["pagination"] = theirs.named["pagination"]
        found |= {"pagination": value["pagination"]} if "pagination" in value else {}
    elif page:
        named["pagination"] = {"type": "object", "properties": {member: {} for member in page}}
        found["pagination"] = page
    if not whole:
        return found, _around(theirs, named)
    schema = {"type": "object", "properties": named}
    return {"data": found}, Members(theirs.spec, {"data": schema}, frozenset({"data"}))


def _spring_page(value: Mapping[str, Any], theirs: Members, first_page: int) -> dict[str, Any]:
    """What a page of Spring Data tells, with our names; empty for another. Its numbers begin at 0 whatever `first_page` its parameter has."""
    told = theirs.of("page") if "page" in theirs.named else theirs
    if not {"totalElements", "number"} <= told.named.keys():
        return {}
    page = value if told is theirs else value.get("page")
    page = page if isinstance(page, dict) else {}
    found = {member: page[name] for name, member in SPRING.items() if name in page}
    if isinstance(found.get("page"), int):
        found["page"] += first_page
    for name, member in (("last", "hasNext"), ("first", "hasPrev")):
        if isinstance(page.get(name), bool):
            found[member] = not page[name] and found.get("total") != 0
    return found


def _names_beside(theirs: Members) -> tuple[Members, dict[str, str]]:
    """(the members among which a page is told, beside its list or in a `meta` there; the name of each -> ours)."""
    described = theirs.of("meta") if "meta" in theirs.named else theirs
    names = {name: BESIDE[plain(name)] for name in described.named if plain(name) in BESIDE}
    if theirs.named.keys() >= DJANGO:
        names["count"] = "total"
    if described.named.keys() >= FASTAPI:
        names["size"] = "limit"
    return described, names


def _page_beside(value: Mapping[str, Any], theirs: Members) -> dict[str, Any]:
    """What is told of the page beside a list or in a `meta` there, with our names; empty without a total."""
    described, names = _names_beside(theirs)
    told = value if described is theirs else value.get("meta")
    links, held = (theirs.of("links"), value.get("links")) if "links" in theirs.named else (theirs, value)
    follows = {name: LINKS[name] for name in links.named if name in LINKS}
    known = "total" in names.values() and ("page" in names.values() or follows)
    if not known or not isinstance(told, dict):
        return {}
    found = {member: told[name] for name, member in names.items() if name in told}
    for name, member in follows.items():
        if isinstance(held, dict) and name in held:
            found[member] = bool(held[name]) and found.get("total") != 0
    return found


def in_their_envelope(value: Any, theirs: Members) -> Any:
    """An answer of ours with its `data` in the form of the target's schema, the reverse of `paged`: with or without an object around it, and
    the page of a list as it is told there. What has no `data` is left as it is."""
    if not isinstance(value, dict) or "data" not in value:
        return value
    data = value["data"]
    enveloped = "data" in theirs.named and (theirs.kinds.get("data") != "array" or isinstance(data, list))
    if isinstance(data, dict) and "pagination" in data:
        data = _as_page(data, theirs.of("data") if enveloped else theirs)
    elif isinstance(data, list) and not enveloped and theirs.only_list:
        return {**value, theirs.only_list: data, "count": len(data)}
    return {**value, "data": data} if enveloped or not (theirs.named or theirs.items is not None) else data


def _as_page(data: Mapping[str, Any], theirs: Members) -> Any:
    rows, page = data["data"], data["pagination"]
    if theirs.items is not None:
        return rows
    told = theirs.of("page") if "page" in theirs.named else theirs
    if theirs.only_list and {"totalElements", "number"} <= told.named.keys():  # Spring Data counts from 0
        found = {name: page[member] for name, member in SPRING.items()}
        found |= {"number": page["page"] - 1, "first": not page["hasPrev"], "last": not page["hasNext"]}
        found |= {"numberOfElements": len(rows), "empty": not rows}
        return {theirs.only_list: rows, **(found if told is theirs else {"page": found})}
    if not theirs.only_list:
        return data
    if "pagination" in theirs.named:
        return {theirs.only_list: rows, "pagination": page}
    _, names = _names_beside(theirs)
    found = {name: page[member] for name, member in names.items()}
    links = {
        name: f"?page={page['page'] + (1 if name == 'next' else -1)}" if page[member] else None
        for name, member in LINKS.items()
    }
    return {**found, **links, "meta": found, "links": links, theirs.only_list: rows}


def page_headers(value: Any, promised: Set[str], first_page: int) -> dict[str, str]:
    """The headers of a page of ours, of those that the target's document promises; the reverse of `with_page_headers`."""
    data = value.get("data") if isinstance(value, dict) else None
    page = data.get("pagination") if isinstance(data, dict) else None
    if page is None:
        return {}
    moved_page = {**page, "page": page["page"] + first_page - 1}
    found = {name: str(moved_page[member]) for name, member in PAGE_HEADERS.items() if name in promised}
    if "link" in promised and page["hasNext"]:
        found["link"] = f'<?page={moved_page["page"] + 1}>; rel="next"'
    return found


def _around(theirs: Members, named: Mapping[str, Any]) -> Members:
    return Members(theirs.spec, named, frozenset(named) & theirs.required)


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
