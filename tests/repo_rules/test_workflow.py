"""The workflows name what is there: make targets, profiles, environment variables, files of a run folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.suite.world.suite_settings import OPTIONS
from reports.formats.archive import FORMATS
from reports.gate.plan import PROFILES

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    path.name: path.read_text("utf-8") for path in sorted((ROOT / ".github").rglob("*.yml"))
}  # fmt: skip
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def values(document: Any) -> Iterator[str]:
    """Every string of a document, keys too."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from (str(key), *values(value))
    elif isinstance(document, list):
        for value in document:
            yield from values(value)
    else:
        yield str(document)


def test_there_is_one_for_each_service() -> None:
    assert set(FILES) == {"gate.yml", "gitlab-ci.example.yml"}


@pytest.mark.parametrize("name", FILES)
def test_it_names_only_what_exists(name: str) -> None:
    text = "\n".join(values(yaml.safe_load(FILES[name])))
    asked = {
        target
        for line in re.findall(r"make ([^\n]+)", text)
        for target in re.findall(r"(?<![\w=$\"])[a-z-]+(?![\w=])", line)
    }
    assert asked & {"setup"} and asked <= TARGETS
    assert ".venv/bin/python -m reports gate" in text
    assert set(re.findall(r"'(quick|release|nightly|slow|full)'", text)) <= set(PROFILES)
    named = {word.removeprefix("TCHAT_").lower().replace("_", "-") for word in re.findall(r"\bTCHAT_[A-Z_]+", text)}  # fmt: skip
    assert named <= set(OPTIONS)
    files = set(re.findall(r"reports/out/2\*/([\w.]+)", text))
    assert files and files <= {*FORMATS, "logs"}


@pytest.mark.parametrize("name", FILES)
def test_no_value_of_a_user_is_pasted_into_a_script(name: str) -> None:
    """Values reach the shell as variables in double quotes: `${{ }}` in a script would be run as code."""
    document = yaml.safe_load(FILES[name])
    jobs = document.get("jobs", document)
    scripts = [
        line
        for job in jobs.values()
        if isinstance(job, dict)
        for line in [*job.get("script", []), *(step.get("run", "") for step in job.get("steps", []))]
    ]
    assert any("reports gate" in script for script in scripts)
    assert not any("${{" in script for script in scripts)
    used = re.findall(r".?\$\w+.?", "\n".join(scripts))
    assert [use for use in used if not re.fullmatch(r'["/{].*|.*[":]', use)] == []


def test_a_pull_request_is_gated_quickly_and_a_tag_thoroughly() -> None:
    profile = yaml.safe_load(FILES["gate.yml"])["jobs"]["gate"]["env"]["PROFILE"]
    assert re.fullmatch(
        r"\$\{\{ startsWith\(github.ref, 'refs/tags/'\) && '(\w+)' \|\| '(\w+)' \}\}", profile
    )
    assert re.findall(r"'(\w+)'", profile) == ["release", "quick"]


def test_the_job_that_runs_code_of_a_pull_request_may_write_only_findings() -> None:
    document = yaml.safe_load(FILES["gate.yml"])
    assert document["permissions"] == {"contents": "read"}
    granted = {name: job.get("permissions", {}) for name, job in document["jobs"].items()}
    assert granted["gate"] == {"contents": "read", "actions": "read", "security-events": "write"}
    assert not any(granted[name] for name in granted if name != "gate")
    checkouts = [
        s for job in document["jobs"].values() for s in job["steps"] if "checkout" in s.get("uses", "")
    ]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_a_kept_environment_belongs_to_one_interpreter() -> None:
    """It links to it; one of another patch release would leave a link to nothing."""
    steps = yaml.safe_load(FILES["gate.yml"])["jobs"]["gate"]["steps"]
    (kept,) = [step["with"]["key"] for step in steps if step.get("uses", "").startswith("actions/cache@")]
    (python,) = [step["id"] for step in steps if step.get("uses", "").startswith("actions/setup-python@")]
    assert f"steps.{python}.outputs.python-version" in kept and "requirements.lock" in kept
