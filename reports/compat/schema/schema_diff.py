"""The walk over two schemas that finds which values only one of them allows, member by member.

Each keyword has a comparison of its own. A changed keyword without one is `keyword-changed`, whose severity is unknown and
not harmless. Each pair of schemas is visited once, so recursion ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from reports.compat.difference import SCHEMA_RULES, Difference, Severity, Side
from reports.compat.pointers import short_name
from reports.compat.schema import finite_values
from reports.compat.schema.condition_diff import Effects, conditions, dependents
from reports.compat.schema.discriminator_diff import discriminators, inherited
from reports.compat.schema.keyword_diff import (
    KEYWORDS,
    UNDERSTOOD,
    KeywordChange,
    content_keywords,
    defaults,
)
from reports.compat.schema.schema_equality import SchemaEquality
from reports.compat.schema.schema_shape import UNEVALUATED, SchemaShape, with_constraint
from reports.compat.schema.variant_diff import choice, exclusive, overlapping, pair_variants, type_names

Direction = Literal["request", "response"]
_OF_MEMBERS = frozenset({"property-added", "property-removed", "optional-removed", "required-dropped"})
"""Rules about the object; their pointer is that of the member."""

Key = tuple[tuple[str, str], ...]
_MOST_STEPS = 20_000


class TooManyCombinations(Exception):
    """The comparison of two schemas would visit too many combinations to end in a useful time."""


@dataclass(slots=True)
class StepBudget:
    """The number of pairs of schemas that may still be visited for one operation."""

    left: int = _MOST_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyCombinations


@dataclass(slots=True, kw_only=True)
class SchemaDiff:
    """The comparison of the schemas of one operation in one direction. `seen` are the visited pairs of schemas."""

    operation: str
    direction: Direction
    equality: SchemaEquality
    seen: set[tuple[Key, Key]] = field(default_factory=set)
    about: str = ""
    """The name of the parameter, because a pointer into a list of parameters has only its index."""
    strict: bool = False
    """Whether undeclared members may have any value: within `not` and `if`, what clients usually send is no argument."""
    budget: StepBudget = field(default_factory=StepBudget)

    def change(self, stem: str, where: SchemaShape | str, side: Side, text: str) -> Difference:
        pointer = where if isinstance(where, str) else where.pointer
        place = re.sub(r"/properties/[^/]+$", "", pointer) if stem in _OF_MEMBERS else pointer
        message = re.sub(r"^\d+", self.about, short_name(place)) if self.about else short_name(place)
        rule = f"{self.direction}.{stem}"
        return Difference(
            rule=rule, operation=self.operation, pointer=pointer, side=side, text=f"{message}: {text}"
        )

    @property
    def is_request(self) -> bool:
        return self.direction == "request"

    def compare(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        pair = (old.key, new.key)
        if pair in self.seen:
            return
        self.seen.add(pair)
        self.budget.take()
        if self.equality.shapes(old, new):
            return
        if not self.strict:
            yield from self._changes(old, new, discriminators(old, new, self.equality))
            for one, other in inherited(old, new):
                yield from self.compare(one, other)
        if old.has_choices or new.has_choices:
            yield from self._variants(old, new)
            return
        if not old.types & new.types:
            if old.types or new.types:
                stem = "type-widened" if not old.types else "type-changed" if new.types else "type-narrowed"
                message = f"is {type_names(new)} and was {type_names(old)}"
                yield self.change(stem, new.pointer_of("type"), "new", message)
            return
        if any(finite_values.listed(*pair) is not None for pair in ((old, new), (new, old))):
            for found in (finite_values.values, content_keywords, self._others, self._defaults):
                yield from self._changes(old, new, found(old, new))
            return
        for judge in (*KEYWORDS, self._defaults, self._conditions, self._others):
            yield from self._changes(old, new, judge(old, new))
        if "object" in old.types & new.types:
            yield from self._members(old, new)
        if "array" in old.types & new.types:
            yield from self._items(old, new)

    def effects(self, old: SchemaShape, new: SchemaShape) -> Effects:
        """The exact relation of the new schema to the old one, without assumptions about clients."""
        trial = replace(self, strict=True, seen=set())
        stems = {change.rule.partition(".")[2] for change in trial.compare(old, new)}
        return frozenset(each for stem in stems for each in SCHEMA_RULES[stem][0].split(", ") if each)

    def _conditions(self, old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
        yield from conditions(old, new, self.equality, self.effects)
        yield from dependents(old, new, self.effects)

    def _defaults(self, old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
        if self.is_request and not self.strict:
            yield from defaults(old, new)

    def _others(self, old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
        for keyword in sorted((old.keywords | new.keywords) - UNDERSTOOD):
            if not self.equality.silent(keyword) and not self.equality.keyword(
                keyword, old.values_of(keyword), new.values_of(keyword)
            ):
                yield (
                    "keyword-changed",
                    keyword,
                    f"`{keyword}` is different, and what that means is unknown",
                )
        if old.unevaluated_unsure or new.unevaluated_unsure:
            keyword = max(UNEVALUATED & (old.keywords | new.keywords))
            message = "the schema differs where `unevaluated…` applies, and what that means is unknown"
            yield "keyword-changed", keyword, message

    def _changes(
        self, old: SchemaShape, new: SchemaShape, changes: Iterator[KeywordChange]
    ) -> Iterator[Difference]:
        for stem, keyword, message in changes:
            if stem == "may-be-empty" and self.is_request:
                stem = "range-widened"
            side: Side = "old" if keyword in old.keywords and keyword not in new.keywords else "new"
            yield self.change(stem, (old if side == "old" else new).pointer_of(keyword), side, message)

    def _members(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        before, here = (
            [name for name in each.declared if self._is_visible(each, name)] for each in (old, new)
        )
        for name in dict.fromkeys((*before, *here, *old.required, *new.required)):
            was, now = name in before, name in here
            if (was and now) or self.strict or not (was or now):
                yield from self._kept_member(name, old, new)
            elif was:
                yield from self._removed_member(name, old, new)
            else:
                yield from self._added_member(name, old, new)
        string = {"type": "string"}
        names = (with_constraint(each.subschema("propertyNames"), string, "name") for each in (old, new))
        if "propertyNames" in old.keywords | new.keywords:
            yield from self.compare(*names)
        yield from self._undeclared_members(old, new)

    def _is_visible(self, shape: SchemaShape, name: str) -> bool:
        """Whether a client sends the member in a request, or gets it in a response."""
        hidden_by = "readOnly" if self.is_request else "writeOnly"
        return self.strict or True not in shape.member(name).values_of(hidden_by)

    def _requires(self, shape: SchemaShape, name: str) -> bool:
        return name in shape.required and self._is_visible(shape, name)

    def _kept_member(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        was, now = self._requires(old, name), self._requires(new, name)
        if now and not was:
            message = "must be sent now" if self.is_request else "is always there now"
            yield self.change("required-added", new.required[name], "new", f"`{name}` {message}")
        elif was and not now:
            message = "may be left out now" if self.is_request else "may be missing now"
            declared = name in new.declared
            place = new.member_pointer(name) if declared else old.required[name]
            yield self.change("required-dropped", place, "new" if declared else "old", f"`{name}` {message}")
        if self.strict or all(name in each.declared and self._is_visible(each, name) for each in (old, new)):
            yield from self.compare(old.member(name), new.member(name))

    def _added_member(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        was, now = self._requires(old, name), self._requires(new, name)
        if self.is_request and now and not was:
            message = f"`{name}` is new and must be sent"
            yield self.change("required-added", new.required[name], "new", message)
        else:
            yield self.change("property-added", new.member_pointer(name), "new", f"`{name}` is new")
        if was and not now:
            message = "may be left out now" if self.is_request else "may be missing now"
            yield self.change("required-dropped", new.member_pointer(name), "new", f"`{name}` {message}")
        # A map constrains every name: a member that is declared now was one of its members before.
        if old.constrains_undeclared and old.member(name).types:
            yield from self.compare(old.member(name), new.member(name))
        elif old.is_free_map and self.is_request:
            message = f"`{name}` could be anything in this map, and whether a client sent it so is unknown"
            yield self.change("keyword-changed", new.member_pointer(name), "new", message)

    def _removed_member(self, name: str, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        member = old.member_pointer(name)
        if self.is_request:
            message = "is not understood any more" if new.member(name).types else "is refused now"
            yield self.change("property-removed", member, "old", f"`{name}` {message}")
        elif name in old.required:
            yield self.change("property-removed", member, "old", f"`{name}` does not come any more")
        else:
            message = f"`{name}` does not come any more; it was never sure to come"
            yield self.change("optional-removed", member, "old", message)
            if new.constrains_undeclared and new.member(name).types:
                yield from self.compare(old.member(name), new.member(name))
        if self.is_request and self._requires(new, name) and not self._requires(old, name):
            yield self.change("required-added", new.required[name], "new", f"`{name}` must be sent now")

    def _undeclared_members(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        words = old.keywords | new.keywords
        keyword = "additionalProperties" if "additionalProperties" in words else "unevaluatedProperties"
        yield from self._extra(old.undeclared, new.undeclared, new, keyword)
        patterns = dict.fromkeys((*old.patterns, *new.patterns))
        for pattern in patterns:
            yield from self._extra(old.pattern(pattern), new.pattern(pattern), new, "patternProperties")
        if set(old.patterns) != set(new.patterns) and len(patterns) > 1:
            message = "`patternProperties` is different, and which pattern a name matches is unknown"
            yield self.change("keyword-changed", new.pointer_of("patternProperties"), "new", message)

    def _extra(
        self, was: SchemaShape, now: SchemaShape, new: SchemaShape, keyword: str
    ) -> Iterator[Difference]:
        """The undeclared members: whether none, some or any are allowed."""
        if was.types and now.types:
            yield from self.compare(was, now)
        elif was.types:
            yield self.change("closed", new.pointer_of(keyword), "new", "no other member may stand here now")
        elif now.types:
            yield self.change("opened", new, "new", "other members may stand here now")

    def _items(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        longest = max(old.prefix_length, new.prefix_length)
        most = min([*old.values_of("maxItems"), *new.values_of("maxItems")], default=longest + 1)
        for index in range(min(longest, most)):
            yield from self.compare(old.item(index), new.item(index))
        if longest < most or not longest:
            yield from self.compare(old.item(None), new.item(None))

    def _variants(self, old: SchemaShape, new: SchemaShape) -> Iterator[Difference]:
        before, here = old.split_by_type(), new.split_by_type()
        found = None
        if before is not None and here is not None:
            found = pair_variants(before, here, self.equality, self._distance, self._contained)
        keyword = next(word for word in ("oneOf", "anyOf") if word in old.keywords | new.keywords)
        place = new.pointer_of(keyword) if keyword in new.keywords else old.pointer_of(keyword)
        side: Side = "new" if keyword in new.keywords else "old"
        if before is None or here is None or found is None:
            message = f"`{keyword}` has too many combinations to compare"
            yield self.change("keyword-changed", place, side, message)
            return
        for one, other in found.pairs:
            yield from self.compare(one, other)
        for variant in found.lost:
            yield self.change(
                "variant-removed", variant, "old", f"{type_names(variant)} is no choice any more"
            )
        for variant in found.gained:
            yield self.change("variant-added", variant, "new", f"{type_names(variant)} is a choice now")
        told_apart = not self.strict and bool({*old.keywords, *new.keywords} & {"discriminator"})
        if (exclusive(old) or exclusive(new)) and not told_apart:
            # If the same variants are combined by another keyword, any two of them matter.
            whole = not choice(old) or choice(old) != choice(new)
            if overlapping(before, here, self.equality, whole=whole, strict=self.strict):
                message = "a value of two variants is refused, and whether there is one is unknown"
                yield self.change("variants-overlap", place, side, message)
        if old.unevaluated_unsure or new.unevaluated_unsure:
            yield from self._changes(old, new, self._others(old, new))

    def _distance(self, one: SchemaShape, other: SchemaShape) -> tuple[int, int]:
        found = list(replace(self, seen=set()).compare(one, other))
        return sum(change.severity is not Severity.HARMLESS for change in found), len(found)

    def _contained(self, one: SchemaShape, other: SchemaShape, grown: bool) -> bool:
        """Whether the new schema allows all that the old one allows; with `grown` the other way round."""
        found = self.effects(one, other)
        return not found & ({"wider", "perhaps wider"} if grown else {"narrower", "perhaps narrower"})
