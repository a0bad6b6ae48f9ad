"""JSON values as text that can be compared, and their types: a number is an integer or a fraction.

>>> text(2.0) == text(2), text(True) == text(1)
(True, False)
"""

import json
from collections.abc import Mapping
from typing import Any

# `number` is two kinds, so that an integer is one of them.
KINDS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"integer", "fraction"}),
    **{name: frozenset({name}) for name in ("string", "integer", "boolean", "null", "array", "object")},
}
NUMBERS = KINDS["number"]
ANY = frozenset().union(*KINDS.values())


def text(value: Any) -> str:
    """JSON text, in which 2 and 2.0 are one value and true is not 1."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    return value


def kind(value: Any) -> frozenset[str]:
    match value:
        case bool():
            return KINDS["boolean"]
        case int():
            return KINDS["integer"]
        case float():
            return frozenset({"fraction"})
        case str():
            return KINDS["string"]
        case None:
            return KINDS["null"]
        case list():
            return KINDS["array"]
    return KINDS["object"]
