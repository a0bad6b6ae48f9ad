"""`SqlLists`, which reads pages with plain SQL queries, with a method each for condition, order and window.

Nothing is cached, so every change of a row is visible at once. The results are those of `mock_server.store.lists.pages`, but slower; faults
replace its methods.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from mock_server.store import item as items
from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.sqlite.database import Database

COLUMNS = {
    "updatedAt": "updated_at",
    "createdAt": "created_at",
    "title": "title",
    "publishedAt": "published_at",
    "version": "version",
}


Comparisons: TypeAlias = tuple[tuple[str, int], ...]
"""(SQL condition on a row of `items`, its value), of which each must be met."""


@dataclass(frozen=True, slots=True)
class ListPage:
    docs: list[bytes]
    total: int


class ListQuery(NamedTuple):
    """The request of one page. `start` and `end` bound `updatedAt`, in microseconds, inclusive."""

    workspace: str
    page: int
    limit: int
    sort_by: str = "updatedAt"
    sort_order: str = "desc"
    status: str | None = None
    categories: tuple[str, ...] | None = None
    search: str | None = None
    start: int | None = None
    end: int | None = None

    def comparisons(self) -> Comparisons:
        """The restrictions that `ItemFilter` does not have, so that there is no count of the items that meet them."""
        known = (("updated_at >= ?", self.start), ("updated_at <= ?", self.end))
        return tuple((condition, value) for condition, value in known if value is not None)


class SqlLists:
    def __init__(self, database: Database) -> None:
        self._db = database

    def items(self, query: ListQuery) -> ListPage:
        return self._listed(query)

    def of_categories(self, query: ListQuery) -> ListPage:
        return self._listed(query)

    def _listed(self, query: ListQuery) -> ListPage:
        self._db.ensure_index(f"items_by_{COLUMNS[query.sort_by]}")
        where, values = self.condition(query.workspace, query.status, query.categories)
        if query.search is not None:
            searched, text = self.searched(query.search)
            where, values = f"{where} AND {searched}", [*values, text]
        for condition, value in self.comparisons(query):
            where, values = f"{where} AND {condition}", [*values, value]
        total = self.total(query.workspace, where, values)
        order = self.order(query.sort_by, query.sort_order)
        return self.page(where, values, order, query.page, query.limit, total)

    def condition(
        self, workspace: str, status: str | None, categories: tuple[str, ...] | None
    ) -> tuple[str, list[Any]]:
        """(SQL condition on a row of `items`, its values)."""
        return ItemFilter.of(workspace, status, categories).where()

    def searched(self, search: str) -> tuple[str, Any]:
        """(SQL condition of a search, its value)."""
        return "instr(haystack, ?) > 0", items.searchable(search)

    def comparisons(self, query: ListQuery) -> Comparisons:
        return query.comparisons()

    def order(self, sort_by: str, sort_order: str) -> str:
        """The ORDER BY clause: the column, then the id in the same direction. It has no text of the request."""
        direction = "ASC" if sort_order == "asc" else "DESC"
        return f"{COLUMNS[sort_by]} {direction}, id {direction}"

    def total(self, workspace: str, where: str, values: list[Any]) -> int:
        return self.count(where, values)

    def count(self, where: str, values: list[Any]) -> int:
        row = self._db.one(f"SELECT COUNT(*) FROM items WHERE {where}", tuple(values))
        assert row is not None
        return int(row[0])

    def page(self, where: str, values: list[Any], order: str, page: int, limit: int, total: int) -> ListPage:
        offset, rows = self.window(page, limit, total)
        if offset >= total:
            return ListPage([], total)
        return ListPage(self.docs(where, values, order, offset, rows), total)

    def window(self, page: int, limit: int, total: int) -> tuple[int, int]:
        """(number of rows before the page, number of rows of the page)."""
        return (page - 1) * limit, limit

    def docs(self, where: str, values: list[Any], order: str, offset: int, limit: int) -> list[bytes]:
        rows = self._db.all(
            f"SELECT {self.document()} FROM items WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [row[0] for row in rows]

    def document(self) -> str:
        """The column with the shown JSON."""
        return "doc"
