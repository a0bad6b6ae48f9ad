"""The Makefile in a real clone: only a gate that ran and passed exits with 0, and no value of the user's is run as code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FAILED = 2
"""The code of make for every command that fails."""


class Clone:
    """A clone of this repository with an environment: the one that runs these tests, or a program in place of its Python."""

    def __init__(self, place: Path) -> None:
        self.root = place / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.root)], check=True)
        (self.root / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
        self.venv = place / "an environment"

    def environment(self, python: str = f'exec {sys.executable} "$@"') -> None:
        """Set up already: `python` is a shell script in place of the interpreter."""
        (self.venv / "bin").mkdir(parents=True)
        program = self.venv / "bin" / "python"
        program.write_text(f"#!/bin/sh\n{python}\n")
        program.chmod(0o755)
        (self.venv / ".stamp").touch()

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "TCHAT"))}
        return subprocess.run(
            ["make", *words], cwd=self.root, env={**kept, "VENV": str(self.venv), **variables},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.mark.parametrize("code", [0, 1, 2, 64, 69, 70, 127])
def test_only_a_gate_that_passes_exits_with_0(clone: Clone, code: int) -> None:
    clone.environment(f"exit {code}")
    ended = clone.make("gate")
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
@pytest.mark.parametrize("left_behind", [False, True], ids=["fresh", "after an older gate"])
def test_no_environment_no_pass(clone: Clone, variables: dict[str, str], left_behind: bool) -> None:
    if left_behind:
        out = clone.root / "reports" / "out"
        out.mkdir()
        (out / ".verdict.mk").write_text("STATUS := 0\n")
    python = {"PYTHON": sys.executable}
    assert clone.make("gate", **python | variables).returncode == FAILED
    assert not (clone.venv / ".stamp").exists()


@pytest.mark.parametrize("kind", ["a file", "not writable"])
def test_a_place_for_reports_that_cannot_be_written_is_no_pass(clone: Clone, kind: str) -> None:
    clone.environment()
    out = clone.root / "reports" / "out"
    if kind == "a file":
        out.write_text("")
    else:
        out.symlink_to("/proc")  # where not even root can make a folder
    ended = clone.make("gate", "GATE_OPTIONS=--only contracts --budget 1s")
    assert ended.returncode == FAILED
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("from_environment", [False, True], ids=["argument", "environment"])
@pytest.mark.parametrize("name", ["TARGET", "PROFILE", "GATE_OPTIONS", "PYTHON", "VENV"])
@pytest.mark.parametrize(
    "code", ["x;touch run", "x&touch run", "$(touch run)", "$(shell touch run)", "`touch run`", "x' 'touch run", '"; touch run; "', "$$(touch run)"]
)  # fmt: skip
def test_no_value_is_run(clone: Clone, name: str, code: str, from_environment: bool) -> None:
    if name != "VENV":
        clone.environment('printf "%s\\n" "$@" >> told; exit 1')
    variables = {name: code} if from_environment else {}
    words = [] if from_environment else [f"{name}={code}"]
    if name == "PYTHON":
        (clone.venv / ".stamp").unlink()
    if name == "VENV":
        variables |= {"PYTHON": "/bin/false"}
    assert clone.make("gate", *words, **variables).returncode == FAILED
    assert not (clone.root / "run").exists()
    if name in ("TARGET", "PROFILE"):
        told = (clone.root / "told").read_text().splitlines()
        assert told == ["-m", "reports", "gate", f"--{name.lower()}", code]


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/api&x=1", "http://127.0.0.1:1/api", "nonsense"])
def test_a_target_that_is_none_is_told(clone: Clone, target: str) -> None:
    clone.environment()
    ended = clone.make("gate", f"TARGET={target}")
    assert ended.returncode == FAILED
    assert target in ended.stderr and "Error 6" in ended.stderr


@pytest.mark.parametrize("flags", [["-i"], ["-t"], ["-ki"], ["SHELL=/bin/true"]])
@pytest.mark.parametrize("goal", ["gate", "test"])
def test_make_is_not_told_to_look_away(clone: Clone, flags: list[str], goal: str) -> None:
    clone.environment("exit 1")
    assert clone.make(*flags, goal).returncode == FAILED
