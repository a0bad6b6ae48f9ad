"""Compares what `discriminator` says: the member that tells variants apart, and which value means which schema."""

from collections.abc import Iterator
from typing import Any

from reports.compat.pointers import Node, mapped, steps
from reports.compat.schema.keyword_diff import Said
from reports.compat.schema.schema_equality import Equality
from reports.compat.schema.schema_shape import SchemaShape, shape

_WORD = "discriminator"


def discriminators(old: SchemaShape, new: SchemaShape, equality: Equality) -> Iterator[Said]:
    was, now = (next(iter(each.said(_WORD)), None) for each in (old, new))
    if was is None or now is None:
        if was is not now:
            name = (was or now or {}).get("propertyName")
            told = (
                f"`{name}` tells the variants apart now"
                if was is None
                else f"`{name}` does not tell the variants apart any more"
            )
            yield "keyword-changed", _WORD, told
        return
    if was.get("propertyName") != now.get("propertyName"):
        told = f"which variant it is tells `{now.get('propertyName')}`, and `{was.get('propertyName')}` did"
        yield "discriminator-changed", _WORD, told
    before, here = _mapping(old, was), _mapping(new, now)
    for value in sorted(before.keys() - here.keys()):
        yield "mapping-removed", _WORD, f"`{value}` names no variant any more"
    for value in sorted(here.keys() - before.keys()):
        yield "mapping-added", _WORD, f"`{value}` names a variant now"
    for value in sorted(before.keys() & here.keys()):
        one, other = before[value], here[value]
        if steps(one)[-1:] != steps(other)[-1:] and not _same(one, other, equality):
            yield (
                "discriminator-changed",
                _WORD,
                f"`{value}` means {steps(other)[-1]} now and meant {steps(one)[-1]}",
            )


def _same(one: str, other: str, equality: Equality) -> bool:
    try:
        return equality.schemas({"$ref": one}, {"$ref": other})
    except LookupError:
        return False


def inherited(old: SchemaShape, new: SchemaShape) -> Iterator[tuple[SchemaShape, SchemaShape]]:
    """The schemas behind one value of both mappings where they are no variants: those that are one of this by `allOf`."""
    if old.chooses or new.chooses:
        return
    before, here = (_mapping(each, next(iter(each.said(_WORD)), {})) for each in (old, new))
    for value in before.keys() & here.keys():
        try:
            pair = [
                shape(Node(each.document, {"$ref": ref}, ""))
                for each, ref in ((old, before[value]), (new, here[value]))
            ]
        except LookupError:
            continue
        yield pair[0], pair[1]


def _mapping(shape: SchemaShape, said: dict[str, Any]) -> dict[str, str]:
    return {value: mapped(shape.document, target) for value, target in (said.get("mapping") or {}).items()}
