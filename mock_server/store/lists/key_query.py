"""`KeyQuery`, the query of all keys of a list in its order.

>>> KeyQuery(ItemFilter("home"), (), "title", "DESC").sql()
('SELECT key FROM items INDEXED BY items_by_title WHERE workspace = ? AND live = ? ORDER BY title DESC, id DESC', ['home', True])
"""

from typing import Any, NamedTuple

from mock_server.store.lists.item_filter import ItemFilter
from mock_server.store.lists.listing import Comparisons


class KeyQuery(NamedTuple):
    """The filter and the order of a list. `column` is one of `COLUMNS`, `direction` is ASC or DESC."""

    listed: ItemFilter
    comparisons: Comparisons
    column: str
    direction: str

    def where(self) -> tuple[str, list[Any]]:
        """(SQL condition on a row of `items`, its values)."""
        where, values = self.listed.where()
        for condition, value in self.comparisons:
            where, values = f"{where} AND {condition}", [*values, value]
        return where, values

    def sql(self) -> tuple[str, list[Any]]:
        """(query that selects the keys, its values)."""
        where, values = self.where()
        # A search reads every item in storage order; every other list scans an index.
        index = f"INDEXED BY items_by_{self.column}" if self.listed.term is None else "NOT INDEXED"
        order = f"{self.column} {self.direction}, id {self.direction}"
        return f"SELECT key FROM items {index} WHERE {where} ORDER BY {order}", values
