"""`QueryTranslation`, the names and values of a query in the target's form, and back in ours.

>>> translation = QueryTranslation({"order_by": "sortBy"}, {("sortBy", "updated_at"): "updatedAt"})
>>> translation.canonical("order_by=updated_at&page=2")
'sortBy=updatedAt&page=2'
>>> spring = QueryTranslation({"sort": "sortBy,sortOrder", "size": "limit"}, {}, first_page=0)
>>> spring.canonical("sort=title,asc&page=0&size=5")
'sortBy=title&sortOrder=asc&page=1&limit=5'
>>> signed = QueryTranslation({"sort": "-sortBy"}, {("sortBy", "updated_at"): "updatedAt"})
>>> signed.canonical("sort=-updated_at")
'sortBy=updatedAt&sortOrder=desc'
>>> QueryTranslation({"filter[status]": "status", "sort": "-sortBy"}, {}).canonical("filter%5Bstatus%5D=draft&sort=a%26b")
'status=draft&sortBy=a%26b&sortOrder=asc'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from contracts.spec import Operation

VERSION, PAGE = "version", "page"
SORTED = "sortBy,sortOrder"
"""What one parameter of the target means that has the key and the direction of ours (`sort=title,asc` of Spring Data)."""
SIGNED = "-sortBy"
"""What one parameter means in which a minus before the key stands for the descending order (`sort=-title` of JSON:API, `ordering` of Django)."""
JOINED = frozenset({SORTED, SIGNED})
ORDER = MappingProxyType({"sortBy": "updatedAt", "sortOrder": "desc"})
"""The two parameters of ours, with the values that an absent one has."""


@dataclass(frozen=True)
class QueryTranslation:
    """`parameters` are names of the target -> ours, `values` (our name, the target's value) -> our value, and `first_version` and
    `first_page` are the target's numbers of a new item's version and of the first page."""

    parameters: Mapping[str, str]
    values: Mapping[tuple[str, str], str]
    first_version: int = 1
    first_page: int = 1

    def with_own_defaults(self, query: Any, ours: Operation | None, theirs: Operation) -> Any:
        """A query of ours with our default of each absent parameter for which the target's document names none: the target may have another."""
        if ours is None or not isinstance(query, Mapping | None):
            return query
        known = {p.name: p.schema for p in theirs.parameters if p.location == "query"}
        found = {name: value for name, value in (query or {}).items() if value is not None}
        for parameter in ours.parameters:
            schema = known.get(self.name(parameter.name, theirs))
            if "default" in parameter.schema and schema is not None and "default" not in schema:
                found.setdefault(parameter.name, parameter.schema["default"])
        return found

    def sent(self, query: Any, theirs: Operation) -> Any:
        """A query of ours, as a mapping or as pairs, with the target's names and values for this operation."""
        if query is None:
            return query
        pairs = list(query.items() if isinstance(query, Mapping) else query)
        found = [(self.name(name, theirs), self.value(name, value)) for name, value in pairs]
        found = self._sorted(found, pairs, theirs)
        return dict(found) if isinstance(query, Mapping) else found

    def sent_text(self, query: str, ours: Operation, theirs: Operation) -> str:
        """A query string of ours in the target's form, without the parameters that only our operation has."""
        mine, other = ({p.name for p in each.parameters if p.location == "query"} for each in (ours, theirs))
        pairs, found = [], []
        for part in query.split("&"):
            name, equals, text = part.partition("=")
            pairs.append((name, text))
            named = self.name(name, theirs)
            if named in other or name not in mine:
                found.append((named, f"{equals}{self.value(name, text)}"))
        whole = self._sorted(found, pairs, theirs, "=")
        return "&".join(name + text for name, text in whole)

    def _sorted(
        self, found: list[tuple[str, Any]], pairs: list[tuple[str, Any]], theirs: Operation, sign: str = ""
    ) -> list[tuple[str, Any]]:
        """The translated pairs with the key and the direction of ours as one, where the target's operation has one parameter for both."""
        known = {parameter.name for parameter in theirs.parameters if parameter.location == "query"}
        joined = next((n for n, meant in self.parameters.items() if meant in JOINED and n in known), "")
        order = {name: value for name, value in pairs if name in ORDER and value is not None}
        if not joined:
            return found
        rest = [(name, value) for name, value in found if name != joined]
        if not order:
            return rest
        key, direction = (str(value) for value in (ORDER | order).values())
        key = self.value("sortBy", key)
        signed = self.parameters[joined] == SIGNED
        minus = "-" if direction == "desc" else ""
        return [*rest, (joined, sign + (f"{minus}{key}" if signed else f"{key},{direction}"))]

    def name(self, ours: str, theirs: Operation) -> str:
        """The target's name of a parameter: of several the one that this operation has (`per_page` of a list, `limit` elsewhere)."""
        known = {parameter.name for parameter in theirs.parameters if parameter.location == "query"}
        names = [
            name
            for name, meant in self.parameters.items()
            if ours in meant.split(",") or (meant == SIGNED and ours in ORDER)
        ]
        return next((name for name in (*names, ours) if name in known), (*names, ours)[0])

    def lists(self, ours: str, theirs: Operation) -> bool:
        """Whether the target's operation lists the values of this parameter of ours."""
        name = self.name(ours, theirs)
        schemas = [p.schema for p in theirs.parameters if (p.location, p.name) == ("query", name)]
        return any("enum" in schema or "enum" in schema.get("items", {}) for schema in schemas)

    def value(self, name: str, value: Any) -> Any:
        """The target's value of a parameter, which has our name here."""
        by = self._moved.get(name, 0)
        if by and str(value).isdecimal():
            return type(value)(int(value) + by)
        return self._their_values.get((name, value), value) if isinstance(value, str) else value

    def canonical(self, query: str) -> str:
        """A query string that was sent, with our names and values."""
        found = []
        for part in query.split("&"):
            name, equals, text = part.partition("=")
            name = self.parameters.get(unquote(name), name)
            if name in JOINED:
                key, order = _key_and_order(unquote(text), signed=name == SIGNED)
                key = quote(self.values.get(("sortBy", key), key), safe="")
                found += [f"sortBy={key}", f"sortOrder={quote(order, safe='')}"]
                continue
            if name in self._moved and text.isdecimal():
                text = str(int(text) - self._moved[name])
            found.append(name + equals + self.values.get((name, text), text))
        return "&".join(found)

    @cached_property
    def _moved(self) -> Mapping[str, int]:
        """Our parameters whose numbers begin elsewhere in the target, and by how much its own are greater."""
        moved = {VERSION: self.first_version - 1, PAGE: self.first_page - 1}
        return {name: by for name, by in moved.items() if by}

    @cached_property
    def _their_values(self) -> Mapping[tuple[str, str], str]:
        return {(name, ours): theirs for (name, theirs), ours in self.values.items()}


def _key_and_order(text: str, *, signed: bool) -> tuple[str, str]:
    """The key and the direction that the one parameter for both tells; of several keys the first."""
    if signed:
        key = text.partition(",")[0]
        return key.removeprefix("-"), "desc" if key.startswith("-") else "asc"
    key, _, order = text.rpartition(",")
    return (key, order) if key else (order, "asc")
