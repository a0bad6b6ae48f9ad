"""Compares two schemas in what one keyword says alone: narrower, wider, both, or unknown. One function a family.

Each yields (stem of a rule, keyword, text). It knows neither the direction nor who is harmed by it. A keyword is
compared only if it speaks of a type that both schemas allow: `minLength` says nothing about an integer.
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from reports.compat.schema.json_values import ANY, NUMBERS
from reports.compat.schema.pattern_order import order
from reports.compat.schema.schema_shape import SchemaShape

Said = tuple[str, str, str]
Judge = Callable[[SchemaShape, SchemaShape], Iterator[Said]]

# Keyword -> the type whose size it bounds.
_SIZES = {"Length": "string", "Items": "array", "Properties": "object"}
# Formats of texts alone, by JSON Schema and OpenAPI's registry; any other may be one of numbers too: seconds, or milliseconds.
_TEXT_FORMATS = frozenset(
    {
        "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
        "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
        "byte", "binary", "base64url", "password", "char", "commonmark", "html", "http-date", "media-range",
    }
)  # fmt: skip
_WIDER_FORMAT = {"int32": "int64", "float": "double"}

UNDERSTOOD = frozenset(
    {
        *(f"{end}{what}" for end in ("min", "max") for what in _SIZES),
        "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "type", "enum", "const", "format", "pattern",
        "uniqueItems", "dependentRequired", "default", "properties", "required", "additionalProperties", "patternProperties",
        "unevaluatedProperties", "propertyNames", "items", "prefixItems", "unevaluatedItems", "contains", "minContains",
        "maxContains", "not", "if", "then", "else", "dependentSchemas", "anyOf", "oneOf", "allOf", "$ref", "discriminator",
        "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema",
    }
)  # fmt: skip


def types(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    lost, gained = old.types - new.types, new.types - old.types
    if lost:
        yield "type-narrowed", "type", f"may not be {_listed(lost)} any more"
    if gained:
        told = "may be anything now" if new.types == ANY else f"may be {_listed(gained)} now"
        yield "type-widened", "type", told


def _numbers(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    """The limits as they work: for integers `minimum: 1` and `exclusiveMinimum: 0` are the same."""
    if not old.types & new.types & NUMBERS:
        return
    whole = "fraction" not in old.types & new.types
    for sign, keyword, exclusive in ((1, "minimum", "exclusiveMinimum"), (-1, "maximum", "exclusiveMaximum")):
        was, now = (_limit(shape, sign, keyword, exclusive, whole) for shape in (old, new))
        if was == now:
            continue
        word = exclusive if exclusive in (new if now else old).words else keyword
        told = f"`{word}` is {_end(now, sign)} and was {_end(was, sign)}"
        yield (
            "range-widened" if now is None or (was is not None and now < was) else "range-narrowed",
            word,
            told,
        )
    yield from _multiples(old, new, whole)


def _limit(
    shape: SchemaShape, sign: int, keyword: str, exclusive: str, whole: bool
) -> tuple[Any, bool] | None:
    """(the tightest limit, excluded or not), signed so that a larger one is always tighter."""
    ends = [(value, False) for value in shape.said(keyword)] + [
        (value, True) for value in shape.said(exclusive)
    ]
    if whole:
        inner = [
            (floor(value) + 1 if sign > 0 else ceil(value) - 1)
            if out
            else (ceil if sign > 0 else floor)(value)
            for value, out in ends
        ]
        ends = [(value, False) for value in inner]
    return max(((sign * value, out) for value, out in ends), default=None)


def _multiples(old: SchemaShape, new: SchemaShape, whole: bool) -> Iterator[Said]:
    was, now = ({Fraction(str(value)) for value in shape.said("multipleOf")} for shape in (old, new))
    if whole:
        was, now = was | {Fraction(1)}, now | {Fraction(1)}
    told = f"`multipleOf` is {_all(new.texts('multipleOf'))} and was {_all(old.texts('multipleOf'))}"
    if not all(any((each / by).denominator == 1 for each in was) for by in now):
        yield "range-narrowed", "multipleOf", told
    if not all(any((each / by).denominator == 1 for each in now) for by in was):
        yield "range-widened", "multipleOf", told


def _sizes(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    for what, kind in _SIZES.items():
        if kind not in old.types & new.types:
            continue
        least, most = f"min{what}", f"max{what}"
        was, now = _least(old, what), _least(new, what)
        if was != now and least in old.words | new.words:
            told = f"`{least}` is {now:,} and was {was:,}"
            yield (
                "range-narrowed" if now > was else "may-be-empty" if not now else "range-widened",
                least,
                told,
            )
        top, here = (min(shape.said(most), default=None) for shape in (old, new))
        if top != here:
            told = f"`{most}` is {_number(here)} and was {_number(top)}"
            yield (
                "range-widened" if here is None or (top is not None and here > top) else "range-narrowed",
                most,
                told,
            )


def _least(shape: SchemaShape, what: str) -> int:
    """Of an object that must have two members, `minProperties: 2` says nothing new."""
    needed = len(shape.required) if what == "Properties" else 0
    return int(max([*shape.said(f"min{what}"), needed]))


def _formats(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    both = old.types & new.types
    was, now = (_formats_of(shape, both) for shape in (old, new))
    if len(was) == len(now) == 1 and was != now:
        (one,), (other,) = was, now
        for wider, narrower, stem in ((other, one, "widened"), (one, other, "narrowed")):
            if _WIDER_FORMAT.get(narrower) == wider:
                yield f"format-{stem}", "format", f"`format` is {other} and was {one}"
                return
    yield from _one_of("format", was, now)


def contents(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    """How a text holds something else: who reads it by the old way gets garbage, whichever way is the narrower."""
    for keyword in ("contentEncoding", "contentMediaType"):
        was, now = old.texts(keyword), new.texts(keyword)
        if was != now and "string" in old.types & new.types:
            yield "format-changed", keyword, f"`{keyword}` is {_all(now)} and was {_all(was)}"


def _formats_of(shape: SchemaShape, types: frozenset[str]) -> frozenset[str]:
    """Those that may speak of one of the types: `email` says nothing about an integer."""
    said = {str(value) for value in shape.said("format")}
    return frozenset(
        each for each in said if "string" in types or (types & NUMBERS and each not in _TEXT_FORMATS)
    )


def _patterns(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    if "string" not in old.types & new.types:
        return
    lost, gained = old.texts("pattern") - new.texts("pattern"), new.texts("pattern") - old.texts("pattern")
    known = None
    if len(lost) == len(gained) == 1:
        known = order(json.loads(next(iter(lost))), json.loads(next(iter(gained))))
    if known is None:
        yield from _one_of("pattern", old.texts("pattern"), new.texts("pattern"))
        return
    narrower, wider = known
    told = f"`pattern` is {next(iter(gained))} and was {next(iter(lost))}"
    if narrower:
        yield "pattern-narrowed", "pattern", told
    if wider:
        yield "pattern-widened", "pattern", told


def _one_of(keyword: str, was: frozenset[str], now: frozenset[str]) -> Iterator[Said]:
    if was == now:
        return
    told = f"`{keyword}` is {_all(now)} and was {_all(was)}"
    # More demands are narrower and fewer are wider; other ones are neither for sure.
    stem = "narrowed" if was < now else "widened" if now < was else "changed"
    yield f"{keyword}-{stem}", keyword, told


def _repeats(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = (any(shape.said("uniqueItems")) and "array" in old.types & new.types for shape in (old, new))
    if was != now:
        stem, told = (
            ("repeats-refused", "no element may repeat now")
            if now
            else ("repeats-allowed", "elements may repeat now")
        )
        yield stem, "uniqueItems", told


def _dependencies(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    if "object" not in old.types & new.types:
        return
    was, now = _pairs(old), _pairs(new)
    for name, needed in sorted(now - was):
        yield "dependency-added", "dependentRequired", f"`{name}` needs `{needed}` beside it now"
    for name, needed in sorted(was - now):
        yield "dependency-dropped", "dependentRequired", f"`{name}` may stand without `{needed}` now"


def _pairs(shape: SchemaShape) -> set[tuple[str, str]]:
    said = shape.said("dependentRequired")
    found = {(str(name), str(needed)) for each in said for name, listed in each.items() for needed in listed}
    # A member that must be there anyway is no demand of another one.
    return {(name, needed) for name, needed in found if needed not in shape.required and needed != name}


def defaults(old: SchemaShape, new: SchemaShape) -> Iterator[Said]:
    was, now = old.texts("default"), new.texts("default")
    if was != now:
        means = f"means {_all(now)}" if now else "has no default"
        meant = f"meant {_all(was)}" if was else "had none"
        yield "default-changed", "default", f"left out, it {means} now and {meant}"


KEYWORDS: tuple[Judge, ...] = (_numbers, _sizes, _formats, contents, _patterns, _repeats, _dependencies)


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _number(value: float | None) -> str:
    return "not there" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)


def _end(limit: tuple[Any, bool] | None, sign: int) -> str:
    return "not there" if limit is None else f"{_number(sign * limit[0])}{' excluded' if limit[1] else ''}"


def _all(texts: frozenset[str]) -> str:
    return " and ".join(sorted(texts)) or "not there"
