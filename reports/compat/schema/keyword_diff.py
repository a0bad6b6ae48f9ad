"""What two schemas say in one keyword: narrower, wider, both, or cannot be told. One function a family of keywords.

Each yields (stem of a rule, keyword, what to say). It knows neither the direction nor who is harmed by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from reports.compat.schema.pattern_order import order
from reports.compat.schema.schema_shape import ANY, SchemaShape

Said = tuple[str, str, str]
Judge = Callable[[SchemaShape, SchemaShape], Iterator[Said]]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SIZES = ("minLength", "minItems", "minProperties")

_HANDLED = frozenset(
    {
        *_LOWER, *_UPPER, "type", "enum", "const", "format", "pattern", "uniqueItems", "not", "dependentRequired", "default",
        "properties", "required", "additionalProperties", "propertyNames", "items", "anyOf", "oneOf", "allOf", "$ref",
    }
)  # fmt: skip
# They say something to people or to generators, and nothing about which values are valid.
_SILENT = frozenset(
    {
        "title",
        "description",
        "example",
        "examples",
        "deprecated",
        "discriminator",
        "externalDocs",
        "xml",
        "$comment",
    }
)
UNDERSTOOD = _HANDLED | _SILENT


def _types(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    # Two lists of values are compared as such, and their types follow from them.
    if old.values is not None and new.values is not None:
        return
    lost, gained = old.types - new.types, new.types - old.types
    if lost:
        yield "type-narrowed", "type", f"may not be {_listed(lost)} any more"
    if gained:
        yield (
            "type-widened",
            "type",
            "may be anything now" if new.types == ANY else f"may be {_listed(gained)} now",
        )


def _values(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    if old.values == new.values:
        return
    keyword = "const" if new.said("const") or (old.said("const") and not new.said("enum")) else "enum"
    if old.values is None:
        yield "enum-narrowed", keyword, f"only {_shown(new.values or ())} is allowed now"
    elif new.values is None:
        yield "enum-widened", keyword, f"was one of {_shown(old.values)} and is no closed list any more"
    else:
        if old.values - new.values:
            yield "enum-narrowed", keyword, f"{_shown(old.values - new.values)} is no value any more"
        if new.values - old.values:
            yield "enum-widened", keyword, f"{_shown(new.values - old.values)} is a new value"


def _lower(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    for keyword in _LOWER:
        nothing = 0.0 if keyword in _SIZES else None
        was, now = old.bound(keyword, max), new.bound(keyword, max)
        was, now = (nothing if was is None else was), (nothing if now is None else now)
        if was == now:
            continue
        told = f"`{keyword}` is {_number(now)} and was {_number(was)}"
        if now is None or (was is not None and now < was):
            yield "may-be-empty" if keyword in _SIZES and now == 0 else "range-widened", keyword, told
        else:
            yield "range-narrowed", keyword, told


def _upper(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    for keyword in _UPPER:
        was, now = old.bound(keyword, min), new.bound(keyword, min)
        if was == now:
            continue
        wider = now is None or (was is not None and now > was)
        told = f"`{keyword}` is {_number(now)} and was {_number(was)}"
        yield "range-widened" if wider else "range-narrowed", keyword, told


def _formats(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    yield from _one_of("format", old, new)


def _patterns(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    lost, gained = old.texts("pattern") - new.texts("pattern"), new.texts("pattern") - old.texts("pattern")
    known = None
    if len(lost) == len(gained) == 1:
        known = order(json.loads(next(iter(lost))), json.loads(next(iter(gained))))
    if known is None:
        yield from _one_of("pattern", old, new)
        return
    narrower, wider = known
    told = f"`pattern` is {next(iter(gained))} and was {next(iter(lost))}"
    if narrower:
        yield "pattern-narrowed", "pattern", told
    if wider:
        yield "pattern-widened", "pattern", told


def _one_of(keyword: str, old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = old.texts(keyword), new.texts(keyword)
    if was == now:
        return
    told = f"`{keyword}` is {_all(now)} and was {_all(was)}"
    # More demands are narrower and fewer are wider; other ones are neither for sure.
    stem = "narrowed" if was < now else "widened" if now < was else "changed"
    yield f"{keyword}-{stem}", keyword, told


def _repeats(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = (any(shape.said("uniqueItems")) for shape in (old, new))
    if was != now:
        stem, told = (
            ("repeats-refused", "no element may repeat now")
            if now
            else ("repeats-allowed", "elements may repeat now")
        )
        yield stem, "uniqueItems", told


def _forbidden(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = old.texts("not"), new.texts("not")
    if now - was and was - now:
        yield "keyword-changed", "not", "`not` is different, and what that means cannot be told"
    elif now - was:
        yield "not-narrowed", "not", f"what is {_all(now - was)} is refused now"
    elif was - now:
        yield "not-widened", "not", f"what is {_all(was - now)} is allowed now"


def _dependencies(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = _pairs(old), _pairs(new)
    for name, needed in sorted(now - was):
        yield "dependency-added", "dependentRequired", f"`{name}` needs `{needed}` beside it now"
    for name, needed in sorted(was - now):
        yield "dependency-dropped", "dependentRequired", f"`{name}` may stand without `{needed}` now"


def _pairs(shape: SchemaShape) -> set[tuple[str, str]]:
    said = shape.said("dependentRequired")
    return {(name, needed) for each in said for name, listed in each.items() for needed in listed}


def _defaults(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = old.texts("default"), new.texts("default")
    if was != now:
        means = f"means {_all(now)}" if now else "has no default"
        meant = f"meant {_all(was)}" if was else "had none"
        yield "default-changed", "default", f"left out, it {means} now and {meant}"


KEYWORDS: tuple[Judge, ...] = (
    _types, _values, _lower, _upper, _formats, _patterns, _repeats, _forbidden, _dependencies, _defaults,
)  # fmt: skip


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _shown(values: frozenset[str] | tuple[()]) -> str:
    return ", ".join(sorted(values)) or "nothing"


def _number(value: float | None) -> str:
    return "not there" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)


def _all(texts: frozenset[str]) -> str:
    return " and ".join(sorted(texts)) or "not there"
