r"""Parsing of untrusted JSON, with one exception for every kind of error.

msgspec raises three: its own for syntax and types, UnicodeError for bytes that are not UTF-8, and RecursionError for deep nesting. The
json module raises the last two as well.

>>> value_of(b'{"a": [1]}')
{'a': [1]}
>>> for text in (b"{", b'"\xff"', b"[" * 100_000, b"[1e999999999]"):
...     try:
...         value_of(text)
...     except JsonError as error:
...         print(error)
Input data was truncated
'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
arrays or objects too deep inside of each other
Number out of range - at `$[0]`
"""

import json
from typing import Any

import msgspec

TOO_DEEP = "arrays or objects too deep inside of each other"


class JsonError(ValueError):
    """A text is not JSON, or not of the expected form. The message is one line."""


def value_of(text: bytes | str, decoder: msgspec.json.Decoder[Any] | None = None) -> Any:
    """The value of a JSON text. `decoder` checks its form. Raises JsonError."""
    try:
        return msgspec.json.decode(text) if decoder is None else decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise JsonError(str(error)) from None
    except RecursionError:
        raise JsonError(TOO_DEEP) from None


def loose_value_of(text: bytes | str) -> Any:
    """The value of a JSON text as Python reads it, with NaN and numbers of any size, which are no fault here. Raises JsonError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise JsonError(str(error)) from None
    except RecursionError:
        raise JsonError(TOO_DEEP) from None


def has_lone_surrogate(text: bytes | str) -> bool:
    r"""Whether a JSON text has an escaped lone surrogate: JSON by its grammar (RFC 8259, 8.2), and no text.

    >>> has_lone_surrogate(rb'["\ud83d\ude00"]'), has_lone_surrogate(rb'{"a": "\ud83d"}'), has_lone_surrogate(b"{")
    (False, True, False)
    """
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
