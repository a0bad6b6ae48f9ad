"""The comparison of two lists of variants (`anyOf`, `oneOf`, types); each variant is paired with the most similar one.

A variant that is contained in a variant of the other side is neither removed nor added. In a `oneOf`, variants that may
overlap are reported, because a value of two variants is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.compat.schema.json_values import ANY, NUMBERS
from reports.compat.schema.schema_equality import SchemaEquality, without_equal_pairs
from reports.compat.schema.schema_shape import CHOICES, SchemaShape, flattened

_MOST_OVERLAPS = 100_000  # pairs of variants of one side
_MOST_PAIRS = 400  # variants that differ, old times new; beyond this nobody looks for the nearest


@dataclass(frozen=True, slots=True)
class Pairing:
    """The variants of two schemas in pairs; `lost` and `gained` have no counterpart."""

    pairs: tuple[tuple[SchemaShape, SchemaShape], ...]
    lost: tuple[SchemaShape, ...]
    gained: tuple[SchemaShape, ...]


Distance = Callable[[SchemaShape, SchemaShape], tuple[int, int]]
"""The distance of two variants: (number of changes that are not harmless, number of changes)."""


def pair_variants(
    old: Sequence[SchemaShape],
    new: Sequence[SchemaShape],
    equality: SchemaEquality,
    distance: Distance,
    contained: Callable[[SchemaShape, SchemaShape, bool], bool],
) -> Pairing | None:
    """The variants in pairs; None if too many differ. `contained(one, other, grown)`: is all of one in the other?"""
    left, fresh = without_equal_pairs(old, new, equality.shapes)
    if len(left) * len(fresh) > _MOST_PAIRS:
        return None
    pairs: list[tuple[SchemaShape, SchemaShape]] = []
    ranked = sorted(
        (*distance(one, other), index, place)
        for index, one in enumerate(left)
        for place, other in enumerate(fresh)
        if one.types & other.types and not distinguishable(one, other)
    )
    taken: set[int] = set()
    given: set[int] = set()
    for *_, index, place in ranked:
        if index not in taken and place not in given:
            taken.add(index)
            given.add(place)
            pairs.append((left[index], fresh[place]))
    lost = [one for index, one in enumerate(left) if index not in taken]
    gained = [other for place, other in enumerate(fresh) if place not in given]
    return Pairing(
        pairs=tuple(pairs),
        lost=tuple(one for one in lost if not any(contained(one, other, False) for other in new)),
        gained=tuple(other for other in gained if not any(contained(one, other, True) for one in old)),
    )


def exclusive(shape: SchemaShape) -> bool:
    """Whether the schema, or a variant of it, has a `oneOf`, which refuses a value of two variants."""
    listed = _listed(shape)
    if any(keyword == "oneOf" and len(each) > 1 for keyword, each in listed):
        return True
    return any(exclusive(variant) for _, each in listed for variant in each)


def choice(shape: SchemaShape) -> str:
    """The keyword of the schema's only choice; empty if it has none, several or nested ones."""
    listed = _listed(shape)
    if len(listed) != 1 or any(variant.has_choices for variant in listed[0][1]):
        return ""
    return listed[0][0]


def _listed(shape: SchemaShape) -> list[tuple[str, list[SchemaShape]]]:
    return [
        (
            keyword,
            [SchemaShape(shape.document, tuple(flattened(shape.document, each, ""))) for each in variants],
        )
        for keyword in CHOICES
        for variants in shape.values_of(keyword)
    ]


def overlapping(
    old: Sequence[SchemaShape],
    new: Sequence[SchemaShape],
    equality: SchemaEquality,
    *,
    whole: bool,
    strict: bool,
) -> bool:
    """Whether a changed variant (with `whole`, any variant) may share values with another one of its side."""
    changed, fresh = (list(old), list(new)) if whole else without_equal_pairs(old, new, equality.shapes)
    if len(changed) * len(old) + len(fresh) * len(new) > _MOST_OVERLAPS:
        return True
    return any(
        not disjoint(one, other, strict)
        for some, all_of in ((changed, old), (fresh, new))
        for one in some
        for other in all_of
        if other is not one
    )


def disjoint(one: SchemaShape, other: SchemaShape, strict: bool, depth: int = 3) -> bool:
    """Whether no value is valid for both, judged by types, values and required members."""
    if not one.types & other.types:
        return True
    if one.values is not None and other.values is not None:
        return not one.values & other.values
    if one.types & other.types != {"object"} or depth == 0:
        return False
    for some, others in ((one, other), (other, one)):
        for name in some.required:
            sure = name in others.required or not others.member(name).types
            if sure and disjoint(some.member(name), others.member(name), strict, depth - 1):
                return True
            # A client that sends one variant sends the members of that variant.
            if not strict and name not in others.declared and not others.constrains_undeclared:
                return True
    return False


def distinguishable(one: SchemaShape, other: SchemaShape) -> bool:
    """Whether a member that both require has no common value, such as the `type` of a bulk operation."""
    for name in one.required.keys() & other.required.keys():
        values, others = one.member(name).values, other.member(name).values
        if values is not None and others is not None and not values & others:
            return True
    return False


def type_names(shape: SchemaShape) -> str:
    """The types of a schema in words."""
    names = sorted(shape.types - NUMBERS)
    if shape.types >= NUMBERS:
        names = sorted({*names, "number"})
    else:
        names += sorted(shape.types & NUMBERS)
    return "anything" if shape.types == ANY else " or ".join(names) or "nothing"
