"""Server and model agree whatever code path leads to a page."""

import pytest

from tests.differential.harness import failure_text
from tests.differential.harness.content_harness import play, world
from tests.differential.programs.content_programs import draw
from tests.mock_server.list_code_paths import PATHS, force

LENGTH = 300


@pytest.mark.parametrize("code_path", PATHS)
@pytest.mark.parametrize("seed", [101, 102])
def test_they_agree(code_path: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    program = draw(seed, LENGTH, world())
    force(monkeypatch, code_path)
    if play(program, seed=seed).found is not None:
        pytest.fail(failure_text.of_content(program, seed=seed), pytrace=False)
