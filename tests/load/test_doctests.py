"""The examples in the modules of load hold."""

import doctest
import importlib
from pathlib import Path

import pytest

LOAD = Path(__file__).resolve().parents[2] / "load"
MODULES = sorted(
    path.relative_to(LOAD.parent).with_suffix("").as_posix().replace("/", ".")
    for path in LOAD.rglob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried and not failed


def test_there_are_some() -> None:
    assert len(MODULES) > 20
