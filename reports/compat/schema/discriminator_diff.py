"""Compares what `discriminator` says: the member that tells variants apart, and which value means which schema."""

from collections.abc import Iterator
from typing import Any

from reports.compat.pointers import followed, steps
from reports.compat.schema.keyword_diff import Said
from reports.compat.schema.schema_equality import Equality
from reports.compat.schema.schema_shape import CHOICES, SchemaShape

_WORD = "discriminator"


def discriminators(old: SchemaShape, new: SchemaShape, equality: Equality) -> Iterator[Said]:
    was, now = (next(iter(shape.said(_WORD)), None) for shape in (old, new))
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


def _mapping(shape: SchemaShape, said: dict[str, Any]) -> dict[str, str]:
    """Value -> reference: what `mapping` says, and for the other variants the name of their schema (OAS 3.1, 4.8.25)."""
    told = {
        str(value): _reference(str(target), shape) for value, target in (said.get("mapping") or {}).items()
    }
    implied = [
        each["$ref"]
        for keyword in CHOICES
        for listed in shape.said(keyword)
        for each in listed
        if isinstance(each, dict) and "$ref" in each
    ]
    return {steps(target)[-1]: target for target in implied if target not in told.values()} | told


def _reference(target: str, shape: SchemaShape) -> str:
    """A mapping may name a schema in place of referring to it."""
    if target.startswith("#"):
        return target
    named = f"#/components/schemas/{target}"
    try:
        followed(shape.document, named)
    except LookupError:
        return f"#/{target}"
    return named
