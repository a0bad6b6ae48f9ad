"""Documents with one thing broken at random: read, or refused in one line that names the file; nothing else ever comes out.

`TCHAT_MUTATIONS=100000 pytest tests/contracts/spec/source/test_mutated_documents.py` for the full size.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache, partial

import pytest

from contracts.spec import SpecError, canonical, parse
from contracts.spec.document import own_path
from contracts.spec.operation_identity import KnownOperation
from contracts.spec.source.overlays import apply
from tests.mutations import COUNT, VALUES, mutated_text, mutated_value, places


@cache
def small() -> bytes:
    """A document of ours with three paths: what the whole has of kinds of objects, in a tenth of its size."""
    document = json.loads(json.dumps(canonical().document))
    kept = ("/content/items", "/content/items/{id}", "/auth/login")
    document["paths"] = {path: document["paths"][path] for path in kept}
    return json.dumps(document).encode()


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
        read(mutated_value(rng, small()), "mutated.json")


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
    for _ in range(COUNT // 2):
        edited = json.loads(json.dumps(overlay))
        holder, key = rng.choice(places(edited))
        holder[key] = rng.choice((*VALUES, "$..*", "$[?@.a == 1]", "$.paths.*", "$['"))
        text = json.dumps(edited).encode()
        told = refusal(partial(apply, document, text, name="mutated.json"))
        assert not told or ("\n" not in told and "mutated.json" in told), told
