"""How a check speaks: it raises Breach when the target is wrong and Unchecked when it cannot tell.

A Breach says what was expected and what came, in words; the plugin adds the law, its source, the requests and how to
run it again. Neither is an assertion about this harness: any other exception in a check is a bug of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

SHOWN = 300


class Breach(AssertionError):
    """The target broke a law. `exchanges` are those that show it, where fewer than all of the test's do."""

    def __init__(self, expected: str, got: str, exchanges: Iterable[Any] = ()) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.expected = expected
        self.got = got
        self.exchanges = tuple(exchanges)


class Unchecked(Exception):
    """Nothing can be said of the law here, and why. Never a pass."""


class Unreachable(Exception):
    """The target cannot be reached at all."""


def expect(held: bool, expected: str, got: object, *answers: Any) -> None:
    """Raise unless it held. `answers` are those whose requests show the breach."""
    if not held:
        raise Breach(expected, show(got), [answer.exchange for answer in answers])


def equal(got: object, expected: object, what: str, *answers: Any) -> None:
    """Raise unless the two are equal; `what` names the thing compared."""
    if got != expected:
        where = _difference(expected, got)
        exchanges = [answer.exchange for answer in answers]
        raise Breach(f"{what} = {show(expected)}", f"{show(got)}{where}", exchanges)


def _difference(expected: object, got: object) -> str:
    """Which members differ, where both are objects; long objects are unreadable otherwise."""
    if not (isinstance(expected, dict) and isinstance(got, dict)):
        return ""
    keys = [key for key in {**expected, **got} if expected.get(key, ...) != got.get(key, ...)]
    return f" (differs in {', '.join(map(str, keys))})"


def show(value: object) -> str:
    """A value for people: strings as they are, all else as JSON, cut where it is long."""
    if isinstance(value, str) and value:
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
