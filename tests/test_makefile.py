"""The Makefile: only a gate that ran and passed exits with 0, and no value of the user's is run as code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKE = os.environ.get("MAKE_OF_TESTS", "make")
"""The make to test with; macOS' own is GNU make 3.81."""
FAILED = 2
"""The code of make for every command that fails."""


class Checkout:
    """The Makefile alone, in a folder with an environment: a program stands in place of its Python."""

    def __init__(self, place: Path) -> None:
        self.root = place / "a checkout"
        self.root.mkdir()
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            (self.root / name).write_bytes((ROOT / name).read_bytes())
        (self.root / "reports").mkdir()
        self.venv = place / "an environment"

    def environment(self, python: str) -> None:
        """Set up already: `python` is a shell script in place of the interpreter."""
        (self.venv / "bin").mkdir(parents=True)
        program = self.venv / "bin" / "python"
        program.write_text(f"#!/bin/sh\n{python}\n")
        program.chmod(0o755)
        (self.venv / ".stamp").touch()

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "TCHAT"))}
        return subprocess.run(
            [MAKE, *words], cwd=self.root, env={**kept, "VENV": str(self.venv), **variables},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("code", [0, 1, 2, 64, 69, 70, 127])
def test_only_a_gate_that_passes_exits_with_0(checkout: Checkout, code: int) -> None:
    checkout.environment(f"exit {code}")
    ended = checkout.make("gate")
    assert ended.returncode == (FAILED if code else 0)
    if code:
        assert f"Error {code}" in ended.stderr


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"PYTHON": "/bin/false"}, id="a python that fails"),
        pytest.param({"PYTHON": "/nowhere/python"}, id="no python"),
        pytest.param({"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}, id="registry down"),
    ],
)  # fmt: skip
def test_no_environment_no_pass(checkout: Checkout, variables: dict[str, str]) -> None:
    python = {"PYTHON": sys.executable}
    assert checkout.make("gate", **python | variables).returncode == FAILED
    assert not (checkout.venv / ".stamp").exists()


@pytest.mark.parametrize("from_environment", [False, True], ids=["argument", "environment"])
@pytest.mark.parametrize("name", ["TARGET", "PROFILE", "GATE_OPTIONS", "PYTHON", "VENV"])
@pytest.mark.parametrize(
    "code", ["x;touch run", "x&touch run", "$(touch run)", "$(shell touch run)", "`touch run`", "x' 'touch run", '"; touch run; "', "$$(touch run)"]
)  # fmt: skip
def test_no_value_is_run(checkout: Checkout, name: str, code: str, from_environment: bool) -> None:
    if name != "VENV":
        checkout.environment('printf "%s\\n" "$@" >> told; exit 1')
    variables = {name: code} if from_environment else {}
    words = [] if from_environment else [f"{name}={code}"]
    if name == "PYTHON":
        (checkout.venv / ".stamp").unlink()
    if name == "VENV":
        variables |= {"PYTHON": "/bin/false"}
    assert checkout.make("gate", *words, **variables).returncode == FAILED
    assert not (checkout.root / "run").exists()
    if name in ("TARGET", "PROFILE"):
        told = (checkout.root / "told").read_text().splitlines()
        assert told == ["-m", "reports", "gate", f"--{name.lower()}", code]


@pytest.mark.parametrize("flags", [["-i"], ["-t"], ["-ki"], ["SHELL=/bin/true"]])
@pytest.mark.parametrize("goal", ["gate", "test"])
def test_make_is_not_told_to_look_away(checkout: Checkout, flags: list[str], goal: str) -> None:
    checkout.environment("exit 1")
    assert checkout.make(*flags, goal).returncode == FAILED


NEWER = r"^\.ONESHELL|\.SHELLFLAGS|override export|export override|^undefine|\bprivate\b|[^:?+ ]*\s*(::=|:::=|!=)|&:|\$\((file|guile|let|intcmp) |\.RECIPEPREFIX"
"""What GNU make 3.81 reads as something else: it is older than 3.82."""


def test_the_make_of_macos_can_read_it() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#") and re.search(NEWER, line)] == []


def test_a_recipe_of_several_commands_ends_with_the_first_that_fails() -> None:
    """Whatever flags its shell has, which an old make gives none."""
    text = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    recipes = [line for line in text.splitlines() if line.startswith("\t")]
    several = [one for one in recipes if re.search(r"; |_OPTIONS", one)]
    assert [one for one in several if not one.startswith("\t@$(strict) ")] == [] and len(several) > 5
