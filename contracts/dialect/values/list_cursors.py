"""`ListCursor`: how a list is read on that has no page numbers: what an answer tells of the next page is sent back as it is (AIP-158, Relay,
Django's CursorPagination, GitHub's `Link`).

>>> ListCursor("cursor", (("data", "nextCursor"),), link=False).following({"data": {"nextCursor": "b2Zm"}}, "")
'b2Zm'
>>> ListCursor("after", (("end",),), link=False).following({"end": "b2Zm", "hasMore": False}, "")
''
>>> ListCursor("after", (), link=True).following([], '<https://h/items?after=b2Zm>; rel="next"')
'b2Zm'
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from contracts.dialect.schema_members import Members, kind, response_members
from contracts.dialect.values.value_forms import plain
from contracts.spec import Operation, Spec

PARAMETERS = frozenset(
    {"cursor", "after", "pagetoken", "nexttoken", "nextcursor", "pagecursor", "continuation", "continuationtoken", "marker"}
)  # fmt: skip
"""The usual names of the parameter, in lower case and without underscores."""
MEMBERS = frozenset(
    {"nextcursor", "nextpagetoken", "nexttoken", "endcursor", "next", "cursor", "continuation", "continuationtoken", "nextmarker"}
)  # fmt: skip
MORE = frozenset({"hasmore", "hasnext", "hasnextpage"})
"""Members that say whether a page follows, beside a cursor that is always there."""
NEXT = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next\b')
DEEPEST = 4


class ListCursor(NamedTuple):
    """The parameter that takes a cursor, and where an answer has it: at one of these places, or in the URL of its `link` to the next page."""

    parameter: str
    places: tuple[tuple[str, ...], ...]
    link: bool

    def following(self, value: Any, link: str) -> str:
        """What the next request has to send; empty after the last page. `value` is the answer as it came."""
        for place in self.places:
            holder = _at(value, place[:-1])
            found = holder.get(place[-1]) if isinstance(holder, Mapping) else None
            ended = isinstance(holder, Mapping) and any(
                plain(name) in MORE and told is False for name, told in holder.items()
            )
            if isinstance(found, str | int) and not isinstance(found, bool) and found != "" and not ended:
                return self._of_url(str(found))
        linked = NEXT.search(link) if self.link else None
        return self._of_url(linked[1]) if linked else ""

    def _of_url(self, text: str) -> str:
        asked = parse_qs(urlsplit(text).query) if "=" in text and "?" in text else {}
        return asked.get(self.parameter, [text])[0]


def list_cursor(spec: Spec, operation: Operation | None) -> ListCursor | None:
    """How a list of this document is read on by a cursor; None if it has page numbers, or no cursor that is known by its name or by
    `x-dialect: {cursor: {parameter: …, member: …}}`."""
    if operation is None:
        return None
    named = spec.document.get("x-dialect", {})
    declared = named.get("cursor", {})
    asked = [p.name for p in operation.parameters if p.location == "query"]
    known = [name for name in asked if name == declared.get("parameter") or plain(name) in PARAMETERS]
    paged = any(named.get("parameters", {}).get(name, name) == "page" for name in asked)
    if paged or not known:
        return None
    answer = operation.success
    body = response_members(spec, operation, answer.status)
    wanted = {plain(declared["member"])} if declared.get("member") else MEMBERS
    places = tuple(sorted(_places(body, wanted), key=len))
    link = any(header.name.lower() == "link" for header in answer.headers)
    return ListCursor(known[0], places, link) if places or link else None


def _places(members: Members, wanted: frozenset[str] | set[str], depth: int = 0) -> Iterator[tuple[str, ...]]:
    """The paths of the members with such a name, outside of lists."""
    if members.spec is None or depth > DEEPEST:
        return
    for name, schema in members.named.items():
        if plain(name) in wanted and kind(members.spec, schema) in ("string", "integer"):
            yield (name,)
        elif members.of(name).named:
            yield from ((name, *rest) for rest in _places(members.of(name), wanted, depth + 1))


def _at(value: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
