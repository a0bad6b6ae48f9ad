"""Two schemas side by side: what does the new one refuse that the old one allowed, and the other way round?

Every keyword is compared by a rule of its own and in its direction. What no rule understands is `keyword-changed`,
which is unknown and not harmless. A pair of schemas is looked at once, so recursion ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from reports.compat.difference import Difference, Severity, Side
from reports.compat.pointers import named
from reports.compat.schema.keyword_diff import KEYWORDS, UNDERSTOOD
from reports.compat.schema.schema_shape import SchemaShape

Direction = Literal["request", "response"]
_OF_MEMBERS = frozenset({"property-added", "property-removed", "optional-removed", "required-dropped"})
"""What is said of the object, and not of the member that it names."""

Pair = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


@dataclass(slots=True, kw_only=True)
class SchemaDiff:
    """One operation in one direction. `seen` grows with every pair of schemas."""

    operation: str
    direction: Direction
    seen: set[Pair] = field(default_factory=set)
    about: str = ""
    """The name of the parameter: where it stands in a list, its pointer has only a number."""

    def change(self, stem: str, where: SchemaShape | str, side: Side, text: str) -> Difference:
        pointer = where if isinstance(where, str) else where.pointer
        rule = f"{self.direction}.{stem}"
        place = re.sub(r"/properties/[^/]+$", "", pointer) if stem in _OF_MEMBERS else pointer
        told = re.sub(r"^\d+", self.about, named(place)) if self.about else named(place)
        return Difference(
            rule=rule, operation=self.operation, pointer=pointer, side=side, text=f"{told}: {text}"
        )

    @property
    def asks(self) -> bool:
        return self.direction == "request"

    def compare(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        pair = (old.key, new.key)
        if pair in self.seen:
            return
        self.seen.add(pair)
        if old.chooses or new.chooses:
            yield from self._variants(old.variants, new.variants)
            return
        if not old.types & new.types:
            told = f"is {kinds(new)} and was {kinds(old)}"
            yield self.change("type-changed", new.place("type"), "new", told)
            return
        yield from self._keywords(old, new)
        if "object" in old.types & new.types:
            yield from self._members(old, new)
        if "array" in old.types & new.types:
            yield from self.compare(old.inner("items"), new.inner("items"))

    def _keywords(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        if old.schemas == new.schemas:
            return
        for judge in KEYWORDS:
            for stem, keyword, told in judge(old, new):
                if stem == "may-be-empty" and self.asks:
                    stem = "range-widened"
                if stem == "default-changed" and not self.asks:
                    continue
                gone = keyword in {word for part in old.parts for word in part.schema} and not new.said(
                    keyword
                )
                place, side = (old.place(keyword), "old") if gone else (new.place(keyword), "new")
                yield self.change(stem, place, "old" if side == "old" else "new", told)
        others = {word for shape in (old, new) for part in shape.parts for word in part.schema} - UNDERSTOOD
        for keyword in sorted(others):
            if old.texts(keyword) != new.texts(keyword):
                told = f"`{keyword}` is different, and what that means cannot be told"
                yield self.change("keyword-changed", new.place(keyword), "new", told)

    def _members(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        for name in old.properties:
            if name in new.properties:
                yield from self._kept(name, old, new)
            else:
                yield self._lost(name, old, new)
        for name in new.properties:
            if name not in old.properties:
                if self.asks and name in new.required:
                    told = f"`{name}` is new and must be sent"
                    yield self.change("required-added", new.required[name], "new", told)
                else:
                    yield self.change("property-added", new.member(name), "new", f"`{name}` is new")
        yield from self.compare(old.inner("propertyNames"), new.inner("propertyNames"))
        yield from self._rest(old, new)

    def _kept(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        if name in new.required and name not in old.required:
            told = "must be sent now" if self.asks else "is always there now"
            yield self.change("required-added", new.required[name], "new", f"`{name}` {told}")
        elif name in old.required and name not in new.required:
            told = "may be left out now" if self.asks else "may be missing now"
            yield self.change("required-dropped", new.member(name), "new", f"`{name}` {told}")
        yield from self.compare(old.properties[name], new.properties[name])

    def _lost(self, name: str, old: SchemaShape, new: SchemaShape) -> Difference:
        member = old.member(name)
        if self.asks:
            told = "is refused now" if new.rest is None else "is not understood any more"
            return self.change("property-removed", member, "old", f"`{name}` {told}")
        if name in old.required:
            return self.change("property-removed", member, "old", f"`{name}` does not come any more")
        told = f"`{name}` does not come any more; it was never sure to come"
        return self.change("optional-removed", member, "old", told)

    def _rest(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        if old.rest is None or new.rest is None:
            if old.rest is not None:
                yield self.change(
                    "closed", new.place("additionalProperties"), "new", "no other member may stand here now"
                )
            elif new.rest is not None:
                yield self.change("opened", new, "new", "other members may stand here now")
            return
        yield from self.compare(old.rest, new.rest)

    def _variants(self, old: tuple[SchemaShape, ...], new: tuple[SchemaShape, ...]) -> Iterator[Difference]:
        left = list(new)
        for variant in old:
            best = self._nearest(variant, left)
            if best is None:
                yield self.change(
                    "variant-removed", variant, "old", f"{kinds(variant)} is no choice any more"
                )
            else:
                left.remove(best)
                yield from self.compare(variant, best)
        for variant in left:
            yield self.change("variant-added", variant, "new", f"{kinds(variant)} is a choice now")

    def _nearest(self, variant: SchemaShape, among: list[SchemaShape]) -> SchemaShape | None:
        """The one to which the fewest changes lead; one that tells itself apart by a value is no other's neighbour."""
        ranked: list[tuple[int, int, int]] = []
        for index, other in enumerate(among):
            if variant.types & other.types and not _told_apart(variant, other):
                trial = SchemaDiff(operation=self.operation, direction=self.direction, seen=set(self.seen))
                found = list(trial.compare(variant, other))
                broken = sum(change.severity is not Severity.HARMLESS for change in found)
                ranked.append((broken, len(found), index))
        return among[min(ranked)[2]] if ranked else None


def _told_apart(one: SchemaShape, other: SchemaShape) -> bool:
    """Whether a member that both must have has no value in common: the `type` of a bulk operation."""
    for name in one.required.keys() & other.required.keys() & one.properties.keys() & other.properties.keys():
        values, others = one.properties[name].values, other.properties[name].values
        if values is not None and others is not None and not values & others:
            return True
    return False


def kinds(shape: SchemaShape) -> str:
    """The types in words."""
    names = sorted(shape.types - {"fraction"} if "integer" not in shape.types else shape.types)
    if {"integer", "fraction"} <= shape.types:
        names = sorted({*names, "number"} - {"integer", "fraction"})
    elif "fraction" in shape.types:
        names.append("fraction")
    return " or ".join(names) if len(names) < 6 else "anything"
