"""`QueryTranslation`, the names and values of a query in the target's form, and back in ours.

>>> translation = QueryTranslation({"order_by": "sortBy"}, {("sortBy", "updated_at"): "updatedAt"}, 1)
>>> translation.canonical("order_by=updated_at&page=2")
'sortBy=updatedAt&page=2'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.spec import Operation

VERSION = "version"


@dataclass(frozen=True)
class QueryTranslation:
    """`parameters` are names of the target -> ours, `values` (our name, the target's value) -> our value, and `first_version` is the
    version of a new item of the target."""

    parameters: Mapping[str, str]
    values: Mapping[tuple[str, str], str]
    first_version: int

    def sent(self, query: Any, theirs: Operation) -> Any:
        """A query of ours, as a mapping or as pairs, with the target's names and values for this operation."""
        if query is None:
            return query
        pairs = query.items() if isinstance(query, Mapping) else query
        found = [(self.name(name, theirs), self.value(name, value)) for name, value in pairs]
        return dict(found) if isinstance(query, Mapping) else found

    def sent_text(self, query: str, ours: Operation, theirs: Operation) -> str:
        """A query string of ours in the target's form, without the parameters that only our operation has."""
        mine, other = ({p.name for p in each.parameters if p.location == "query"} for each in (ours, theirs))
        found = []
        for part in query.split("&"):
            name, equals, text = part.partition("=")
            named = self.name(name, theirs)
            if named in other or name not in mine:
                found.append(f"{named}{equals}{self.value(name, text)}")
        return "&".join(found)

    def name(self, ours: str, theirs: Operation) -> str:
        """The target's name of a parameter: of several the one that this operation has (`per_page` of a list, `limit` elsewhere)."""
        known = {parameter.name for parameter in theirs.parameters if parameter.location == "query"}
        names = [name for name, meant in self.parameters.items() if meant == ours]
        return next((name for name in (*names, ours) if name in known), (*names, ours)[0])

    def value(self, name: str, value: Any) -> Any:
        """The target's value of a parameter, which has our name here."""
        if name == VERSION and str(value).isdecimal() and self.first_version != 1:
            return type(value)(int(value) + self.first_version - 1)
        return self._their_values.get((name, value), value) if isinstance(value, str) else value

    def canonical(self, query: str) -> str:
        """A query string that was sent, with our names and values."""
        found = []
        for part in query.split("&"):
            name, equals, text = part.partition("=")
            name = self.parameters.get(name, name)
            if name == VERSION and text.isdecimal():
                text = str(int(text) - self.first_version + 1)
            found.append(name + equals + self.values.get((name, text), text))
        return "&".join(found)

    @cached_property
    def _their_values(self) -> Mapping[tuple[str, str], str]:
        return {(name, ours): theirs for (name, theirs), ours in self.values.items()}
