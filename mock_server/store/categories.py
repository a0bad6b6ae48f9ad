"""The category tree of each workspace, with the number of items that are not archived."""

from typing import Any

from mock_server.store.sqlite.database import Database

Node = dict[str, Any]
"""A category as the API shows it, with its children."""


class CategoryStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    def exists(self, workspace: str, category: str) -> bool:
        return (
            self._db.one("SELECT 1 FROM categories WHERE workspace = ? AND id = ?", (workspace, category))
            is not None
        )

    def subtree(self, workspace: str, category: str) -> list[str]:
        """The ids of a category and of its descendants."""
        rows = self._db.all(
            "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT c.id FROM categories c"
            " JOIN below b ON c.parent = b.id WHERE c.workspace = ?) SELECT id FROM below",
            (category, workspace),
        )
        return [row[0] for row in rows]

    def tree(self, workspace: str, *, include_empty: bool) -> list[Node]:
        """The root categories with their children. Without `include_empty`, categories whose subtree has no item are left out."""
        roots = self.roots(workspace)
        return roots if include_empty else self.pruned(roots)

    def roots(self, workspace: str) -> list[Node]:
        counts: dict[str, int] = dict(
            self._db.all(
                f"SELECT category, SUM(n) FROM counts WHERE workspace = ? AND {self.counted()} GROUP BY category",
                (workspace,),
            )
        )
        rows = self._db.all(
            "SELECT id, name, parent FROM categories WHERE workspace = ? ORDER BY id", (workspace,)
        )
        nodes: dict[str, Node] = {
            row[0]: {
                "id": row[0],
                "name": row[1],
                "parentId": row[2],
                "itemCount": counts.get(row[0], 0),
                "children": [],
            }
            for row in rows
        }
        roots: list[Node] = []
        for node in nodes.values():
            parent = node["parentId"]
            (roots if parent is None else nodes[parent]["children"]).append(node)
        return roots

    def counted(self) -> str:
        """The SQL condition on the items that `itemCount` counts."""
        return "status <> 'archived'"

    def pruned(self, nodes: list[Node]) -> list[Node]:
        """The nodes whose subtree has an item."""
        kept = []
        for node in nodes:
            children = self.pruned(node["children"])
            if node["itemCount"] or children:
                kept.append({**node, "children": children})
        return kept
