"""Files spoiled in small ways: a value of another kind, a member gone or twice, bytes cut, turned or put in.

The same seed gives the same file. What is spoiled is any file that a user may hand to a command. TCHAT_MUTATIONS says how many files
each reader is tried with; what takes long is tried with a fixed part of it.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from typing import Any

COUNT = int(os.environ.get("TCHAT_MUTATIONS", "400"))
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), "", " ",
    "x", "NaN", "2026-11-22T10:00:00", "2026-11-22T10:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "\u202e", "\x00", "\x1b]52;c;QQ==\x07", "\ud800", "<script>", "../../etc", "é" * 50, [], {}, [None], [[]], [-1, -1],
    {"a": 1}, ["x"] * 40, {"thresholdMs": "x", "share": None, "over": -1, "answered": 0},
)  # fmt: skip
BYTES = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
    b"{",
    b"}",
    b"]",
    b",",
    b'"',
    b"\xff",
    b"- ",
    b"&a *a",
    b"!!python/name:os",
    b"\n\n",
    b"NaN",
)


def of_json(document: Any, rng: random.Random) -> bytes:
    """A JSON document with one to three changes inside, or in its bytes."""
    if rng.random() < 0.15:
        return of_bytes(json.dumps(document).encode(), rng)
    made = json.loads(json.dumps(document))
    for _ in range(rng.randint(1, 3)):
        places = list(_places(made))
        if places:
            _change(*rng.choice(places), rng)
    return json.dumps(made).encode("utf-8", "surrogatepass")


def of_lines(lines: list[Any], rng: random.Random) -> bytes:
    """JSON values, a line each, of which one is spoiled."""
    made = [json.dumps(line).encode() for line in lines]
    number = rng.randrange(len(made))
    made[number] = of_json(lines[number], rng)
    return b"\n".join(made)


def of_bytes(text: bytes, rng: random.Random) -> bytes:
    at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    match rng.randrange(4):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + text[min(to, at + 20) :]
        case 2:
            return text[:at] + rng.choice(BYTES) + text[at:]
        case _:
            return text[:at] + bytes(rng.randrange(256) for _ in range(3)) + text[at + 3 :]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside; of a long list its ends."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    elif isinstance(value, list):
        keys = [*range(min(3, len(value))), *([len(value) - 1] if len(value) > 3 else [])]
    else:
        return
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change(container: Any, key: Any, rng: random.Random) -> None:
    match rng.randrange(6):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            container[f"{key}New"] = container[key]
        case 1:
            container.insert(key, container[key])
        case 2 if isinstance(container[key], int | float) and not isinstance(container[key], bool):
            container[key] = -container[key] if rng.random() < 0.5 else container[key] * 10**12
        case _:
            container[key] = copy.deepcopy(rng.choice(VALUES))
