"""Walks two schemas side by side: what does the new one refuse that the old one allowed, and the other way round?

Every keyword is compared by a rule of its own and in its direction. What no rule understands is `keyword-changed`,
which is unknown and not harmless. A pair of schemas is looked at once, so recursion ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from reports.compat.difference import SCHEMA_RULES, Difference, Severity, Side
from reports.compat.pointers import named
from reports.compat.schema import finite_values
from reports.compat.schema.condition_diff import Effects, conditions, dependents
from reports.compat.schema.discriminator_diff import discriminators, inherited
from reports.compat.schema.keyword_diff import KEYWORDS, UNDERSTOOD, Said, contents, defaults, types
from reports.compat.schema.schema_equality import Equality
from reports.compat.schema.schema_shape import SchemaShape, narrowed
from reports.compat.schema.variant_diff import choice, exclusive, kinds, overlapping, paired

Direction = Literal["request", "response"]
_OF_MEMBERS = frozenset({"property-added", "property-removed", "optional-removed", "required-dropped"})
"""What is said of the object, and not of the member that it names."""

Key = tuple[tuple[str, str], ...]
_MOST_STEPS = 20_000


class TooMuch(Exception):
    """Two schemas have more combinations than anybody would wait for."""


@dataclass(slots=True)
class Steps:
    """How many pairs of schemas may still be looked at for one operation."""

    left: int = _MOST_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuch


@dataclass(slots=True, kw_only=True)
class SchemaDiff:
    """The comparison of two schemas in one operation and direction. `seen` grows with every pair of schemas."""

    operation: str
    direction: Direction
    equality: Equality
    seen: set[tuple[Key, Key]] = field(default_factory=set)
    about: str = ""
    """The name of the parameter: where it stands in a list, its pointer has only a number."""
    strict: bool = False
    """Whether undeclared members count as anything: within `not` or `if`, where no client's habit protects."""
    steps: Steps = field(default_factory=Steps)

    def change(self, stem: str, where: SchemaShape | str, side: Side, text: str) -> Difference:
        pointer = where if isinstance(where, str) else where.pointer
        place = re.sub(r"/properties/[^/]+$", "", pointer) if stem in _OF_MEMBERS else pointer
        told = re.sub(r"^\d+", self.about, named(place)) if self.about else named(place)
        rule = f"{self.direction}.{stem}"
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
        self.steps.take()
        if self.equality.shapes(old, new):
            return
        if not self.strict:
            yield from self._said(old, new, discriminators(old, new, self.equality))
            for one, other in inherited(old, new):
                yield from self.compare(one, other)
        if old.chooses or new.chooses:
            yield from self._variants(old, new)
            return
        if not old.types & new.types:
            if old.types:
                told = f"is {kinds(new)} and was {kinds(old)}"
                yield self.change(
                    "type-changed" if new.types else "type-narrowed", new.place("type"), "new", told
                )
            elif new.types:
                yield self.change(
                    "type-widened", new.place("type"), "new", f"may be {kinds(new)} now and might be nothing"
                )
            return
        if any(finite_values.listed(*pair) is not None for pair in ((old, new), (new, old))):
            yield from self._said(old, new, finite_values.values(old, new))
            for said in (contents(old, new), self._others(old, new)):
                yield from self._said(old, new, said)
            yield from self._defaults(old, new)
            return
        yield from self._keywords(old, new)
        if "object" in old.types & new.types:
            yield from self._members(old, new)
        if "array" in old.types & new.types:
            yield from self._items(old, new)

    def effects(self, old: SchemaShape, new: SchemaShape) -> Effects:
        """What the new schema is to the old one, exactly and by itself."""
        trial = replace(self, strict=True, seen=set())
        stems = {change.rule.partition(".")[2] for change in trial.compare(old, new)}
        return frozenset(each for stem in stems for each in SCHEMA_RULES[stem][0].split(", ") if each)

    def _keywords(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        yield from self._said(old, new, types(old, new))
        for judge in KEYWORDS:
            yield from self._said(old, new, judge(old, new))
        yield from self._defaults(old, new)
        yield from self._said(old, new, conditions(old, new, self.equality, self.effects))
        yield from self._said(old, new, dependents(old, new, self.effects))
        yield from self._said(old, new, self._others(old, new))

    def _defaults(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        if self.asks and not self.strict:
            yield from self._said(old, new, defaults(old, new))

    def _others(self, old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
        for keyword in sorted((old.words | new.words) - UNDERSTOOD):
            if not self.equality.silent(keyword) and not self.equality.keyword(
                keyword, old.said(keyword), new.said(keyword)
            ):
                yield (
                    "keyword-changed",
                    keyword,
                    f"`{keyword}` is different, and what that means cannot be told",
                )
        if old.scattered or new.scattered:
            told = (
                "the schema is different where `unevaluated…` looks at it, and what that means cannot be told"
            )
            keyword = next(
                word
                for word in ("unevaluatedProperties", "unevaluatedItems")
                if word in old.words | new.words
            )
            yield "keyword-changed", keyword, told

    def _said(self, old: SchemaShape, new: SchemaShape, said: Iterator[Said]) -> Iterator[Difference]:
        for stem, keyword, told in said:
            if stem == "may-be-empty" and self.asks:
                stem = "range-widened"
            gone = keyword in old.words and keyword not in new.words
            yield self.change(stem, (old if gone else new).place(keyword), "old" if gone else "new", told)

    def _members(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        before, here = self._spoken(old), self._spoken(new)
        for name in dict.fromkeys((*before, *here, *old.required, *new.required)):
            was, now = name in before, name in here
            if (was and now) or self.strict or not (was or now):
                yield from self._kept(name, old, new)
            elif was:
                yield from self._lost(name, old, new)
            else:
                yield from self._gained(name, old, new)
        string = {"type": "string"}
        names = (narrowed(each.inner("propertyNames"), string, "name") for each in (old, new))
        if "propertyNames" in old.words | new.words:
            yield from self.compare(*names)
        yield from self._rest(old, new)

    def _spoken(self, shape: SchemaShape) -> list[str]:
        """The members that a client sends, or gets."""
        word = "readOnly" if self.asks else "writeOnly"
        declared = shape.declared
        return [name for name in declared if self.strict or True not in shape.at(name).said(word)]

    def _needs(self, shape: SchemaShape, name: str) -> bool:
        word = "readOnly" if self.asks else "writeOnly"
        return name in shape.required and (self.strict or True not in shape.at(name).said(word))

    def _kept(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        was, now = self._needs(old, name), self._needs(new, name)
        if now and not was:
            told = "must be sent now" if self.asks else "is always there now"
            yield self.change("required-added", new.required[name], "new", f"`{name}` {told}")
        elif was and not now:
            told = "may be left out now" if self.asks else "may be missing now"
            declared = name in new.declared
            place = new.member(name) if declared else old.required[name]
            yield self.change("required-dropped", place, "new" if declared else "old", f"`{name}` {told}")
        if self.strict or (name in self._spoken(old) and name in self._spoken(new)):
            yield from self.compare(old.at(name), new.at(name))

    def _gained(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        if self.asks and self._needs(new, name) and not self._needs(old, name):
            yield self.change(
                "required-added", new.required[name], "new", f"`{name}` is new and must be sent"
            )
        else:
            yield self.change("property-added", new.member(name), "new", f"`{name}` is new")
        if self._needs(old, name) and not self._needs(new, name):
            told = "may be left out now" if self.asks else "may be missing now"
            yield self.change("required-dropped", new.member(name), "new", f"`{name}` {told}")
        # A map had a say about every name: what is declared now was one of its members before.
        if old.maps and old.at(name).types:
            yield from self.compare(old.at(name), new.at(name))
        elif old.free and self.asks:
            told = f"`{name}` could be anything in this map, and whether anybody sent it so cannot be told"
            yield self.change("keyword-changed", new.member(name), "new", told)

    def _lost(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        member = old.member(name)
        if self.asks:
            told = "is not understood any more" if new.at(name).types else "is refused now"
            yield self.change("property-removed", member, "old", f"`{name}` {told}")
        elif name in old.required:
            yield self.change("property-removed", member, "old", f"`{name}` does not come any more")
        else:
            told = f"`{name}` does not come any more; it was never sure to come"
            yield self.change("optional-removed", member, "old", told)
            if new.maps and new.at(name).types:
                yield from self.compare(old.at(name), new.at(name))
        if self.asks and self._needs(new, name) and not self._needs(old, name):
            yield self.change("required-added", new.required[name], "new", f"`{name}` must be sent now")

    def _rest(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        words = old.words | new.words
        keyword = "additionalProperties" if "additionalProperties" in words else "unevaluatedProperties"
        yield from self._extra(old.rest, new.rest, new, keyword)
        patterns = dict.fromkeys((*old.patterns, *new.patterns))
        for pattern in patterns:
            yield from self._extra(old.under(pattern), new.under(pattern), new, "patternProperties")
        if set(old.patterns) != set(new.patterns) and len(patterns) > 1:
            told = "`patternProperties` is different, and which pattern a name matches cannot be told"
            yield self.change("keyword-changed", new.place("patternProperties"), "new", told)

    def _extra(
        self, was: SchemaShape, now: SchemaShape, new: SchemaShape, keyword: str
    ) -> Iterator[Difference]:
        """Members that are not declared: none, some, or any."""
        if was.types and now.types:
            yield from self.compare(was, now)
        elif was.types:
            yield self.change("closed", new.place(keyword), "new", "no other member may stand here now")
        elif now.types:
            yield self.change("opened", new, "new", "other members may stand here now")

    def _items(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        longest = max(old.prefix, new.prefix)
        most = min([*old.said("maxItems"), *new.said("maxItems")], default=longest + 1)
        for index in range(min(longest, most)):
            yield from self.compare(old.item(index), new.item(index))
        if longest < most or not longest:
            yield from self.compare(old.item(None), new.item(None))

    def _variants(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        before, here = old.by_type(), new.by_type()
        found = None
        if before is not None and here is not None:
            found = paired(before, here, self.equality, self._trial, self._contained)
        keyword = next(word for word in ("oneOf", "anyOf") if word in old.words | new.words)
        place = new.place(keyword) if keyword in new.words else old.place(keyword)
        side: Side = "new" if keyword in new.words else "old"
        if before is None or here is None or found is None:
            told = f"`{keyword}` has too many combinations to compare"
            yield self.change("keyword-changed", place, side, told)
            return
        for one, other in found.pairs:
            yield from self.compare(one, other)
        for variant in found.lost:
            yield self.change("variant-removed", variant, "old", f"{kinds(variant)} is no choice any more")
        for variant in found.gained:
            yield self.change("variant-added", variant, "new", f"{kinds(variant)} is a choice now")
        told_apart = not self.strict and bool({*old.words, *new.words} & {"discriminator"})
        if (exclusive(old) or exclusive(new)) and not told_apart:
            # Where the same variants are put together otherwise, any two of them matter.
            whole = not choice(old) or choice(old) != choice(new)
            if overlapping(before, here, self.equality, whole=whole, strict=self.strict):
                told = "a value of two variants is refused, and whether there is one cannot be told"
                yield self.change("variants-overlap", place, side, told)
        if old.scattered or new.scattered:
            yield from self._said(old, new, self._others(old, new))

    def _trial(self, one: SchemaShape, other: SchemaShape) -> tuple[int, int, int]:
        trial = replace(self, seen=set())
        found = list(trial.compare(one, other))
        harmed = sum(change.severity is not Severity.HARMLESS for change in found)
        return harmed, len(found), 0

    def _contained(self, one: SchemaShape, other: SchemaShape, grown: bool) -> bool:
        """Whether the old one has no value that the new one lacks; `grown`: the new one none that the old one lacks."""
        found = self.effects(one, other)
        return not found & ({"wider", "perhaps wider"} if grown else {"narrower", "perhaps narrower"})
