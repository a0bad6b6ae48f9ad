"""The names of query parameters that mean one of ours in another form: the length of a page, a name in brackets, the key and the direction as one.

They are found in the target's document alone, where no other parameter can be meant; `x-dialect` tells the rest.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from contracts.dialect.schema_members import Members, kind
from contracts.dialect.values.query_translation import ORDER, PAGE, SIGNED, SORTED
from contracts.dialect.values.value_forms import plain
from contracts.spec import Operation, Spec
from contracts.spec.source.references import followed

LENGTHS = frozenset({"size", "pagesize", "perpage"})
"""Other words for `limit` of a list, in lower case and without underscores."""
ALIASES = MappingProxyType({
    "category": "categoryid", "createdBy": "createdbyid", "updatedBy": "updatedbyid", "itemCount": "itemscount",
})  # fmt: skip
"""Our name of a member -> what frameworks call it of themselves, in lower case and without underscores: a foreign key with `_id`, and a
count with the plural of what it counts (Laravel's `withCount`, Rails' `counter_cache`)."""
BRACKETS = re.compile(r"(\w+)\[(\w+)\]")


def query_members(operation: Operation) -> Members:
    """The query parameters of an operation, as if they were the members of one object."""
    asked = [parameter for parameter in operation.parameters if parameter.location == "query"]
    named = {parameter.name: parameter.schema for parameter in asked}
    required = frozenset(parameter.name for parameter in asked if parameter.required)
    return Members(None, named, required)


def parameters_of_other_form(mine: Operation, other: Operation, spec: Spec) -> Iterator[tuple[str, str]]:
    """(the target's parameter, ours) of those whose names or values have another form than ours."""
    asked, known = query_members(mine).named, query_members(other).named
    if "limit" in asked and "limit" not in known:
        yield from ((name, "limit") for name in known if plain(name) in LENGTHS)
    yield from _in_brackets([name for name in asked if name not in known], known)
    if not asked.keys() >= ORDER.keys() or known.keys() & ORDER.keys():
        return
    if {"page", "size", "sort"} <= known.keys() and kind(spec, known["sort"]) == "array":
        yield "sort", SORTED  # Spring's `Pageable`
        return
    yield from ((name, SIGNED) for name, schema in known.items() if _has_minus(spec, schema))


def _in_brackets(wanted: list[str], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(`filter[status]`, `status`), as JSON:API and spatie's query builder write it; `page[number]` and `page[size]` are those of a page."""
    meant = {plain(name): name for name in wanted}
    meant |= {ALIASES[name]: name for name in wanted if name in ALIASES}
    for name in known:
        found = BRACKETS.fullmatch(name)
        if found is None:
            continue
        if found[1] == PAGE:
            ours = PAGE if found[2] == "number" else "limit" if plain(found[2]) in {*LENGTHS, "limit"} else ""
        else:
            ours = meant.get(plain(found[2]), "")
        if ours in wanted:
            yield name, ours


def _has_minus(spec: Spec, schema: Any) -> bool:
    """Whether one of the values that a schema tells of a text, or of the elements of a list, has a minus before it."""
    whole = followed(spec.document, schema)
    parts = (whole, followed(spec.document, whole.get("items")) if isinstance(whole, Mapping) else None)
    told: list[Any] = []
    for part in parts:
        if isinstance(part, Mapping):
            told += [*part.get("enum", ()), *part.get("examples", ()), part.get("example")]
            default = part.get("default")
            told += default if isinstance(default, list) else [default]
    return any(isinstance(word, str) and re.fullmatch(r"-[A-Za-z]\w*(,.*)?", word) for word in told)
