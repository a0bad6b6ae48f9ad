"""The comparison of two schemas by keywords that can be judged alone, with one function for each family of keywords.

Each function yields (stem of a rule, keyword, text); the direction, and so the severity, is decided by its caller. A
keyword is compared only if it applies to a type that both schemas allow: `minLength` does not apply to an integer.
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from reports.compat.schema.json_values import ANY, NUMBERS
from reports.compat.schema.pattern_order import compare_patterns
from reports.compat.schema.schema_shape import SchemaShape

KeywordChange = tuple[str, str, str]
KeywordComparison = Callable[[SchemaShape, SchemaShape], Iterator[KeywordChange]]

# Keyword -> the type whose size it bounds.
_SIZES = {"Length": "string", "Items": "array", "Properties": "object"}
# Formats for strings only, by JSON Schema and OpenAPI's registry; any other may apply to numbers too (seconds, milliseconds).
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


def _types(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    lost, gained = old.types - new.types, new.types - old.types
    if lost:
        yield "type-narrowed", "type", f"may not be {_listed(lost)} any more"
    if gained:
        message = "may be anything now" if new.types == ANY else f"may be {_listed(gained)} now"
        yield "type-widened", "type", message


def _numbers(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    """The effective limits: for integers, `minimum: 1` and `exclusiveMinimum: 0` are the same."""
    if not old.types & new.types & NUMBERS:
        return
    whole = "fraction" not in old.types & new.types
    for sign, keyword, exclusive in ((1, "minimum", "exclusiveMinimum"), (-1, "maximum", "exclusiveMaximum")):
        was, now = (_limit(shape, sign, keyword, exclusive, whole) for shape in (old, new))
        if was == now:
            continue
        word = exclusive if exclusive in (new if now else old).keywords else keyword
        message = f"`{word}` is {_end(now, sign)} and was {_end(was, sign)}"
        yield (
            "range-widened" if now is None or (was is not None and now < was) else "range-narrowed",
            word,
            message,
        )
    yield from _multiples(old, new, whole)


def _limit(
    shape: SchemaShape, sign: int, keyword: str, exclusive: str, whole: bool
) -> tuple[Any, bool] | None:
    """(the tightest limit, whether it is exclusive), signed so that a larger one is always tighter."""
    ends = [(value, False) for value in shape.values_of(keyword)] + [
        (value, True) for value in shape.values_of(exclusive)
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


def _multiples(old: SchemaShape, new: SchemaShape, whole: bool) -> Iterator[KeywordChange]:
    was, now = ({Fraction(str(value)) for value in shape.values_of("multipleOf")} for shape in (old, new))
    if whole:
        was, now = was | {Fraction(1)}, now | {Fraction(1)}
    message = f"`multipleOf` is {_all(new.texts('multipleOf'))} and was {_all(old.texts('multipleOf'))}"
    if not all(any((each / by).denominator == 1 for each in was) for by in now):
        yield "range-narrowed", "multipleOf", message
    if not all(any((each / by).denominator == 1 for each in now) for by in was):
        yield "range-widened", "multipleOf", message


def _sizes(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    for what, kind in _SIZES.items():
        if kind not in old.types & new.types:
            continue
        least, most = f"min{what}", f"max{what}"
        was, now = _least(old, what), _least(new, what)
        if was != now and least in old.keywords | new.keywords:
            message = f"`{least}` is {now:,} and was {was:,}"
            yield (
                "range-narrowed" if now > was else "may-be-empty" if not now else "range-widened",
                least,
                message,
            )
        top, here = (min(shape.values_of(most), default=None) for shape in (old, new))
        if top != here:
            message = f"`{most}` is {_number(here)} and was {_number(top)}"
            yield (
                "range-widened" if here is None or (top is not None and here > top) else "range-narrowed",
                most,
                message,
            )


def _least(shape: SchemaShape, what: str) -> int:
    """The smallest size. An object with two required members has at least two, with or without `minProperties`."""
    needed = len(shape.required) if what == "Properties" else 0
    return int(max([*shape.values_of(f"min{what}"), needed]))


def _formats(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    both = old.types & new.types
    was, now = (_formats_of(shape, both) for shape in (old, new))
    if len(was) == len(now) == 1 and was != now:
        (one,), (other,) = was, now
        for wider, narrower, stem in ((other, one, "widened"), (one, other, "narrowed")):
            if _WIDER_FORMAT.get(narrower) == wider:
                yield f"format-{stem}", "format", f"`format` is {other} and was {one}"
                return
    yield from _one_of("format", was, now)


def content_keywords(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    """The encoding and media type within a string; a client that decodes by the old ones breaks in either direction."""
    for keyword in ("contentEncoding", "contentMediaType"):
        was, now = old.texts(keyword), new.texts(keyword)
        if was != now and "string" in old.types & new.types:
            yield "format-changed", keyword, f"`{keyword}` is {_all(now)} and was {_all(was)}"


def _formats_of(shape: SchemaShape, types: frozenset[str]) -> frozenset[str]:
    """The formats that may apply to one of the types: `email` does not apply to an integer."""
    formats = {str(value) for value in shape.values_of("format")}
    return frozenset(
        each for each in formats if "string" in types or (types & NUMBERS and each not in _TEXT_FORMATS)
    )


def _patterns(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    if "string" not in old.types & new.types:
        return
    lost, gained = old.texts("pattern") - new.texts("pattern"), new.texts("pattern") - old.texts("pattern")
    known = None
    if len(lost) == len(gained) == 1:
        known = compare_patterns(json.loads(next(iter(lost))), json.loads(next(iter(gained))))
    if known is None:
        yield from _one_of("pattern", old.texts("pattern"), new.texts("pattern"))
        return
    narrower, wider = known
    message = f"`pattern` is {next(iter(gained))} and was {next(iter(lost))}"
    if narrower:
        yield "pattern-narrowed", "pattern", message
    if wider:
        yield "pattern-widened", "pattern", message


def _one_of(keyword: str, was: frozenset[str], now: frozenset[str]) -> Iterator[KeywordChange]:
    if was == now:
        return
    message = f"`{keyword}` is {_all(now)} and was {_all(was)}"
    # More constraints are narrower and fewer are wider; other ones are not known to be either.
    stem = "narrowed" if was < now else "widened" if now < was else "changed"
    yield f"{keyword}-{stem}", keyword, message


def _repeats(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    was, now = (
        any(shape.values_of("uniqueItems")) and "array" in old.types & new.types for shape in (old, new)
    )
    if was != now:
        stem, message = (
            ("repeats-refused", "no element may repeat now")
            if now
            else ("repeats-allowed", "elements may repeat now")
        )
        yield stem, "uniqueItems", message


def _dependencies(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    if "object" not in old.types & new.types:
        return
    was, now = _pairs(old), _pairs(new)
    for name, needed in sorted(now - was):
        yield "dependency-added", "dependentRequired", f"`{name}` needs `{needed}` beside it now"
    for name, needed in sorted(was - now):
        yield "dependency-dropped", "dependentRequired", f"`{name}` may stand without `{needed}` now"


def _pairs(shape: SchemaShape) -> set[tuple[str, str]]:
    conditions = shape.values_of("dependentRequired")
    found = {
        (str(name), str(needed)) for each in conditions for name, listed in each.items() for needed in listed
    }
    # A member that is required anyway does not depend on another one.
    return {(name, needed) for name, needed in found if needed not in shape.required and needed != name}


def defaults(old: SchemaShape, new: SchemaShape) -> Iterator[KeywordChange]:
    was, now = old.texts("default"), new.texts("default")
    if was != now:
        means = f"means {_all(now)}" if now else "has no default"
        meant = f"meant {_all(was)}" if was else "had none"
        yield "default-changed", "default", f"left out, it {means} now and {meant}"


KEYWORDS: tuple[KeywordComparison, ...] = (
    _types,
    _numbers,
    _sizes,
    _formats,
    content_keywords,
    _patterns,
    _repeats,
    _dependencies,
)


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _number(value: float | None) -> str:
    return "not there" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)


def _end(limit: tuple[Any, bool] | None, sign: int) -> str:
    return "not there" if limit is None else f"{_number(sign * limit[0])}{' excluded' if limit[1] else ''}"


def _all(texts: frozenset[str]) -> str:
    return " and ".join(sorted(texts)) or "not there"
