"""The comparison of `discriminator`: the member that distinguishes variants, and the schema that each value stands for."""

from collections.abc import Iterator
from typing import Any

from reports.compat.pointers import Node, mapping_target, split_pointer
from reports.compat.schema.keyword_diff import KeywordChange
from reports.compat.schema.schema_equality import SchemaEquality
from reports.compat.schema.schema_shape import SchemaShape, shape

_WORD = "discriminator"


def discriminators(old: SchemaShape, new: SchemaShape, equality: SchemaEquality) -> Iterator[KeywordChange]:
    was, now = (next(iter(each.values_of(_WORD)), None) for each in (old, new))
    if was is None or now is None:
        if was is not now:
            name = (was or now or {}).get("propertyName")
            message = (
                f"`{name}` tells the variants apart now"
                if was is None
                else f"`{name}` does not tell the variants apart any more"
            )
            yield "keyword-changed", _WORD, message
        return
    if was.get("propertyName") != now.get("propertyName"):
        message = (
            f"which variant it is tells `{now.get('propertyName')}`, and `{was.get('propertyName')}` did"
        )
        yield "discriminator-changed", _WORD, message
    before, here = _mapping(old, was), _mapping(new, now)
    for value in sorted(before.keys() - here.keys()):
        yield "mapping-removed", _WORD, f"`{value}` names no variant any more"
    for value in sorted(here.keys() - before.keys()):
        yield "mapping-added", _WORD, f"`{value}` names a variant now"
    for value in sorted(before.keys() & here.keys()):
        one, other = before[value], here[value]
        if split_pointer(one)[-1:] != split_pointer(other)[-1:] and not _same(one, other, equality):
            yield (
                "discriminator-changed",
                _WORD,
                f"`{value}` means {split_pointer(other)[-1]} now and meant {split_pointer(one)[-1]}",
            )


def _same(one: str, other: str, equality: SchemaEquality) -> bool:
    try:
        return equality.schemas({"$ref": one}, {"$ref": other})
    except LookupError:
        return False


def inherited(old: SchemaShape, new: SchemaShape) -> Iterator[tuple[SchemaShape, SchemaShape]]:
    """The pairs of schemas that both mappings name by one value, where they extend this schema by `allOf`."""
    if old.has_choices or new.has_choices:
        return
    before, here = (_mapping(each, next(iter(each.values_of(_WORD)), {})) for each in (old, new))
    for value in before.keys() & here.keys():
        try:
            pair = [
                shape(Node(each.document, {"$ref": ref}, ""))
                for each, ref in ((old, before[value]), (new, here[value]))
            ]
        except LookupError:
            continue
        yield pair[0], pair[1]


def _mapping(shape: SchemaShape, discriminator: dict[str, Any]) -> dict[str, str]:
    return {
        value: mapping_target(shape.document, target)
        for value, target in (discriminator.get("mapping") or {}).items()
    }
