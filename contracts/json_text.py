r"""A JSON text of somebody else's: whatever is wrong with it is one exception.

msgspec has three of them: one for grammar and types, Python's for bytes that are no UTF-8, and Python's for what is nested too deep.
Python's own reader has the last two.

>>> value_of(b'{"a": [1]}')
{'a': [1]}
>>> for text in (b"{", b'"\xff"', b"[" * 100_000, b"[1e999999999]"):
...     try:
...         value_of(text)
...     except JsonError as error:
...         print(error)
Input data was truncated
'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
maximum recursion depth exceeded while deserializing an object
Number out of range - at `$[0]`
"""

import json
from typing import Any

import msgspec


class JsonError(ValueError):
    """The text is no JSON, or not of the form that was asked for: why, in one line."""


def value_of(text: bytes | str, decoder: msgspec.json.Decoder[Any] | None = None) -> Any:
    """Its value, or JsonError. `decoder` knows a form that it must have."""
    try:
        return msgspec.json.decode(text) if decoder is None else decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise JsonError(str(error)) from None


def loose_value_of(text: bytes | str) -> Any:
    """Its value as Python reads it, with NaN and numbers of any size: for who asks after other faults than those. Or JsonError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise JsonError(str(error)) from None
