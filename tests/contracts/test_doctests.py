"""The examples in the docstrings of contracts say what the code does."""

import doctest
import importlib
from pathlib import Path

import pytest

import contracts

ROOT = Path(contracts.__file__).parent
MODULES = [
    ".".join(("contracts", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if not {"checks", "conftest.py", "node_modules"} & set(path.relative_to(ROOT).parts)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
