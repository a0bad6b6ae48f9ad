"""`Unknown`, a placeholder for a value that only the server can choose (an id, a stamp), and `unify`, which finds its value in an answer.

An expected answer is JSON with such placeholders. The laws about the values found are in `contracts.model.workspace.bind`.

    >>> unify({"id": Unknown("item", 0), "n": 1}, {"id": "c-1", "n": 1}, {})
    {Unknown(kind='item', key=0, part=None): 'c-1'}
    >>> unify({"n": 1}, {"n": True}, {})
    Traceback (most recent call last):
    contracts.model.unknown.MismatchError: /n: expected 1, got true
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.model.unpromised import AnyOrder, Unpromised

LOCATION = re.compile(r"(/api)?/content/items/(?P<id>[^/?#]+)/?")


@dataclass(frozen=True, slots=True)
class Unknown:
    """One choice of the server. Kinds: `item` (id of the item with index `key`), `stamp` (`key` is its position among all stamps of
    the workspace), `version` (id of version `part` of item `key`), `field` (a member of a version that was never seen),
    `present` (the server's time at a sync), `text` (a sentence for people)."""

    kind: str
    key: int
    part: str | int | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """An object that must have these members and may have others."""

    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Located:
    """A Location header that names this item."""

    item: Any


class MismatchError(Exception):
    """The first place where the answer differs from the expectation."""

    def __init__(self, place: str, expected: Any, got: Any) -> None:
        super().__init__(f"{place or '/'}: expected {shown(expected)}, got {shown(got)}")
        self.place, self.expected, self.got = place or "/", shown(expected), shown(got)


Bindings = dict[Unknown, Any]


def unify(expected: Any, got: Any, known: Mapping[Unknown, Any]) -> Bindings:
    """The values that the answer gives to the unknowns in the expectation. Raises MismatchError if answer and expectation differ."""
    found: Bindings = {}
    _walk(expected, got, known, found, "")
    return found


def _walk(expected: Any, got: Any, known: Mapping[Unknown, Any], found: Bindings, place: str) -> None:
    if isinstance(got, Unpromised):
        return
    if isinstance(expected, Unknown):
        if expected in known:
            expected = known[expected]
        elif expected not in found:
            found[expected] = got
            return
        else:
            expected = found[expected]
    if isinstance(expected, Located):
        match = LOCATION.fullmatch(got) if isinstance(got, str) else None
        if match is None:
            raise MismatchError(place, "a path under /content/items", got)
        _walk(expected.item, match["id"], known, found, place)
    elif isinstance(expected, Partial | Mapping):
        if not isinstance(got, dict):
            raise MismatchError(place, expected, got)
        wanted = expected.members if isinstance(expected, Partial) else expected
        for name, value in wanted.items():
            if name not in got:
                raise MismatchError(f"{place}/{name}", value, "no such member")
            _walk(value, got[name], known, found, f"{place}/{name}")
        extra = [] if isinstance(expected, Partial) else sorted(set(got) - set(expected))
        if extra:
            raise MismatchError(f"{place}/{extra[0]}", "no such member", got[extra[0]])
    elif isinstance(expected, list | tuple):
        if not isinstance(got, list) or len(got) != len(expected):
            raise MismatchError(place, _seen(list(expected), known), got)
        if isinstance(got, AnyOrder):
            expected, got = sorted(expected, key=repr), sorted(got, key=repr)
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            _walk(one, other, known, found, f"{place}/{index}")
    elif not same(expected, got):
        raise MismatchError(place, expected, got)


def _seen(value: Any, known: Mapping[Unknown, Any]) -> Any:
    """The value with the known choices of the server filled in, for people to read."""
    if isinstance(value, Unknown):
        return known.get(value, value)
    if isinstance(value, Mapping):
        return {name: _seen(member, known) for name, member in value.items()}
    return [_seen(member, known) for member in value] if isinstance(value, list | tuple) else value


def same(one: Any, other: Any) -> bool:
    """Equal as JSON values: `true` is not 1, and 2.0 is 2."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def shown(value: Any) -> str:
    """The value as short text: JSON if possible, ids for a list of items, at most 200 characters."""
    if isinstance(value, list | tuple) and value and all(isinstance(v, Mapping) and "id" in v for v in value):
        return f"{len(value)} with ids [{', '.join(_id(v['id']) for v in value)}]"
    if isinstance(value, Unknown):
        return f"any {value.kind}"
    if isinstance(value, Unpromised):
        return repr(value)
    if isinstance(value, Partial):
        return shown(dict(value.members))
    if isinstance(value, bytes):
        return shown(value.decode("utf-8", "backslashreplace"))
    text = json.dumps(value, ensure_ascii=False, default=shown)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _id(value: Any) -> str:
    return value if isinstance(value, str) else "?"
