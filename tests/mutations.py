"""One thing broken at random in a file that a user could hand us: a value, a member, a few characters.

TCHAT_MUTATIONS says how many files each reader is tried with (`make test`: 400).
"""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

COUNT = int(os.environ.get("TCHAT_MUTATIONS", "400"))
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**400, 1.5, "", "x", "#/", "#/components/schemas/Nothing", "\x00", "é\u2028", [], [None], [[]], {}, {"$ref": 1},
    {"$ref": "#/paths"}, {"$ref": "other.yaml"}, {"type": "strnig"}, {"allOf": []}, {"x-slow": 1}, {"": ""},
)  # fmt: skip
CHARACTERS = "\n\t :-&*!|>{}[],\"'#%@`\\\x00\x7f\ufeff0aé"


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) below a JSON value."""
    found: list[tuple[Any, Any]] = []
    stack = [node]
    while stack:
        holder = stack.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])
    return found


def mutated_value(rng: random.Random, text: bytes, values: tuple[Any, ...] = VALUES) -> bytes:
    """JSON with one to three values exchanged, left out or renamed."""
    document = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(places(document) or [([None], 0)])
        kind = rng.random()
        if kind < 0.7:
            holder[key] = copy.deepcopy(rng.choice(values))
        elif kind < 0.85 or isinstance(holder, list):
            del holder[key]
        else:
            holder[rng.choice(("x-odd", "$ref", "", "get", "type"))] = holder.pop(key)
    return json.dumps(document).encode()


def mutated_text(rng: random.Random, text: str) -> bytes:
    """With one to four places cut out or written over."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 1, 1, 5, 200)))
        text = text[:start] + "".join(rng.choices(CHARACTERS, k=rng.randint(0, 3))) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def mutated(rng: random.Random, text: bytes) -> bytes:
    """Either, as the file allows, of JSON lines in one; now and then with bytes that are no text."""
    kind = rng.random()
    if kind < 0.5 and text.lstrip()[:1] in b"{[":
        lines = text.splitlines() if b"\n{" in text else [text]
        number = rng.randrange(len(lines))
        lines[number] = mutated_value(rng, lines[number])
        return b"\n".join(lines)
    broken = mutated_text(rng, text.decode("utf-8"))
    if kind > 0.95:
        at = rng.randrange(len(broken) + 1)
        broken = broken[:at] + rng.randbytes(3) + broken[at:]
    return broken
