"""The judgement of answers while items may exist that the model does not know (a shared target, a parallel test).

Lists are judged by the known items only: on a page they are a gapless part of the known list, in its order and exact state; the first
page starts with the first known item or shows none, and the last page ends with the last one. Counts are at least those of the known
items. A sync window shows every known change up to its stamp. Requests about an unknown id are not judged. Items whose creation was not
answered stay unknown until a search for the model's own word (`Workspace.own`) shows them: only the model's items contain that word, so
the answer to this search is judged in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts.model import reads
from contracts.model.messages import Disagreement, Request, Response, UndecidedError
from contracts.model.unknown import MismatchError, shown, unify
from contracts.model.unpromised import Unpromised, flat
from contracts.model.workspace import Workspace, bind

EVERYTHING = 1 << 30
Judged = list[Workspace | Disagreement]


def judge(space: Workspace, request: Request, response: Response) -> Judged | None:
    """The possible worlds and disagreements; None if the answer can be judged in full."""
    known = space.ids()
    if "id" in request.path and request.path["id"] not in known:
        return [space]
    if request.operation == "bulkUpdateContent" and request.valid:
        strangers = [o["id"] for o in request.body["operations"] if o["id"] not in known]
        if strangers:
            raise UndecidedError(f"the request names {strangers[0]}, which the model does not know")
    if space.own and space.own in request.query.get("search", ""):
        return None
    rule = _RULES.get(request.operation)
    if rule is None or not request.valid or response.status != 200:
        return None
    return [_restored(space, judged) for judged in rule(_named(space), request, response)]


def _named(space: Workspace) -> Workspace:
    """The workspace without items whose id no answer has shown. Unknowns refer to items by index, so these must come last."""
    return replace(space, items=tuple(i for i in space.items if isinstance(space.id_of(i), str)))


def _restored(space: Workspace, named: Workspace | Disagreement) -> Workspace | Disagreement:
    return named if isinstance(named, Disagreement) else replace(named, items=space.items)


def _page(space: Workspace, request: Request, response: Response) -> Judged:
    whole = replace(request, query={**request.query, "page": 1, "limit": EVERYTHING})
    rule = reads.get_items if request.operation == "getContentItems" else reads.get_by_category
    found: Judged = []
    for outcome in rule(space, whole, None):
        if outcome.answer.status != 200:
            return [Disagreement("status", str(outcome.answer.status), "200")]
        found.append(_run(space, outcome.answer.body["data"]["data"], response.body["data"]))
    return found


def _run(
    space: Workspace, expected: Sequence[Mapping[str, Any]], got: Mapping[str, Any]
) -> Workspace | Disagreement:
    known = space.ids()
    rows = [row for row in got["data"] if row["id"] in known]
    pagination = got["pagination"]
    if pagination["total"] < len(expected):
        total = f"at least the {len(expected)} known items"
        return Disagreement("/data/pagination/total", total, str(pagination["total"]))
    ids = [space.text(row["id"]) for row in expected]
    first = pagination["page"] == 1
    start = 0 if first or not rows or rows[0]["id"] not in ids else ids.index(rows[0]["id"])
    stop = start + len(rows)
    if pagination["page"] == max(pagination["totalPages"], 1):
        stop = len(expected)
        start = 0 if first else max(stop - len(rows), 0)
    return _same(space, expected[start:stop], rows, "/data/data (known items)")


def _same(space: Workspace, expected: Any, got: Any, place: str) -> Workspace | Disagreement:
    try:
        return bind(space, unify(expected, got, space.known))
    except MismatchError as mismatch:
        return Disagreement(f"{place}{mismatch.place}", mismatch.expected, mismatch.got)


def _categories(space: Workspace, request: Request, response: Response) -> Judged:
    (outcome,) = reads.get_categories(space, request, None)
    got = {row["id"]: row for row in flat(response.body["data"])}
    for row in flat(outcome.answer.body["data"]):
        other = got.get(row["id"])
        place = f"/data (category {row['id']})"
        if other is None:
            return [Disagreement(place, "listed", "left out")]
        if other["itemCount"] < row["itemCount"]:
            return [Disagreement(place, f"at least {row['itemCount']} items", str(other["itemCount"]))]
        for name in ("name", "parentId"):
            if other[name] != row[name]:
                return [Disagreement(f"{place}/{name}", shown(row[name]), shown(other[name]))]
    return [space]


def _sync(space: Workspace, request: Request, response: Response) -> Judged:
    got = response.body["data"]
    known = space.ids()
    rows = [row for row in got["items"] if row["id"] in known]
    gone = [row for row in got["deleted"] if row["id"] in known]
    found: Judged = []
    count = len(rows) + len(gone)
    for outcome in reads.sync(space, request, None):
        expected = _all_changes(space, outcome.answer.body["data"])
        shown_here = [row for stamp, row in expected[:count]]
        left = [space.text(stamp) for stamp, row in expected[count:]]
        if any(isinstance(stamp, str) and stamp <= got["syncTimestamp"] for stamp in left):
            place = "/data (known changes)"
            found.append(Disagreement(place, "every change up to syncTimestamp", f"{len(left)} fewer"))
        elif left and (isinstance(got["hasMore"], Unpromised) or not got["hasMore"]):
            found.append(Disagreement("/data/hasMore", "true, or the changes left", "false"))
        else:
            items = [row for row in shown_here if "deletedAt" not in row]
            deleted = [row for row in shown_here if "deletedAt" in row]
            found.append(_same(space, [items, deleted], [rows, gone], "/data (known changes)"))
    return found


def _all_changes(space: Workspace, data: Mapping[str, Any]) -> list[tuple[Any, Mapping[str, Any]]]:
    rows = [(row["updatedAt"], row) for row in data["items"]]
    rows += [(row["deletedAt"], row) for row in data["deleted"]]
    return sorted(rows, key=lambda pair: pair[0].key)


_RULES = {
    "getContentItems": _page,
    "getContentByCategory": _page,
    "getContentCategories": _categories,
    "syncContent": _sync,
}
