"""Server and model agree whatever way leads to a page: each is forced on worlds far too small to need it."""

from __future__ import annotations

import pytest

from tests.differential.harness import failure_text
from tests.differential.harness.content_harness import play, world
from tests.differential.programs.content_programs import draw
from tests.mock_server.ways import WAYS, force

LENGTH = 300


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [101, 102])
def test_they_agree(way: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    program = draw(seed, LENGTH, world())
    force(monkeypatch, way)
    if play(program, seed=seed).found is not None:
        pytest.fail(failure_text.of_content(program, seed=seed), pytrace=False)
