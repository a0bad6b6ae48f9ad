"""Documents with one thing broken at random: read, or refused in one line that names the file; nothing else ever comes out.

`TCHAT_MUTATIONS=100000 pytest tests/contracts/spec/source/test_mutated_documents.py` for the full size.
"""

import json
import random
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from contracts.spec import SpecError, canonical, parse
from contracts.spec.document import own_path
from contracts.spec.operation_identity import KnownOperation
from contracts.spec.source.overlays import apply
from tests.mutations import COUNT

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**400, 1.5, "", "x", "#/", "#/components/schemas/Nothing", "\x00", "é\u2028", [], [None], [[]], {}, {"$ref": 1},
    {"$ref": "#/paths"}, {"$ref": "other.yaml"}, {"type": "strnig"}, {"allOf": []}, {"x-slow": 1}, {"": ""},
)  # fmt: skip
CHARACTERS = "\n\t :-&*!|>{}[],\"'#%@`\\\x00\x7f\ufeff0aé"


@cache
def small() -> bytes:
    """A document of ours with three paths: what the whole has of kinds of objects, in a tenth of its size."""
    document = json.loads(json.dumps(canonical().document))
    kept = ("/content/items", "/content/items/{id}", "/auth/login")
    document["paths"] = {path: document["paths"][path] for path in kept}
    return json.dumps(document).encode()


def places(node: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    stack = [node]
    while stack:
        holder = stack.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])
    return found


def mutated_value(rng: random.Random) -> bytes:
    document = json.loads(small())
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(places(document))
        kind = rng.random()
        if kind < 0.7:
            holder[key] = rng.choice(VALUES)
        elif kind < 0.85 or isinstance(holder, list):
            del holder[key]
        else:
            holder[rng.choice(("x-odd", "$ref", "", "get", "type"))] = holder.pop(key)
    return json.dumps(document).encode()


def mutated_text(rng: random.Random, text: str) -> bytes:
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text))
        end = min(len(text), start + rng.choice((0, 1, 1, 5, 200)))
        text = text[:start] + "".join(rng.choices(CHARACTERS, k=rng.randint(0, 3))) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def refusal(make: Callable[[], object]) -> str:
    """The line of a refusal; empty where there is none."""
    try:
        make()
    except SpecError as error:
        return str(error)
    return ""


def read(text: bytes, name: str) -> None:
    known = [KnownOperation(operation.id, operation.method, operation.path) for operation in canonical()]
    told = refusal(lambda: parse(text, name=name, known=known))
    assert not told or ("\n" not in told and name in told), told


@pytest.mark.parametrize("part", range(4))
def test_a_document_with_wrong_values_is_read_or_refused(part: int) -> None:
    rng = random.Random(part)
    for _ in range(COUNT // 4):
        read(mutated_value(rng), "mutated.json")


def test_a_document_with_wrong_characters_is_read_or_refused() -> None:
    rng = random.Random(99)
    yaml_text = own_path().read_text("utf-8")
    head = yaml_text[: yaml_text.index("\n  /content/items/{id}:")] + "\n"
    for number in range(COUNT // 2):
        if number % 2:
            read(mutated_text(rng, head), "mutated.yaml")
        else:
            read(mutated_text(rng, small().decode()[:20_000]), "mutated.json")


def test_an_overlay_with_wrong_values_is_read_or_refused() -> None:
    rng = random.Random(7)
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [
            {"target": "$.paths['/content/items'].get", "update": {"summary": "x"}},
            {"target": "$.servers[0]", "remove": True},
            {"target": "$.info", "copy": "$.tags[0]"},
        ],
    }
    document = json.loads(small())
    for _ in range(COUNT):
        edited = json.loads(json.dumps(overlay))
        holder, key = rng.choice(places(edited))
        holder[key] = rng.choice((*VALUES, "$..*", "$[?@.a == 1]", "$.paths.*", "$['"))
        text = json.dumps(edited).encode()
        told = refusal(partial(apply, document, text, name="mutated.json"))
        assert not told or ("\n" not in told and "mutated.json" in told), told


def test_an_objective_of_four_hundred_digits_is_refused() -> None:
    document = json.loads(small())
    document["paths"]["/auth/login"]["post"]["x-slo"]["errorShare"] = 10**400
    told = refusal(lambda: parse(json.dumps(document).encode(), name="mutated.json"))
    assert "x-slo holds numbers" in told and "mutated.json" in told
