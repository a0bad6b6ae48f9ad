"""README.md says what is true today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.readme import README, written

ROOT = README.parent
TEXT = README.read_text("utf-8")


def test_generated_tables_are_fresh() -> None:
    assert written(TEXT) == TEXT, "run: make readme"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-m", "reports", "gate", "--help"], id="gate"),
        pytest.param(["-m", "mock_server", "--help"], id="mock_server"),
        pytest.param(["-m", "pytest", "contracts", "--help"], id="suite"),
        pytest.param(["-m", "locust", "-f", "load/locustfile.py", "--list-scenarios"], id="load"),
    ],
)
def test_every_option_that_the_page_names_exists(command: list[str]) -> None:
    """Each command's options, as the page's section about it names them, are in that command's own help."""
    section = {
        "reports": "## For CI",
        "mock_server": "## The reference server",
        "pytest": "## For QA",
        "locust": "## For performance engineers",
    }[command[1]]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT.partition(section)[2].partition("\n## ")[0]))
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(re.findall(r"--[a-z][a-z-]+", done.stdout))
    elsewhere = {
        "--junitxml",
        "--lf",
        "--headless",
        "--host",
        "--simulate",
        "--outage",
        "--clients",
        "--upstream",
    }
    assert named - known - elsewhere == set()


def test_every_make_target_that_the_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path(ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"make ([a-z][a-z-]+)", TEXT)) - {"sure"} <= targets
