"""Hypothesis' folder never stands among installed packages."""

import os
import sysconfig
from pathlib import Path

import pytest

from contracts.suite.plugin.options import spare_packages

VARIABLE = "HYPOTHESIS_STORAGE_DIRECTORY"


@pytest.mark.parametrize("below", ["", "contracts"])
def test_it_goes_elsewhere(below: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")  # so that it is put back afterwards
    monkeypatch.delenv(VARIABLE)
    packages = Path(sysconfig.get_path("purelib"))
    spare_packages(packages / below)
    assert packages not in Path(os.environ[VARIABLE]).parents


def test_a_folder_of_ones_own_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    spare_packages(tmp_path)
    assert VARIABLE not in os.environ
