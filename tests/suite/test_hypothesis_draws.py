"""What the suite draws with Hypothesis depends on its seed, and not on the modules that are imported."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from contracts.suite.programs import program_search


def drawn() -> list[str]:
    """The texts that a search draws from one seed, with nothing in the cache of constants that Hypothesis keeps."""
    providers.CONSTANTS_CACHE.cache.clear()
    target = SimpleNamespace(
        recorder=SimpleNamespace(enough=lambda _: False, keep=lambda _: None),
        settings=SimpleNamespace(seed=7),
    )
    api: Any = SimpleNamespace(target=target)
    texts: list[str] = []
    program_search.run(api, None, 200, st.lists(st.text(), min_size=3), texts.extend)
    return texts


def test_a_module_more_changes_no_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = drawn()
    file = tmp_path / "module_of_a_user.py"
    file.write_text("\n".join(f"NAME_{number} = 'constant {number}'" for number in range(100)))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module(file.stem)
    try:
        assert drawn() == before
    finally:
        del sys.modules[file.stem]
    assert len(before) > 1000 and not any(text.startswith("constant ") for text in before)
