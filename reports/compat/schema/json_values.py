"""Canonical JSON text for comparing values, and the types of values; a number is an integer or a fraction.

>>> canonical_json(2.0) == canonical_json(2), canonical_json(True) == canonical_json(1)
(True, False)
"""

import json
from collections.abc import Mapping
from typing import Any

# `number` is two kinds, so that an integer is one of them.
TYPE_SETS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"integer", "fraction"}),
    **{name: frozenset({name}) for name in ("string", "integer", "boolean", "null", "array", "object")},
}
NUMBERS = TYPE_SETS["number"]
ANY = frozenset().union(*TYPE_SETS.values())


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)


def canonical_json(value: Any) -> str:
    """JSON text that is equal for equal values: 2 and 2.0 are equal, true and 1 are not."""
    return _ENCODER.encode(_plain(value))


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    return value


def types_of(value: Any) -> frozenset[str]:
    match value:
        case bool():
            return TYPE_SETS["boolean"]
        case int():
            return TYPE_SETS["integer"]
        case float():
            return frozenset({"fraction"})
        case str():
            return TYPE_SETS["string"]
        case None:
            return TYPE_SETS["null"]
        case list():
            return TYPE_SETS["array"]
    return TYPE_SETS["object"]
