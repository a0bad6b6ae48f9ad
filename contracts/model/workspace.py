"""The content of one workspace in the model, as immutable values.

An item is a list of versions, oldest first; a version is a whole snapshot of the item and the kind of change that made it. Stamps are
`Unknown`s whose keys count the changes of the workspace, so their order is known before any of them has been seen.

`bind` records the server's choices that an answer shows, and checks the laws about them: ids are new, stamps strictly increase from
change to change, and no change gets a stamp that an earlier complete sync has passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.model.messages import Disagreement, ExpectedResponse, Request
from contracts.model.unknown import Bindings, Unknown, shown
from contracts.model.unpromised import promised_list

CONTENT = ("title", "body", "category", "tags", "platforms", "metadata")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STAMPS = ("createdAt", "updatedAt", "publishedAt")
THIS_CHANGE = Unknown("stamp", -1)
"""A placeholder for the stamp of the change that is being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an item. `snapshot` is the ContentItem at this version, `notify` the flag in its event. Members of type Any may be
    Unknown."""

    number: int
    change: Any
    id: Any
    snapshot: Mapping[str, Any]
    backup: Any = False
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    versions: tuple[Version, ...]

    @property
    def now(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """The first successful request with an idempotency key, and its answer."""

    body: Any
    answer: ExpectedResponse


@dataclass(frozen=True, slots=True)
class CompleteSync:
    """A complete sync: the number of changes made until then, and the server's time stamp."""

    changes: int
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The content of one workspace. `limbo` are unanswered writes that may still be executed, `taken` those that were. `partial` says
    that unknown items may exist, but, if `own` is not empty, none with that text in its title or body. `silent` are those of `SILENCES`
    about which the target's document says nothing, so that a server may do either."""

    items: tuple[Item, ...] = ()
    categories: tuple[Category, ...] = ()
    kept: Mapping[tuple[str, str], KeptResponse] = field(default_factory=dict)
    known: Mapping[Unknown, Any] = field(default_factory=dict)
    stamps: int = 0
    presents: tuple[CompleteSync, ...] = ()
    limbo: tuple[Request, ...] = ()
    taken: tuple[Request, ...] = ()
    partial: bool = False
    own: str = ""
    silent: frozenset[str] = frozenset()

    def text(self, value: Any) -> Any:
        """The known value of a server's choice; the Unknown itself if no answer has shown it."""
        return self.known.get(value, value) if isinstance(value, Unknown) else value

    def id_of(self, item: Item) -> Any:
        return self.text(item.now.snapshot["id"])

    def ids(self) -> set[str]:
        return {i for i in map(self.id_of, self.items) if isinstance(i, str)}

    def with_item(self, index: int, item: Item) -> Workspace:
        return replace(self, items=(*self.items[:index], item, *self.items[index + 1 :]))

    def new_stamp(self) -> tuple[Workspace, Unknown]:
        """The stamp of the next change, which is greater than all before."""
        return replace(self, stamps=self.stamps + 1), Unknown("stamp", self.stamps)

    def limits(self, stamp: Unknown) -> tuple[str, str]:
        """The bounds of a stamp as text (of an unseen one the lower is excluded, the upper may be included)."""
        if stamp in self.known:
            return self.known[stamp], self.known[stamp]
        seen = [(u.key, t) for u, t in self.known.items() if u.kind == "stamp"]
        low = [t for key, t in seen if key < stamp.key] + [
            p.stamp for p in self.presents if p.changes <= stamp.key
        ]
        high = [t for key, t in seen if key > stamp.key] + [
            p.stamp for p in self.presents if p.changes > stamp.key
        ]
        return max(low, default=""), min(high, default="~")


def change(
    space: Workspace, index: int, request: Request, kind: str, *, notify: bool = False, **fields: Any
) -> Workspace:
    """The workspace after a change of one item, which has a new version, stamp and author."""
    item = space.items[index]
    space, stamp = space.new_stamp()
    number = item.now.number + 1
    snapshot = {
        **item.now.snapshot,
        **{name: stamp if value is THIS_CHANGE else value for name, value in fields.items()},
        "version": number,
        "updatedAt": stamp,
        "updatedBy": request.caller.user,
    }
    version = Version(
        number=number, change=kind, id=Unknown("version", index, number), snapshot=snapshot, notify=notify
    )
    return space.with_item(index, Item((*item.versions, version)))


def identify(space: Workspace, wanted: str) -> Iterator[tuple[Workspace, int | None]]:
    """The index of the item with this id, or None. Each item whose id no answer has shown may be it, too: one result for each."""
    for index, item in enumerate(space.items):
        if space.id_of(item) == wanted:
            yield space, index
            return
    yield space, None
    for index, item in enumerate(space.items):
        name = space.id_of(item)
        if isinstance(name, Unknown):
            bound = bind(space, {name: wanted})
            if isinstance(bound, Workspace):
                yield bound, index


def bind(space: Workspace, bindings: Bindings) -> Workspace | Disagreement:
    """The workspace with these choices known, or a Disagreement for the first law that they break."""
    known = dict(space.known)
    space = replace(space, known=known)
    for unknown, value in bindings.items():
        broken = _broken(space, unknown, value)
        if broken is not None:
            return broken
        if unknown.kind == "present":
            space = replace(space, presents=_with_present(space, value))
        elif unknown.kind != "text":
            known[unknown] = value
    return space


def _with_present(space: Workspace, stamp: str) -> tuple[CompleteSync, ...]:
    """The complete syncs with this one added. Between two changes only the first and the last matter."""
    present = CompleteSync(space.stamps, stamp)
    old = space.presents
    if [p.changes for p in old[-2:]] == [space.stamps] * 2:
        old = old[:-1]
    return (*old, present)


def _broken(space: Workspace, unknown: Unknown, value: Any) -> Disagreement | None:
    kind = unknown.kind
    if kind in ("item", "version"):
        return _broken_id(space, unknown, value)
    if kind == "stamp":
        return _broken_stamp(space, unknown, value)
    if kind == "present":
        latest = max(
            [t for u, t in space.known.items() if u.kind == "stamp"] + [p.stamp for p in space.presents],
            default="",
        )
        if not isinstance(value, str) or not STAMP.fullmatch(value) or value < latest:
            return Disagreement(
                "law: sync reaches the present", f"a stamp from {latest or 'any'} on", shown(value)
            )
    if kind == "text" and not (isinstance(value, str) and value):
        return Disagreement("law: errors have a sentence", "a text", shown(value))
    return None


def _broken_id(space: Workspace, unknown: Unknown, value: Any) -> Disagreement | None:
    if not (isinstance(value, str) and value):  # what it is made of is the document's affair
        return Disagreement("law: ids", "a text", shown(value))
    if unknown.kind == "item" and (value.startswith("temp-") or value == "bulk"):
        return Disagreement("law: ids of items", "neither temp- nor bulk", shown(value))
    named = space.ids() if unknown.kind == "item" else {v.id for item in space.items for v in item.versions}
    if value in named or value in [t for u, t in space.known.items() if u.kind == unknown.kind]:
        return Disagreement("law: ids are fresh", "an id never used before", shown(value))
    return None


def _broken_stamp(space: Workspace, unknown: Unknown, value: Any) -> Disagreement | None:
    if not isinstance(value, str) or not STAMP.fullmatch(value):
        return Disagreement("law: stamps", "UTC with six fraction digits and Z", shown(value))
    low, high = space.limits(unknown)
    later = [t for u, t in space.known.items() if u.kind == "stamp" and u.key > unknown.key]
    # A stamp may equal that of a complete sync which saw it, but not that of another change.
    if value <= low or value > high or value in later:
        wanted = f"after {low or 'nothing'}" + (f" and before {high}" if high != "~" else "")
        return Disagreement("law: stamps order the changes", wanted, value)
    return None


def adopt(
    items: list[Mapping[str, Any]],
    categories: list[Mapping[str, Any]],
    versions: Mapping[str, list[Mapping[str, Any]]] | None = None,
    *,
    partial: bool = False,
    own: str = "",
) -> Workspace:
    """An existing workspace, from full reads: its ContentItems (archived ones too), its category tree with `includeEmpty`, and for each
    id the ContentVersions that were read. Older versions are unknown until an answer shows them.

    `partial` says that there may be other items: lists are then judged by the known ones only, except for a search for the text `own`,
    which stands in the title of every item that the test creates and of no other.
    """
    given = versions or {}
    all_stamps = {
        item[name]
        for item in (*items, *(v["snapshot"] for vs in given.values() for v in vs))
        for name in STAMPS
        if item[name] is not None
    }
    order = {text: Unknown("stamp", key) for key, text in enumerate(sorted(all_stamps))}
    return Workspace(
        items=tuple(
            Item(_history(index, item, given.get(item["id"], []), order)) for index, item in enumerate(items)
        ),
        categories=tuple(_flat(categories)),
        known={unknown: text for text, unknown in order.items()},
        stamps=len(order),
        partial=partial,
        own=own,
    )


def _history(
    index: int, item: Mapping[str, Any], given: list[Mapping[str, Any]], order: Mapping[str, Unknown]
) -> tuple[Version, ...]:
    seen = {v["version"]: v for v in given}
    newest = _stamped(item, order)
    entries = []
    for number in range(1, item["version"] + 1):
        version = seen.get(number)
        if number == item["version"]:
            snapshot = newest
        elif version is not None:
            snapshot = _stamped(version["snapshot"], order)
        else:
            snapshot = {name: Unknown("field", index, f"{number}/{name}") for name in item}
            snapshot |= {name: newest[name] for name in ("id", "createdAt", "createdBy")}
            snapshot |= {"version": number}
        entries.append(
            Version(
                number=number,
                change=version["changeType"] if version else Unknown("field", index, f"{number}/change"),
                id=version["id"] if version else Unknown("version", index, number),
                snapshot=snapshot,
                backup=version["backup"] if version else Unknown("field", index, f"{number}/backup"),
            )
        )
    return tuple(entries)


def _stamped(item: Mapping[str, Any], order: Mapping[str, Unknown]) -> dict[str, Any]:
    return {n: order[v] if n in STAMPS and v is not None else v for n, v in item.items()}


def _flat(tree: list[Mapping[str, Any]], parent: str | None = None) -> Iterator[Category]:
    for node in tree:
        yield Category(node["id"], node["name"], parent)
        yield from _flat(promised_list(node["children"]), node["id"])
