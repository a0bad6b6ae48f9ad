"""Faults of categories: their items, date ranges and the tree."""

from functools import partial
from typing import Any

from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import asking, at, given, result, returns
from mock_server.handlers.content_reading import ContentReadHandlers
from mock_server.http.validation import ParameterSet
from mock_server.store.categories import CategoryStore, Node
from mock_server.store.lists.listing import Comparisons, ListQuery, SqlLists
from mock_server.store.sqlite.database import Database

_fault = partial(entry.wrapped, "meaning")
_CATEGORY, _TREE = "getContentByCategory", "getContentCategories"


Range = tuple[int | None, int | None]


def _one_level(step: WrappedStep, workspace: str, category: str, deep: bool) -> list[str]:
    children = step.part(Database).all(
        "SELECT id FROM categories WHERE workspace = ? AND parent = ?", (workspace, category)
    )
    return [category, *(row[0] for row in children)] if deep else [category]


def _starts_after(step: WrappedStep, start: str | None, end: str | None) -> Range:
    least, most = step(start, end)
    return (None if least is None else least + 1), most


def _ends_before(step: WrappedStep, start: str | None, end: str | None) -> Range:
    least, most = step(start, end)
    return least, (None if most is None else most - 1)


def _turned_round(step: WrappedStep, start: str | None, end: str | None) -> Range:
    least, most = step(start, end)
    return (most, least) if least is not None and most is not None and least > most else (least, most)


def _on_created(step: WrappedStep, query: ListQuery) -> Comparisons:
    return tuple((condition.replace("updated_at", "created_at"), value) for condition, value in step(query))


def _with_subtrees(step: WrappedStep, workspace: str) -> list[Node]:
    def added_up(node: Node) -> Node:
        children = [added_up(child) for child in node["children"]]
        below = sum(child["itemCount"] for child in children)
        return {**node, "itemCount": node["itemCount"] + below, "children": children}

    return [added_up(node) for node in step(workspace)]


def _stale(step: WrappedStep, workspace: str, **named: Any) -> list[Node]:
    """The tree that the first reader got, whatever the workspace."""
    tree: list[Node] = step(workspace, **named)
    kept: list[Node] = step.memory.setdefault("tree", tree)
    return kept


CATEGORIES = (
    _fault("subcategories-ignored", "F13", "includeSubcategories adds nothing.", "categories.subcategories", _CATEGORY,
           at(ContentReadHandlers.categories_shown, lambda step, workspace, category, deep: [category])),
    _fault("subcategories-one-level", "F13", "includeSubcategories goes one level deep.", "categories.subcategories",
           _CATEGORY, at(ContentReadHandlers.categories_shown, _one_level)),
    _fault("subcategories-always", "F13", "Subcategories are included unasked.", "categories.items", _CATEGORY,
           at(ContentReadHandlers.categories_shown, lambda step, workspace, category, deep: step(workspace, category, True))),
    _fault("category-status-ignored", "F13", "`status` of a category's list does not filter.", "categories.items", _CATEGORY,
           at(SqlLists.of_categories, asking(status=None))),
    _fault("category-shows-drafts", "F13", "Without `status` a category shows drafts.", "categories.items", _CATEGORY,
           at(ParameterSet.defaults, result(lambda known: {**known, "status": None} if "status" in known else known))),
    _fault("range-start-exclusive", "openapi", "An item at exactly startDate is missing.", "categories.dates-inclusive",
           _CATEGORY, at(ContentReadHandlers.range, _starts_after)),
    _fault("range-end-exclusive", "openapi", "An item at exactly endDate is missing.", "categories.dates-inclusive", _CATEGORY,
           at(ContentReadHandlers.range, _ends_before)),
    _fault("range-end-midnight", "openapi", "A day as endDate means its first moment.", "categories.dates-whole-days", _CATEGORY,
           at(ContentReadHandlers.moment, lambda step, text, end_of_day=False: step(text))),
    _fault("range-on-created", "openapi", "The range tests createdAt.", "categories.dates-inclusive", _CATEGORY,
           at(SqlLists.comparisons, _on_created)),
    _fault("range-ignored", "F13", "The range is ignored.", "categories.dates-inclusive", _CATEGORY,
           at(ContentReadHandlers.range, returns((None, None)))),
    _fault("range-swapped", "R20", "An inverted range is turned round.", "categories.dates-inverted", _CATEGORY,
           at(ContentReadHandlers.range, _turned_round)),
    _fault("category-unknown-empty", "openapi", "An unknown category is an empty page.", "categories.unknown", _CATEGORY,
           at(CategoryStore.exists, returns(True))),
    _fault("tree-shows-empty", "F13", "Empty categories are shown unasked.", "categories.include-empty", _TREE,
           at(CategoryStore.tree, given(include_empty=True))),
    _fault("tree-hides-empty", "F13", "includeEmpty shows nothing more.", "categories.include-empty", _TREE,
           at(CategoryStore.tree, given(include_empty=False))),
    _fault("tree-prunes-parents", "R29", "An empty category takes its filled subcategories with it.", "categories.include-empty",
           _TREE, at(CategoryStore.pruned, result(lambda nodes: [node for node in nodes if node["itemCount"]]))),
    _fault("tree-counts-archived", "R29", "itemCount counts archived items.", "categories.counts", _TREE,
           at(CategoryStore.counted, returns("1"))),
    _fault("tree-counts-published", "R29", "itemCount counts published items only.", "categories.counts", _TREE,
           at(CategoryStore.counted, returns("status = 'published'"))),
    _fault("tree-counts-subtree", "R29", "itemCount counts subcategories too.", "categories.counts", _TREE,
           at(CategoryStore.roots, _with_subtrees)),
    _fault("tree-stale", "openapi", "The tree does not follow writes.", "categories.counts-follow-writes", _TREE,
           at(CategoryStore.tree, _stale)),
)  # fmt: skip
