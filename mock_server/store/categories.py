"""Categories: a closed tree for each workspace, with the number of items that are not archived."""

from __future__ import annotations

from typing import Any

from mock_server.rules import Ruling
from mock_server.store.sqlite.database import Database


class CategoryStore:
    def __init__(self, database: Database, ruling: Ruling) -> None:
        self._db = database
        self._ruling = ruling

    def exists(self, workspace: str, category: str) -> bool:
        return (
            self._db.one("SELECT 1 FROM categories WHERE workspace = ? AND id = ?", (workspace, category))
            is not None
        )

    def subtree(self, workspace: str, category: str, levels: int | None = None) -> list[str]:
        """The category and what is below it, down to `levels` (None: all)."""
        rows = self._db.all(
            "WITH RECURSIVE below(id, depth) AS (SELECT ?, 0 UNION SELECT c.id, b.depth + 1 FROM categories c"
            " JOIN below b ON c.parent = b.id WHERE c.workspace = ?) SELECT id FROM below WHERE depth <= ?",
            (category, workspace, _DEEPEST if levels is None else levels),
        )
        return [row[0] for row in rows]

    def tree(self, workspace: str, *, include_empty: bool) -> list[dict[str, Any]]:
        """Root categories with their children nested. Without `include_empty`, what has no item below is cut."""
        rules = self._ruling.rules
        counts: dict[str, int] = dict(
            self._db.all(
                f"SELECT category, SUM(n) FROM counts WHERE workspace = ? AND {_COUNTED[rules.tree_counts]}"
                " GROUP BY category",
                (workspace,),
            )
        )
        rows = self._db.all(
            "SELECT id, name, parent FROM categories WHERE workspace = ? ORDER BY id", (workspace,)
        )
        nodes = {
            row[0]: {
                "id": row[0],
                "name": row[1],
                "parentId": row[2],
                "itemCount": counts.get(row[0], 0),
                "children": [],
            }
            for row in rows
        }
        roots: list[dict[str, Any]] = []
        for node in nodes.values():
            parent = node["parentId"]
            (roots if parent is None else nodes[parent]["children"]).append(node)
        if rules.tree_counts == "subtree":
            _add_up(roots)
        if (include_empty and not rules.tree_empty_hidden) or rules.tree_empty_shown:
            return roots
        return _pruned(roots, parents=rules.tree_prunes_parents)


# What `itemCount` counts, by Rules.tree_counts.
_COUNTED = {
    "": "status <> 'archived'",
    "subtree": "status <> 'archived'",
    "all": "1",
    "published": "status = 'published'",
}
_DEEPEST = 1_000


def _add_up(nodes: list[dict[str, Any]]) -> int:
    for node in nodes:
        node["itemCount"] += _add_up(node["children"])
    return sum(node["itemCount"] for node in nodes)


def _pruned(nodes: list[dict[str, Any]], *, parents: bool = False) -> list[dict[str, Any]]:
    """Without what has no item below it; with `parents` also without what has none of its own."""
    kept = []
    for node in nodes:
        children = _pruned(node["children"], parents=parents)
        if node["itemCount"] or (children and not parents):
            kept.append({**node, "children": children})
    return kept
