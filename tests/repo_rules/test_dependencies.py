"""What is installed is pinned: every version by the hashes of its files, every action of the workflows by its commit."""

from __future__ import annotations

import re
import tomllib

from tests.repo_rules.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", "")
PINNED = {line.partition("==")[0]: line for line in LOCK.splitlines() if line.strip()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


def test_every_version_has_hashes() -> None:
    """One file for each system at least: a source distribution alone would be a build on somebody's machine."""
    assert len(PINNED) > 50
    assert [
        name
        for name, line in PINNED.items()
        if not re.search(r"^\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_every_dependency_is_pinned() -> None:
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {_name(requirement) for requirement in asked} - set(PINNED) == set(), "run: make lock"


def test_every_action_is_pinned_by_commit() -> None:
    used = [
        line.partition("uses:")[2].strip()
        for path in sorted((ROOT / ".github").rglob("*.yml"))
        for line in path.read_text("utf-8").splitlines()
        if "uses:" in line
    ]
    assert used
    assert [
        action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    ] == []
