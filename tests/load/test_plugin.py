"""Locust's --help with our options in it: which command lines are meant, and a real one."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from load.plugin import OURS, words
from tests.waiting import HANG

ROOT = OURS.parent.parent
FILE = str(OURS)


@pytest.mark.parametrize(
    ("argv", "environment", "instead"),
    [
        pytest.param(("bin/locust", "-f", FILE, "--help"), {}, ["-f", FILE, "--help-all"], id="the script"),
        pytest.param(("-m", "locust", "-h", "-f", FILE), {}, ["--help-all", "-f", FILE], id="the module"),
        pytest.param(
            ("locust", f"--locustfile={FILE}", "-h"), {}, [f"--locustfile={FILE}", "--help-all"], id="with ="
        ),
        pytest.param(
            ("locust", "-f", f"other.py, {FILE}", "-h"), {}, ["-f", f"other.py, {FILE}", "--help-all"],
            id="one of several files",
        ),
        pytest.param(("locust", "-h"), {"LOCUST_LOCUSTFILE": FILE}, ["--help-all"], id="by the environment"),
        pytest.param(("locust", "-h"), {}, None, id="no file"),
        pytest.param(("locust", "-f", "other.py", "-h"), {"LOCUST_LOCUSTFILE": FILE}, None, id="another file"),
        pytest.param(("locust", "-f", FILE), {}, None, id="no question"),
        pytest.param(("locust", "-f", FILE, "--help-all"), {}, None, id="asked already"),
        pytest.param(("-m", "pytest", "locust", "-h"), {}, None, id="another program"),
        pytest.param(("-c", "import locust"), {}, None, id="no program"),
        pytest.param((), {}, None, id="nothing"),
    ],
)  # fmt: skip
def test_which_processes_start_anew(
    argv: tuple[str, ...], environment: dict[str, str], instead: list[str] | None
) -> None:
    assert words(["python", *argv], environment) == instead


def test_the_help_of_a_process_with_the_plugin(tmp_path: Path) -> None:
    """As an installation would: gevent finds plug-ins by the metadata of packages on the path."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    lines = [
        f"[{group}]\n{name} = {place}\n" for group, found in declared.items() for name, place in found.items()
    ]
    metadata = tmp_path / "tried-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tried\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--help"], cwd=ROOT, text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, capture_output=True, timeout=HANG, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert (
        "Usage: locust" in done.stdout
        and "Tchat harness:" in done.stdout
        and "--scenario NAME" in done.stdout
    )
