"""Compares two lists of variants (`anyOf`, `oneOf`, types): each with the one that it resembles most.

A variant that some variant of the other side contains is neither gone nor new. Of a `oneOf`, variants that are not
sure to exclude each other are told as such, because a value of both is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.compat.schema.json_values import ANY, NUMBERS
from reports.compat.schema.schema_equality import Equality
from reports.compat.schema.schema_shape import CHOICES, SchemaShape, expanded

_MOST_OVERLAPS = 100_000  # pairs of variants of one side
_MOST_PAIRS = 400  # variants that differ, old times new; beyond this nobody looks for the nearest


@dataclass(frozen=True, slots=True)
class Pairing:
    """The variants of two schemas in pairs. `pairs` are compared with each other; `lost` and `gained` have no counterpart."""

    pairs: tuple[tuple[SchemaShape, SchemaShape], ...]
    lost: tuple[SchemaShape, ...]
    gained: tuple[SchemaShape, ...]


Trial = Callable[[SchemaShape, SchemaShape], tuple[int, int, int]]
"""(changes that harm or might, all changes, changes that refuse or might) of one variant compared with another."""


def paired(
    old: Sequence[SchemaShape],
    new: Sequence[SchemaShape],
    equality: Equality,
    trial: Trial,
    contained: Callable[[SchemaShape, SchemaShape, bool], bool],
) -> Pairing | None:
    """None where too many variants differ. `contained(one, other, grown)`: is all of one in the other?"""
    left, fresh = _unlike(old, new, equality)
    if len(left) * len(fresh) > _MOST_PAIRS:
        return None
    pairs: list[tuple[SchemaShape, SchemaShape]] = []
    ranked = sorted(
        (*trial(one, other), index, place)
        for index, one in enumerate(left)
        for place, other in enumerate(fresh)
        if one.types & other.types and not told_apart(one, other)
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


def _unlike(
    old: Sequence[SchemaShape], new: Sequence[SchemaShape], equality: Equality
) -> tuple[list[SchemaShape], list[SchemaShape]]:
    """Without the pairs that say the same."""
    fresh = list(new)
    left: list[SchemaShape] = []
    for variant in old:
        twin = next((other for other in fresh if equality.shapes(variant, other)), None)
        if twin is None:
            left.append(variant)
        else:
            fresh = [other for other in fresh if other is not twin]
    return left, fresh


def exclusive(shape: SchemaShape) -> bool:
    """Whether a value of two variants is refused, or one of two variants of a variant."""
    listed = _listed(shape)
    if any(keyword == "oneOf" and len(each) > 1 for keyword, each in listed):
        return True
    return any(exclusive(variant) for _, each in listed for variant in each)


def choice(shape: SchemaShape) -> str:
    """The keyword of the one choice, if there is one and no variant of it chooses again; else empty."""
    listed = _listed(shape)
    if len(listed) != 1 or any(variant.chooses for variant in listed[0][1]):
        return ""
    return listed[0][0]


def _listed(shape: SchemaShape) -> list[tuple[str, list[SchemaShape]]]:
    return [
        (keyword, [SchemaShape(shape.document, tuple(expanded(shape.document, each, ""))) for each in said])
        for keyword in CHOICES
        for said in shape.said(keyword)
    ]


def overlapping(
    old: Sequence[SchemaShape], new: Sequence[SchemaShape], equality: Equality, *, whole: bool, strict: bool
) -> bool:
    """Whether a variant that changed might share values with another of its side; `whole`: whether any might."""
    changed, fresh = (list(old), list(new)) if whole else _unlike(old, new, equality)
    if len(changed) * len(old) + len(fresh) * len(new) > _MOST_OVERLAPS:
        return True
    return any(
        not apart(one, other, strict)
        for some, all_of in ((changed, old), (fresh, new))
        for one in some
        for other in all_of
        if other is not one
    )


def apart(one: SchemaShape, other: SchemaShape, strict: bool, depth: int = 3) -> bool:
    """Whether no value is valid for both, as far as types, values and required members tell."""
    if not one.types & other.types:
        return True
    if one.values is not None and other.values is not None:
        return not one.values & other.values
    if one.types & other.types != {"object"} or depth == 0:
        return False
    for some, others in ((one, other), (other, one)):
        for name in some.required:
            sure = name in others.required or not others.at(name).types
            if sure and apart(some.at(name), others.at(name), strict, depth - 1):
                return True
            # Who sends one variant sends the members of that variant.
            if not strict and name not in others.declared and not others.maps:
                return True
    return False


def told_apart(one: SchemaShape, other: SchemaShape) -> bool:
    """Whether a member that both must have has no value in common: the `type` of a bulk operation."""
    for name in one.required.keys() & other.required.keys():
        values, others = one.at(name).values, other.at(name).values
        if values is not None and others is not None and not values & others:
            return True
    return False


def kinds(shape: SchemaShape) -> str:
    """The types of a schema in words."""
    names = sorted(shape.types - NUMBERS)
    if shape.types >= NUMBERS:
        names = sorted({*names, "number"})
    else:
        names += sorted(shape.types & NUMBERS)
    return "anything" if shape.types == ANY else " or ".join(names) or "nothing"
