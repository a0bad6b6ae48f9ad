"""Compares what stands behind `not`, `contains`, `if` and `dependentSchemas`, each schema with its references followed.

A demand that both have is left out. If one is left on each side, the two schemas are compared with each other; what
more of them could mean together is unknown. `Effects` says what a comparison of two schemas came to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from reports.compat.pointers import Node
from reports.compat.schema.keyword_diff import Said
from reports.compat.schema.schema_equality import Equality
from reports.compat.schema.schema_shape import SchemaPart, SchemaShape, shape

Effects = frozenset[str]
"""`narrower`, `wider`, `perhaps narrower`, `perhaps wider`: what the new schema is for sure, or might be."""

UNSURE = frozenset({"perhaps narrower", "perhaps wider"})
Compare = Callable[[SchemaShape, SchemaShape], Effects]


@dataclass(frozen=True, slots=True)
class Demand:
    """One `not`, `contains` or `if` with the keywords that belong to it."""

    document: Any
    part: SchemaPart
    words: tuple[str, ...]

    @property
    def said(self) -> dict[str, Any]:
        return {word: self.part.schema[word] for word in self.words if word in self.part.schema}

    def inner(self, word: str) -> SchemaShape:
        return shape(Node(self.document, self.part.schema.get(word, True), f"{self.part.pointer}/{word}"))


WORDS = (("not",), ("contains", "minContains", "maxContains"), ("if", "then", "else"))


def conditions(old: SchemaShape, new: SchemaShape, equality: Equality, effects: Compare) -> Iterator[Said]:
    for words in WORDS:
        if words[0] == "contains" and "array" not in old.types & new.types:
            continue
        left, fresh = _unlike(_demands(old, words), _demands(new, words), equality)
        keyword = words[0]
        stem = "not" if keyword == "not" else "condition"
        if len(left) > 1 or len(fresh) > 1:
            yield from _told(stem, keyword, UNSURE)
        elif left and fresh:
            yield from _told(stem, keyword, COMPARED[keyword](left[0], fresh[0], equality, effects))
        elif fresh:
            yield f"{stem}-narrowed", keyword, f"`{keyword}` is new and refuses what it speaks of"
        elif left:
            yield f"{stem}-widened", keyword, f"`{keyword}` is gone, and what it refused is allowed"


def _told(stem: str, keyword: str, found: Effects) -> Iterator[Said]:
    if found & UNSURE:
        yield "keyword-changed", keyword, f"`{keyword}` is different, and what that means cannot be told"
    if "narrower" in found:
        yield f"{stem}-narrowed", keyword, f"`{keyword}` refuses more now"
    if "wider" in found:
        yield f"{stem}-widened", keyword, f"`{keyword}` allows more now"


def _demands(shape: SchemaShape, words: tuple[str, ...]) -> list[Demand]:
    found = [Demand(shape.document, part, words) for part in shape.parts if words[0] in part.schema]
    return [demand for demand in found if not _idle(demand)]


def _idle(demand: Demand) -> bool:
    """Demands nothing: an `if` without consequence, a `contains` that may be missing, a `not` of nothing."""
    said = demand.said
    if "if" in said:
        return not said.keys() & {"then", "else"}
    if "contains" in said:
        return said.get("minContains") == 0 and "maxContains" not in said
    return said["not"] is False


def _unlike(left: list[Demand], fresh: list[Demand], equality: Equality) -> tuple[list[Demand], list[Demand]]:
    """Without the pairs that say the same."""
    gone: list[Demand] = []
    for demand in left:
        twin = next((other for other in fresh if equality.parts(_alone(demand), _alone(other))), None)
        if twin is None:
            gone.append(demand)
        else:
            fresh = [other for other in fresh if other is not twin]
    return gone, fresh


def _alone(demand: Demand) -> SchemaPart:
    return SchemaPart(demand.said, demand.part.pointer)


def _not(old: Demand, new: Demand, equality: Equality, effects: Compare) -> Effects:
    turned = {
        "narrower": "wider",
        "wider": "narrower",
        "perhaps narrower": "perhaps wider",
        "perhaps wider": "perhaps narrower",
    }
    return frozenset(turned[effect] for effect in effects(old.inner("not"), new.inner("not")))


def _contains(old: Demand, new: Demand, equality: Equality, effects: Compare) -> Effects:
    found = set(effects(old.inner("contains"), new.inner("contains")))
    if found and "maxContains" in {*old.said, *new.said}:
        return UNSURE
    least = [demand.said.get("minContains", 1) for demand in (old, new)]
    most = [demand.said.get("maxContains", float("inf")) for demand in (old, new)]
    for was, now, tighter in ((*least, "narrower"), (*most, "wider")):
        if was != now:
            other = "wider" if tighter == "narrower" else "narrower"
            found.add(tighter if now > was else other)
    return frozenset(found)


def _if(old: Demand, new: Demand, equality: Equality, effects: Compare) -> Effects:
    """Only the consequences of one and the same condition can be compared."""
    if not equality.schemas(old.said["if"], new.said["if"]):
        return UNSURE
    return effects(old.inner("then"), new.inner("then")) | effects(old.inner("else"), new.inner("else"))


COMPARED = {"not": _not, "contains": _contains, "if": _if}


def dependents(old: SchemaShape, new: SchemaShape, effects: Compare) -> Iterator[Said]:
    """Compares `dependentSchemas`, member by member, and `contentSchema`."""
    keyword, content = "dependentSchemas", "contentSchema"
    both = old.types & new.types
    names = dict.fromkeys(each for side in (old, new) for said in side.said(keyword) for each in said)
    paths: list[tuple[str, ...]] = [(keyword, name) for name in names] if "object" in both else []
    if content in old.words | new.words and "string" in both:
        paths.append((content,))
    for path in paths:
        yield from _told("condition", path[0], effects(old.inner(*path), new.inner(*path)))
