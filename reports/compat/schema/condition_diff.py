"""The comparison of `not`, `contains`, `if` and `dependentSchemas`, with references followed.

Conditions that both schemas have are left out. If one remains on each side, their subschemas are compared; the combined
meaning of several is unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from reports.compat.pointers import Node
from reports.compat.schema.keyword_diff import KeywordChange
from reports.compat.schema.schema_equality import SchemaEquality, without_equal_pairs
from reports.compat.schema.schema_shape import SchemaPart, SchemaShape, shape

Effects = frozenset[str]
"""The relation of the new schema to the old one: any of `narrower`, `wider`, `perhaps narrower`, `perhaps wider`."""

UNSURE = frozenset({"perhaps narrower", "perhaps wider"})
Compare = Callable[[SchemaShape, SchemaShape], Effects]


@dataclass(frozen=True, slots=True)
class SchemaCondition:
    """One `not`, `contains` or `if` of a schema, with the keywords that belong to it."""

    document: Any
    part: SchemaPart
    keywords: tuple[str, ...]

    @property
    def values(self) -> dict[str, Any]:
        return {word: self.part.schema[word] for word in self.keywords if word in self.part.schema}

    def subschema(self, word: str) -> SchemaShape:
        return shape(Node(self.document, self.part.schema.get(word, True), f"{self.part.pointer}/{word}"))


WORDS = (("not",), ("contains", "minContains", "maxContains"), ("if", "then", "else"))


def conditions(
    old: SchemaShape, new: SchemaShape, equality: SchemaEquality, effects: Compare
) -> Iterator[KeywordChange]:
    for words in WORDS:
        if words[0] == "contains" and "array" not in old.types & new.types:
            continue
        removed, added = without_equal_pairs(
            _conditions(old, words), _conditions(new, words), lambda *pair: equality.parts(*map(_alone, pair))
        )
        keyword = words[0]
        stem = "not" if keyword == "not" else "condition"
        if len(removed) > 1 or len(added) > 1:
            yield from _changes(stem, keyword, UNSURE)
        elif removed and added:
            yield from _changes(stem, keyword, COMPARISONS[keyword](removed[0], added[0], equality, effects))
        elif added:
            yield f"{stem}-narrowed", keyword, f"`{keyword}` is new and refuses values"
        elif removed:
            yield f"{stem}-widened", keyword, f"`{keyword}` is gone, and what it refused is allowed"


def _changes(stem: str, keyword: str, found: Effects) -> Iterator[KeywordChange]:
    if found & UNSURE:
        yield "keyword-changed", keyword, f"`{keyword}` is different, and what that means is unknown"
    if "narrower" in found:
        yield f"{stem}-narrowed", keyword, f"`{keyword}` refuses more now"
    if "wider" in found:
        yield f"{stem}-widened", keyword, f"`{keyword}` allows more now"


def _conditions(shape: SchemaShape, words: tuple[str, ...]) -> list[SchemaCondition]:
    found = [SchemaCondition(shape.document, part, words) for part in shape.parts if words[0] in part.schema]
    return [condition for condition in found if not _always_holds(condition)]


def _always_holds(condition: SchemaCondition) -> bool:
    """Whether any value fulfils it: an `if` without consequence, an optional `contains`, a `not` of nothing."""
    values = condition.values
    if "if" in values:
        return not values.keys() & {"then", "else"}
    if "contains" in values:
        return values.get("minContains") == 0 and "maxContains" not in values
    return values["not"] is False


def _alone(condition: SchemaCondition) -> SchemaPart:
    return SchemaPart(condition.values, condition.part.pointer)


def _not(old: SchemaCondition, new: SchemaCondition, equality: SchemaEquality, effects: Compare) -> Effects:
    turned = {
        "narrower": "wider",
        "wider": "narrower",
        "perhaps narrower": "perhaps wider",
        "perhaps wider": "perhaps narrower",
    }
    return frozenset(turned[effect] for effect in effects(old.subschema("not"), new.subschema("not")))


def _contains(
    old: SchemaCondition, new: SchemaCondition, equality: SchemaEquality, effects: Compare
) -> Effects:
    found = set(effects(old.subschema("contains"), new.subschema("contains")))
    if found and "maxContains" in {*old.values, *new.values}:
        return UNSURE
    least = [each.values.get("minContains", 1) for each in (old, new)]
    most = [each.values.get("maxContains", float("inf")) for each in (old, new)]
    for was, now, tighter in ((*least, "narrower"), (*most, "wider")):
        if was != now:
            other = "wider" if tighter == "narrower" else "narrower"
            found.add(tighter if now > was else other)
    return frozenset(found)


def _if(old: SchemaCondition, new: SchemaCondition, equality: SchemaEquality, effects: Compare) -> Effects:
    """The effects of a change of `then` and `else`, which can be compared only if the condition is the same."""
    if not equality.schemas(old.values["if"], new.values["if"]):
        return UNSURE
    return effects(old.subschema("then"), new.subschema("then")) | effects(
        old.subschema("else"), new.subschema("else")
    )


COMPARISONS = {"not": _not, "contains": _contains, "if": _if}


def dependents(old: SchemaShape, new: SchemaShape, effects: Compare) -> Iterator[KeywordChange]:
    """The comparison of `dependentSchemas`, member by member, and of `contentSchema`."""
    keyword, content = "dependentSchemas", "contentSchema"
    both = old.types & new.types
    names = dict.fromkeys(
        each for side in (old, new) for conditions in side.values_of(keyword) for each in conditions
    )
    paths: list[tuple[str, ...]] = [(keyword, name) for name in names] if "object" in both else []
    if content in old.keywords | new.keywords and "string" in both:
        paths.append((content,))
    for path in paths:
        yield from _changes("condition", path[0], effects(old.subschema(*path), new.subschema(*path)))
